/*
 * refs.ts - which state of a catalog a page shows.
 *
 * It is written as in the prefix of Iceberg's routes: "sales", "sales@dev",
 * "sales@dev~COMMIT", "sales@v1~2026-11-01T00:00:00Z".  Pages hand this text
 * on as it is, so what is below a catalog follows the choice.
 */
import { Cell } from "./cell";
import type { Failure } from "./api";
import { useLoad } from "./load";

export interface Branch {
	name: string;
	head_commit_id: string | null;
	branch_type: "ingest" | "experimental";
	protected: boolean;
	default: boolean;
	partial: boolean;
	created_at: string | null;
	ahead?: number;
	behind?: number;
}

export interface Tag {
	name: string;
	commit_id: string | null;
	branch: string | null;
	created_at: string | null;
}

export function catalogOf(prefix: string): string {
	return prefix.split("@", 1)[0] ?? "";
}

/* "": the head of the default branch */
export function addressOf(prefix: string): string {
	return prefix.slice(catalogOf(prefix).length + 1);
}

export function prefixOf(catalog: string, address: string): string {
	return address ? `${catalog}@${address}` : catalog;
}

/* ref: "" is the default branch; at: a commit, an instant, or "" */
export function partsOf(address: string): { ref: string; at: string } {
	const [ref = "", at = ""] = address.split("~");

	return { ref, at };
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

export function isId(text: string): boolean {
	return UUID.test(text);
}

/* Ids begin with their time, so their ends tell them apart. */
export function short(id: string | null): string {
	return id ? `…${id.slice(-8)}` : "–";
}

/* The route of branches, tags, commits or a diff, with its query. */
export function refsUrl(
	kind: string,
	catalog: string,
	query: Record<string, string> = {},
): string {
	return `/api/v1/${kind}?${new URLSearchParams({ catalog, ...query })}`;
}

export function refUrl(kind: string, name: string): string {
	return `${kind}/${encodeURIComponent(name)}`;
}

/* Moves when a page has made, changed or deleted a branch or tag. */
export const refsChanged = new Cell(0);

export function touchRefs(): void {
	refsChanged.set(refsChanged.get() + 1);
}

export interface Refs {
	branches: Branch[];
	tags: Tag[];
	main: string; /* the default branch */
	failure?: Failure;
}

const LISTED = "1000";

/* undefined: not known yet */
export function useRefs(catalog: string, round: number): Refs | undefined {
	const branches = useLoad<Branch[]>(
		refsUrl("branches", catalog, { limit: LISTED }),
		round,
	);
	const tags = useLoad<Tag[]>(
		refsUrl("tags", catalog, { limit: LISTED }),
		round,
	);
	const failure = branches.failure ?? tags.failure;

	if (!failure && (!branches.value || !tags.value))
		return undefined;
	return {
		branches: branches.value ?? [],
		tags: tags.value ?? [],
		main: branches.value?.find((b) => b.default)?.name ?? "main",
		...(failure ? { failure } : {}),
	};
}
