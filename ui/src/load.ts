/* load.ts - what a page shows comes from here: a value, an error, or neither
 * yet. */
import { useEffect, useState } from "preact/hooks";

import { Failure, get, getLinked } from "./api";

export interface Load<T> {
	value?: T;
	failure?: Failure;
	again: () => void;
}

function asFailure(error: unknown): Failure {
	return error instanceof Failure ? error : new Failure(0, String(error));
}

/* Another `reason` loads again; what was shown stays until it is there. */
export function useLoad<T>(path: string, reason = 0): Load<T> {
	const [round, setRound] = useState(0);
	const key = `${round} ${path}`;
	const [state, setState] = useState<{
		key: string;
		value?: T;
		failure?: Failure;
	}>({ key });

	useEffect(() => {
		const stop = new AbortController();

		get<T>(path, stop.signal).then(
			(value) => setState({ key, value }),
			(error) => {
				if (!stop.signal.aborted)
					setState({ key, failure: asFailure(error) });
			},
		);
		return () => stop.abort();
	}, [key, reason]);
	return {
		...(state.key === key ? state : {}),
		again: () => setRound(round + 1),
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

	useEffect(() => {
		const stop = new AbortController();

		setBusy(true);
		setFailure(undefined);
		getPage(at.path, at.token, stop.signal).then(
			(page) => {
				setGot((old) => ({
					...page,
					path,
					items: at.token && old
						? old.items.concat(page.items)
						: page.items,
				}));
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

	const mine = got?.path === path ? got : undefined;

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
