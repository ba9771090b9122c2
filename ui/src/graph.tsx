/* graph.tsx - the graph beside a list of commits: a lane for each branch, and
 * lines to the commit before and to what a merge has brought. */

export interface Node {
	id: string;
	parent_id: string | null;
	branch: string | null;
	merged_commit_id: string | null;
}

/* A part of a line within one row, between two lanes. */
interface Part {
	from: number;
	to: number;
	half: "above" | "below" | "whole"; /* of the row's dot */
	kind: string;
}

export interface Row<C> {
	of: C;
	lane: number;
	lanes: number; /* of the whole list */
	parts: Part[];
	brought: boolean; /* by a merge above it */
}

/* The histories of what merges have brought, by the id of the merge. */
export type Opened<C> = ReadonlyMap<string, C[]>;

interface Place<C> {
	of: C;
	next?: C; /* in the list that it comes from */
	brought: boolean;
}

/* What a merge has brought stands below it: a history up to what the list
 * has anyway, or an earlier merge had brought. */
function placesOf<C extends Node>(commits: C[], opened: Opened<C>): Place<C>[] {
	const known = new Set(commits.map((c) => c.id));
	const merged = new Set(commits.map((c) => c.merged_commit_id));
	const places: Place<C>[] = [];
	const isNew = (merge: C) => (c: C) =>
		!known.has(c.id) &&
		c.branch !== merge.branch &&
		(c.id === merge.merged_commit_id || !merged.has(c.id));
	const add = (list: C[], brought: boolean) =>
		list.forEach((of, n) => {
			const next = list[n + 1];
			const history = opened.get(of.id) ?? [];
			const end = history.findIndex((c) => !isNew(of)(c));
			const more = end < 0 ? history : history.slice(0, end);

			places.push({ of, brought, ...(next ? { next } : {}) });
			for (const c of more)
				known.add(c.id);
			add(more, true);
		});

	add(commits, false);
	return places;
}

/* In the rows between its ends a line stays in one lane. */
function draw<C>(rows: Row<C>[], from: number, to: number, lane: number,
	kind: string) {
	const part = (n: number, half: Part["half"], one: number, other: number) =>
		rows[n]?.parts.push({ from: one, to: other, half, kind });

	part(from, "below", rows[from]?.lane ?? lane, lane);
	for (let n = from + 1; n < to; n++)
		part(n, "whole", lane, lane);
	part(to, "above", lane, rows[to]?.lane ?? lane);
}

function colour(lane: number): string {
	return `lane-${lane % 4}`;
}

export function rowsOf<C extends Node>(
	commits: C[],
	opened: Opened<C>,
): Row<C>[] {
	const places = placesOf(commits, opened);
	const names = [...new Set(places.map((p) => p.of.branch ?? ""))];
	const at = new Map(places.map((p, n) => [p.of.id, n]));
	const find = (id?: string | null) => at.get(id ?? "") ?? -1;
	const rows: Row<C>[] = places.map((p) => ({
		of: p.of,
		lane: names.indexOf(p.of.branch ?? ""),
		lanes: names.length,
		parts: [],
		brought: p.brought,
	}));

	/* of a line to what is not listed */
	const end = (n: number, to: number, kind: string) => {
		const row = rows[n];

		row?.parts.push({ from: row.lane, to, half: "below", kind });
	};

	places.forEach(({ of, next }, n) => {
		const { lane = 0 } = rows[n] ?? {};
		const parent = Math.max(find(of.parent_id), find(next?.id));
		const merged = find(of.merged_commit_id);

		if (parent > n)
			draw(rows, n, parent, lane, colour(lane));
		else if (of.parent_id)
			end(n, lane, colour(lane));
		if (merged > n) {
			const other = rows[merged]?.lane ?? 0;

			draw(rows, n, merged, other, colour(other));
		} else if (of.merged_commit_id)
			end(n, names.length, "merged");
	});
	return rows;
}

const LANE = 16;
const DOT = 20;

function xOf(lane: number): number {
	return LANE * lane + LANE / 2;
}

/* The part of the graph beside one commit. */
export function Lanes<C>(props: { of: Row<C> }) {
	const { lane, lanes, parts } = props.of;

	return (
		<svg class="lanes" width={LANE * (lanes + 1)} aria-hidden="true">
			{parts.map((p) => (
				<line
					class={p.kind}
					key={`${p.half} ${p.from} ${p.to} ${p.kind}`}
					x1={xOf(p.from)}
					y1={p.half === "below" ? DOT : "0"}
					x2={xOf(p.to)}
					y2={p.half === "above" ? DOT : "100%"}
				/>
			))}
			<circle class={colour(lane)} cx={xOf(lane)} cy={DOT} r="5" />
		</svg>
	);
}
