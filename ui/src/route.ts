/*
 * route.ts - which page is shown stands behind '#' in the URL, so that the
 * server has one page only, and bookmarks and the back button work.
 */
import { useEffect, useState } from "preact/hooks";

export interface Route {
	page: string; /* first segment; "catalogs" when there is none */
	rest: string[]; /* the others, decoded */
	tab: string;
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

	return {
		page: page ?? "catalogs",
		rest,
		tab: new URLSearchParams(query).get("tab") ?? "",
	};
}

export function useRoute(): Route {
	const [route, setRoute] = useState(current);

	useEffect(() => {
		const changed = () => setRoute(current());

		window.addEventListener("hashchange", changed);
		return () => window.removeEventListener("hashchange", changed);
	}, []);
	return route;
}

export function href(...segments: string[]): string {
	return `#/${segments.map(encodeURIComponent).join("/")}`;
}
