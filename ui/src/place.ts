/*
 * place.ts - where one was on a page: how far down, and how many rows of each
 * list were there.  Back, forward and a reload lead there again.  Each entry of
 * the browser's history has a key; the places lie in sessionStorage while
 * another document is shown.
 */
interface Place {
	y: number;
	rows: Record<string, number>; /* by the path of the list */
}

const STORED = "pangolin-places";
const RESTORE_MS = 10_000;
const ENTRIES_MAX = 50;

const places = new Map<string, Place>(
	JSON.parse(sessionStorage.getItem(STORED) ?? "[]"),
);
let place = enter();
let stopRestoring: (() => void) | null = null;

/* The place of the entry that is shown now. */
function enter(): Place {
	let key: string | undefined = history.state?.place;

	if (!key) {
		key = String(Math.random());
		history.replaceState({ place: key }, "");
	}
	const known = places.get(key) ?? { y: 0, rows: {} };

	places.delete(key); /* so the newest are the last */
	places.set(key, known);
	return known;
}

/* What is loaded later makes the page long enough.  A hand on the page ends
 * it. */
function restore(y: number): void {
	const hands = ["wheel", "touchstart", "pointerdown", "keydown"];
	const stop = () => {
		stopRestoring = null;
		sizes.disconnect();
		clearTimeout(timer);
		for (const hand of hands)
			window.removeEventListener(hand, stop);
	};
	const sizes = new ResizeObserver(() => {
		if (document.documentElement.scrollHeight - innerHeight < y)
			return;
		window.scrollTo(0, y);
		stop();
	});
	const timer = setTimeout(stop, RESTORE_MS);

	for (const hand of hands)
		window.addEventListener(hand, stop);
	sizes.observe(document.body);
	stopRestoring = stop;
}

function arrive(): void {
	stopRestoring?.();
	place = enter();
	if (place.y > 0)
		restore(place.y);
}

history.scrollRestoration = "manual";
if (place.y > 0)
	restore(place.y);
window.addEventListener("hashchange", arrive);
window.addEventListener("scroll", () => {
	if (!stopRestoring)
		place.y = scrollY;
});
window.addEventListener("pagehide", () => {
	const kept = [...places].slice(-ENTRIES_MAX);

	sessionStorage.setItem(STORED, JSON.stringify(kept));
});

/* A page that was not there before begins at its top. */
export function toTop(): void {
	if (!stopRestoring)
		window.scrollTo(0, 0);
}

export function rowsOf(path: string): number {
	return place.rows[path] ?? 0;
}

export function keepRows(path: string, count: number): void {
	place.rows[path] = count;
}
