/* load.ts - what a page shows comes from here: a value, an error, or neither
 * yet. */
import { useEffect, useState } from "preact/hooks";

import { Failure, get, getLinked } from "./api";
import { keepRows, rowsOf } from "./place";

export interface Load<T> {
	value?: T;
	failure?: Failure;
	again: () => void;
}

function asFailure(error: unknown): Failure {
	return error instanceof Failure ? error : new Failure(0, String(error));
}

export function useLoad<T>(path: string, reason = 0): Load<T> {
	return useGot<T>(path, reason, get);
}

/* A list of the management API with all its pages, where one is chosen from or
 * all of it counts. */
export function useAll<T>(path: string, reason = 0): Load<T[]> {
	return useGot<T[]>(path, reason, getAll);
}

async function getAll<T>(path: string, signal: AbortSignal): Promise<T[]> {
	const items: T[] = [];

	for (let at = path; at; ) {
		const { value, next } = await getLinked<T[]>(at, signal);

		items.push(...value);
		at = next;
	}
	return items;
}

/* Another `reason`, and again(), load anew: what was shown stays until that is
 * there, or this is. */
function useGot<T>(
	path: string,
	reason: number,
	load: (path: string, signal: AbortSignal) => Promise<T>,
): Load<T> {
	const [round, setRound] = useState(0);
	const [state, setState] = useState<{
		path: string;
		value?: T;
		failure?: Failure;
	}>({ path });

	useEffect(() => {
		const stop = new AbortController();

		load(path, stop.signal).then(
			(value) => setState({ path, value }),
			(error) => {
				if (!stop.signal.aborted)
					setState({ path, failure: asFailure(error) });
			},
		);
		return () => stop.abort();
	}, [path, round, reason]);
	return {
		...(state.path === path ? state : {}),
		again: () => {
			if (state.failure)
				setState({ path });
			setRound(round + 1);
		},
	};
}

const PAGE_SIZE = 100;

interface Page<T> {
	items: T[];
	next: string | null;
}

export interface Pages<T> {
	items?: T[];
	failure?: Failure;
	again: () => void;
	more: (() => void) | null; /* null: that is all */
	busy: boolean;
}

type GetPage<T> = (
	path: string,
	token: string, /* "": the first */
	signal: AbortSignal,
) => Promise<Page<T>>;

/* A list that comes page by page (Iceberg REST, PageToken). */
export function usePages<T>(path: string, member: string): Pages<T> {
	return useGotPages<T>(path, 0, (at, token, signal) =>
		getPage<T>(at, member, token, signal),
	);
}

/* The lists of the management API: what was got says where it goes on. */
export function useLinked<T>(path: string, reason = 0): Pages<T> {
	return useGotPages<T>(path, reason, async (at, token, signal) => {
		const { value, next } = await getLinked<T[]>(token || at, signal);

		return { items: value, next: next || null };
	});
}

/* The first page, and those behind it up to the row that was there before. */
async function getFirst<T>(
	path: string,
	getPage: GetPage<T>,
	signal: AbortSignal,
): Promise<Page<T>> {
	const rows = rowsOf(path);
	let { items, next } = await getPage(path, "", signal);

	while (next && items.length < rows) {
		const page = await getPage(path, next, signal);

		items = items.concat(page.items);
		next = page.next;
	}
	return { items, next };
}

/* Another `reason` begins anew, and leaves what is shown until then. */
function useGotPages<T>(
	path: string,
	reason: number,
	getPage: GetPage<T>,
): Pages<T> {
	const [wanted, setWanted] = useState({ path, token: "", round: 0, reason });
	const [got, setGot] = useState<Page<T> & { path: string }>();
	const [failure, setFailure] = useState<Failure>();
	const [busy, setBusy] = useState(true);
	const at =
		wanted.path === path && wanted.reason === reason
			? wanted
			: { path, token: "", round: 0, reason };
	const mine = got?.path === path ? got : undefined;

	useEffect(() => {
		const stop = new AbortController();

		setBusy(true);
		setFailure(undefined);
		const before = at.token && mine ? mine.items : [];

		(at.token
			? getPage(at.path, at.token, stop.signal)
			: getFirst(at.path, getPage, stop.signal)
		).then(
			(page) => {
				const items = before.concat(page.items);

				setGot({ ...page, path, items });
				keepRows(path, items.length);
				setBusy(false);
			},
			(error) => {
				if (stop.signal.aborted)
					return;
				setFailure(asFailure(error));
				setBusy(false);
			},
		);
		return () => stop.abort();
	}, [at.path, at.token, at.round, at.reason]);

	return {
		...(mine ? { items: mine.items } : {}),
		...(failure ? { failure } : {}),
		again: () => setWanted({ ...at, round: at.round + 1 }),
		more: mine?.next
			? () => setWanted({ ...at, token: mine.next ?? "" })
			: null,
		busy,
	};
}

async function getPage<T>(
	path: string,
	member: string,
	token: string,
	signal: AbortSignal,
): Promise<Page<T>> {
	const joint = path.includes("?") ? "&" : "?";
	const answer = await get<Record<string, unknown>>(
		`${path}${joint}pageSize=${PAGE_SIZE}` +
			`&pageToken=${encodeURIComponent(token)}`,
		signal,
	);

	return {
		items: (answer[member] as T[] | undefined) ?? [],
		next: (answer["next-page-token"] as string | null) ?? null,
	};
}

const POLL_MS = 1000;
const POLL_IDLE_MS = 5000;

/* Loads again every second while the value moves, and now and then when it
 * does not; never while nobody looks.  What was shown stays meanwhile.  A new
 * `reason` loads at once. */
export function usePoll<T>(
	path: string,
	moves: (value: T) => boolean,
	reason = "",
): Load<T> {
	const [round, setRound] = useState(0);
	const [state, setState] = useState<{ value?: T; failure?: Failure }>({});

	useEffect(() => {
		const stop = new AbortController();
		let timer = 0;
		const later = (ms: number) => {
			timer = window.setTimeout(document.hidden ? later : load, ms, ms);
		};
		const load = () =>
			get<T>(path, stop.signal).then(
				(value) => {
					setState({ value });
					later(moves(value) ? POLL_MS : POLL_IDLE_MS);
				},
				(error) => {
					if (!stop.signal.aborted)
						setState({ failure: asFailure(error) });
				},
			);

		load();
		return () => {
			stop.abort();
			clearTimeout(timer);
		};
	}, [path, round, reason]);
	return { ...state, again: () => setRound((n) => n + 1) };
}
