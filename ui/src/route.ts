/*
 * route.ts - which page is shown stands behind '#' in the URL, so that the
 * server has one page only, and bookmarks and the back button work.
 */
import { useEffect, useState } from "preact/hooks";

export interface Route {
	page: string; /* first segment; "catalogs" when there is none */
	rest: string[]; /* the others, decoded */
	tab: string;
	query: URLSearchParams;
}

function decoded(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		return segment;
	}
}

function current(): Route {
	const [path = "", query] = location.hash.replace(/^#\/?/, "").split("?");
	const [page, ...rest] = path.split("/").filter(Boolean).map(decoded);
	const arguments_ = new URLSearchParams(query);

	return {
		page: page ?? "catalogs",
		rest,
		tab: arguments_.get("tab") ?? "",
		query: arguments_,
	};
}

export function useRoute(): Route {
	const [route, setRoute] = useState(current);

	useEffect(() => {
		const changed = () => setRoute(current());

		changed(); /* the end of a sign-in may have come before */
		window.addEventListener("hashchange", changed);
		return () => window.removeEventListener("hashchange", changed);
	}, []);
	return route;
}

/* '@' stays as it is: people read addresses. */
function encoded(segment: string): string {
	return encodeURIComponent(segment).replaceAll("%40", "@");
}

export function href(...segments: string[]): string {
	return `#/${segments.map(encoded).join("/")}`;
}

/* Empty arguments are left out. */
export function hrefTo(
	segments: string[],
	query: Record<string, string> = {},
): string {
	const given = Object.entries(query).filter(([, value]) => value);
	const text = new URLSearchParams(given).toString();

	return href(...segments) + (text && `?${text}`);
}
