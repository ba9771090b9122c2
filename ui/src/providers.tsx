/*
 * providers.tsx - sign-in with a provider: links that lead there, and what the
 * browser brings back in the query of the page's address.
 */
import { useEffect, useState } from "preact/hooks";

import { get, post } from "./api";

/* Where the page was, while the browser is at the provider. */
const PLACE = "pangolin-place";

/* What the address brought; the query is gone from it then, so that a reload or
 * a bookmark does not bring it again. */
function takeQuery(): URLSearchParams {
	const query = new URLSearchParams(location.search);

	if (query.has("code") || query.has("error")) {
		const place = sessionStorage.getItem(PLACE) ?? "";

		sessionStorage.removeItem(PLACE);
		history.replaceState(null, "", location.pathname + place);
	}
	return query;
}

/* The token of a sign-in that has just ended; null: none has.  Throws what the
 * provider or the server said. */
export async function takeToken(): Promise<string | null> {
	const query = takeQuery();
	const code = query.get("code");
	const error = query.get("error");

	if (error)
		throw new Error(error);
	if (!code)
		return null;
	return (
		await post<{ token: string }>("/api/v1/oauth/exchange", { code })
	).token;
}

export function Providers() {
	const [names, setNames] = useState<string[]>([]);

	useEffect(() => {
		const stop = new AbortController();

		get<{ providers: string[] }>("/api/v1/oauth/providers", stop.signal)
			.then((answer) => setNames(answer.providers))
			.catch(() => undefined);
		return () => stop.abort();
	}, []);

	return names.map((name) => (
		<a
			key={name}
			class="button"
			href={`oauth/authorize/${encodeURIComponent(name)}`}
			onClick={() => sessionStorage.setItem(PLACE, location.hash)}
		>
			Sign in with {name}
		</a>
	));
}
