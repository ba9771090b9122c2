/*
 * api.ts - requests to the server.
 *
 * Reads are tried again, with longer and longer pauses, until the server
 * answers: `link` tells the page meanwhile.  Writes are sent once, because an
 * answer that is lost does not tell whether they were done; but those with an
 * Idempotency-Key are sent again, and done once.  Paths begin with
 * '/', and are asked for relative to the page: a proxy may have put both below
 * another path.  The session is a cookie, which counts beside a header that no
 * other site can send.
 */
import { Cell } from "./cell";
import { type Session, session, signOut } from "./session";

export class Failure extends Error {
	constructor(
		readonly status: number, /* 0: no answer came */
		message: string,
		readonly body: unknown = null,
	) {
		super(message);
	}
}

export type Link = "up" | "down" | "back";
export const link = new Cell<Link>("up");

const PAUSE_FIRST_MS = 250;
const PAUSE_LONGEST_MS = 4000;
const BACK_SHOWN_MS = 4000;

/* Ends the pauses of all that wait. */
const retryNow = new EventTarget();

export function tryNow(): void {
	retryNow.dispatchEvent(new Event("now"));
}

window.addEventListener("online", tryNow);

function pause(attempt: number, signal: AbortSignal): Promise<void> {
	const ms = Math.min(PAUSE_LONGEST_MS, PAUSE_FIRST_MS * 2 ** attempt);

	return new Promise((resolve, reject) => {
		const end = () => {
			clearTimeout(timer);
			retryNow.removeEventListener("now", end);
			signal.removeEventListener("abort", end);
			if (signal.aborted)
				reject(signal.reason);
			else
				resolve();
		};
		const timer = setTimeout(end, ms);

		retryNow.addEventListener("now", end);
		signal.addEventListener("abort", end);
	});
}

const SESSION = "/api/v1/session";

function lost(): void {
	link.set("down");
}

function reached(): void {
	if (link.get() !== "down")
		return;
	link.set("back");
	setTimeout(() => {
		if (link.get() === "back")
			link.set("up");
	}, BACK_SHOWN_MS);
}

/* Ids of snapshots exceed what a number of JavaScript holds: numbers of 16
 * digits and more become strings.  Strings are matched to be passed over. */
function parse(text: string): unknown {
	return JSON.parse(
		text.replace(
			/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g,
			(m) => (m.startsWith('"') ? m : `"${m}"`),
		),
	);
}

/* Both forms of an error: Iceberg's model, and one sentence. */
function sentence(body: unknown, status: number): string {
	const error = (body as { error?: unknown } | null)?.error;

	if (typeof error === "string")
		return error;
	const message = (error as { message?: unknown } | null)?.message;

	return typeof message === "string"
		? message
		: `The server answered ${status}.`;
}

function headers(
	body: unknown,
	key: string,
	token: string,
): Record<string, string> {
	const who = session.get();
	const made: Record<string, string> = {
		Accept: "application/json",
		"X-Pangolin-Page": "1",
	};

	if (body !== undefined)
		made["Content-Type"] = "application/json";
	if (token)
		made["Authorization"] = `Bearer ${token}`;
	if (key)
		made["Idempotency-Key"] = key;
	if (who?.root && who.tenant)
		made["X-Pangolin-Tenant"] = who.tenant;
	return made;
}

interface Answer {
	status: number;
	text: string;
	json: boolean; /* a few answers are a sentence */
	next: string; /* query of the next page; "": there is none */
}

/* RFC 8288 */
function nextOf(response: Response): string {
	const link = response.headers.get("Link") ?? "";

	return /<([^>]*)>;\s*rel="next"/.exec(link)?.[1] ?? "";
}

/* null: the server was not reached, or is not able to answer now. */
async function send(
	method: string,
	path: string,
	body: unknown,
	signal?: AbortSignal,
	key = "",
	token = "" /* to be traded for the cookie */,
): Promise<Answer | null> {
	try {
		const response = await fetch(`.${path}`, {
			method,
			headers: headers(body, key, token),
			body: body === undefined ? null : JSON.stringify(body),
			signal: signal ?? null,
			cache: "no-store",
			credentials: "same-origin",
		});
		const text = await response.text();

		if (response.status >= 502 && response.status <= 504)
			return null;
		return {
			status: response.status,
			text,
			json: response.headers.get("Content-Type") !== "text/plain",
			next: nextOf(response),
		};
	} catch (error) {
		if (signal?.aborted)
			throw error;
		return null;
	}
}

/* `who` was signed in when the request was sent: it may be another by now. */
function read<T>(answer: Answer, who: Session | null): T {
	let body: unknown = null;

	try {
		body = answer.text && answer.json ? parse(answer.text) : null;
	} catch {
		throw new Failure(answer.status, "The answer is not JSON.");
	}
	if (answer.status === 401 && who && who === session.get())
		signOut("Your session has ended. Please sign in again.");
	if (answer.status >= 400)
		throw new Failure(answer.status, sentence(body, answer.status), body);
	return body as T;
}

export interface Linked<T> {
	value: T;
	next: string; /* path of the next page; "": this was the last */
}

export async function getLinked<T>(
	path: string,
	signal: AbortSignal,
): Promise<Linked<T>> {
	const who = session.get();

	for (let attempt = 0; ; attempt++) {
		const answer = await send("GET", path, undefined, signal);

		if (answer) {
			const query = answer.next.split("?")[1];

			reached();
			return {
				value: read<T>(answer, who),
				next: query ? `${path.split("?")[0]}?${query}` : "",
			};
		}
		lost();
		await pause(attempt, signal);
	}
}

export async function get<T>(path: string, signal: AbortSignal): Promise<T> {
	return (await getLinked<T>(path, signal)).value;
}

export async function post<T>(
	path: string,
	body: unknown,
	token = "",
): Promise<T> {
	const who = session.get();
	const answer = await send("POST", path, body, undefined, "", token);

	if (!answer) {
		throw new Failure(
			0,
			"The server did not answer. It is not known whether this " +
				"was done; please look before you try again.",
		);
	}
	reached();
	return read<T>(answer, who);
}

/* A UUID of version 4 (RFC 9562, 5.4); randomUUID() needs HTTPS. */
function newKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));

	bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
	bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
	return Array.from(bytes, (b) => b.toString(16).padStart(2, "0"))
		.join("")
		.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const CHANGE_ATTEMPTS = 5;

export async function change<T>(
	method: "POST" | "PATCH" | "PUT" | "DELETE",
	path: string,
	body?: unknown,
): Promise<T> {
	const who = session.get();
	const never = new AbortController().signal;
	const key = newKey();

	for (let attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
		const answer = await send(method, path, body, undefined, key);

		if (answer) {
			reached();
			return read<T>(answer, who);
		}
		lost();
		await pause(attempt, never);
	}
	throw new Failure(
		0,
		"The server did not answer. It is not known whether this was done; " +
			"please look before you try again.",
	);
}

/* The cookie of this browser from now on. */
export async function enter(token: string): Promise<void> {
	await post(SESSION, undefined, token);
}

/* Only the server can take the cookie away, so nobody is told that they are
 * signed out before it has. */
export async function leave(): Promise<void> {
	const never = new AbortController().signal;

	for (let attempt = 0; ; attempt++) {
		if (await send("DELETE", SESSION, undefined))
			break;
		lost();
		await pause(attempt, never);
	}
	reached();
	signOut("");
}

/* The levels of a namespace are joined by the unit separator. */
export function pathOf(levels: string[]): string {
	return levels.map(encodeURIComponent).join("%1F");
}

export function catalogUrl(catalog: string): string {
	return `/v1/${encodeURIComponent(catalog)}/namespaces`;
}
