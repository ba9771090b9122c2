/*
 * api.ts - requests to the server.
 *
 * Reads are tried again, with longer and longer pauses, until the server
 * answers: `link` tells the page meanwhile.  Writes are sent once, because an
 * answer that is lost does not tell whether they were done.  Paths begin with
 * '/', and are asked for relative to the page: a proxy may have put both below
 * another path.
 */
import { Cell } from "./cell";
import { session, signOut } from "./session";

export class Failure extends Error {
	constructor(
		readonly status: number, /* 0: no answer came */
		message: string,
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

function headers(body: unknown): Record<string, string> {
	const who = session.get();
	const made: Record<string, string> = { Accept: "application/json" };

	if (body !== undefined)
		made["Content-Type"] = "application/json";
	if (who?.token)
		made["Authorization"] = `Bearer ${who.token}`;
	if (who?.root && who.tenant)
		made["X-Pangolin-Tenant"] = who.tenant;
	return made;
}

interface Answer {
	status: number;
	text: string;
}

/* null: the server was not reached, or is not able to answer now. */
async function send(
	method: string,
	path: string,
	body: unknown,
	signal?: AbortSignal,
): Promise<Answer | null> {
	try {
		const response = await fetch(`.${path}`, {
			method,
			headers: headers(body),
			body: body === undefined ? null : JSON.stringify(body),
			signal: signal ?? null,
			cache: "no-store",
			credentials: "omit",
		});
		const text = await response.text();

		if (response.status >= 502 && response.status <= 504)
			return null;
		return { status: response.status, text };
	} catch (error) {
		if (signal?.aborted)
			throw error;
		return null;
	}
}

function read<T>(answer: Answer, signedIn: boolean): T {
	let body: unknown = null;

	try {
		body = answer.text ? parse(answer.text) : null;
	} catch {
		throw new Failure(answer.status, "The answer is not JSON.");
	}
	if (answer.status === 401 && signedIn)
		signOut("Your session has ended. Please sign in again.");
	if (answer.status >= 400)
		throw new Failure(answer.status, sentence(body, answer.status));
	return body as T;
}

export async function get<T>(path: string, signal: AbortSignal): Promise<T> {
	const signedIn = session.get() !== null;

	for (let attempt = 0; ; attempt++) {
		const answer = await send("GET", path, undefined, signal);

		if (answer) {
			reached();
			return read<T>(answer, signedIn);
		}
		lost();
		await pause(attempt, signal);
	}
}

export async function post<T>(path: string, body: unknown): Promise<T> {
	const signedIn = session.get() !== null;
	const answer = await send("POST", path, body);

	if (!answer) {
		throw new Failure(
			0,
			"The server did not answer. It is not known whether this " +
				"was done; please look before you try again.",
		);
	}
	reached();
	return read<T>(answer, signedIn);
}

/* The server ends the session too, if it can be told. */
export function leave(): void {
	void send("POST", "/api/v1/users/logout", undefined);
	signOut("");
}

/* The levels of a namespace are joined by the unit separator. */
export function pathOf(levels: string[]): string {
	return levels.map(encodeURIComponent).join("%1F");
}

export function catalogUrl(catalog: string): string {
	return `/v1/${encodeURIComponent(catalog)}/namespaces`;
}
