/* matrix.tsx - what somebody may do where: places against actions, by their own
 * grants and those of their roles, with what follows from others in grey. */
import { useState } from "preact/hooks";

import type { Catalog } from "./catalogs";
import { type Grant, levelsOf, nameOf, type Scope, textOf, useCatalogs }
	from "./grants";
import { Grid, Name } from "./parts";
import type { Role } from "./roles";

/* As identity/grants.c has it. */
const IMPLIED: Record<string, string[]> = {
	read: ["list"],
	write: ["read", "create", "delete", "list"],
};

const COLUMNS: Record<string, string> = {
	list: "List",
	read: "Read",
	write: "Write",
	create: "Create",
	delete: "Drop",
	"ingest-branching": "Ingest branches",
	"experimental-branching": "Experimental branches",
};

const ROWS = 100;

/* A grant, and by what one has it. */
interface Held extends Grant {
	from: string;
}

function covers(outer: Scope, inner: Scope): boolean {
	const refs = outer.refs ?? [];
	const within = levelsOf(outer.namespace);

	if (outer.type === "tenant")
		return true;
	if (outer.type === "tag" || outer.catalog_id !== inner.catalog_id)
		return false;
	if (refs.length > 0 &&
		!(inner.refs?.length && inner.refs.every((r) => refs.includes(r))))
		return false;
	if (outer.type === "catalog")
		return true;
	if (outer.type === "asset")
		return outer.asset_id === inner.asset_id;
	const levels = levelsOf(inner.namespace);

	return levels.length >= within.length &&
		within.every((name, n) => name === levels[n]);
}

interface Reason {
	text: string;
	given: boolean; /* by a grant of this action at this place */
}

function reasonOf(
	held: Held,
	place: Scope,
	action: string,
	catalogs: Catalog[],
): Reason | null {
	const named = held.actions.includes(action) ||
		held.actions.includes("all");
	const by = held.actions.find((a) => IMPLIED[a]?.includes(action));
	const elsewhere = held.scope.type === "tenant"
		? ", in the whole tenant"
		: `, on ${textOf(held.scope, catalogs)}`;
	const here = textOf(held.scope, catalogs) === textOf(place, catalogs);

	if ((!named && !by) || !covers(held.scope, place))
		return null;
	return {
		given: named && here,
		text: held.from +
			(named ? "" : `, by ${by}`) +
			(here ? "" : elsewhere),
	};
}

function May(props: { reasons: Reason[] }) {
	const all = props.reasons.map((r) => r.text).join("; ");
	const first = props.reasons.find((r) => r.given) ?? props.reasons[0];

	return (
		<span class={first?.given ? "may" : "may dim"} title={all}>
			✓ {first?.text}
		</span>
	);
}

/* Each place once, what is around it before it. */
function placesOf(held: Held[], catalogs: Catalog[]): [string, Scope][] {
	const places = new Map(
		held.map((h) => [textOf(h.scope, catalogs), h.scope]),
	);

	return [...places].sort(
		([a, x], [b, y]) =>
			Number(y.type === "tenant") - Number(x.type === "tenant") ||
			nameOf(x, catalogs).localeCompare(nameOf(y, catalogs)) ||
			a.localeCompare(b),
	);
}

export function Matrix(props: { own: Grant[]; roles: Role[] }) {
	const catalogs = useCatalogs();
	const [rows, setRows] = useState(ROWS);
	const held: Held[] = [
		...props.own.map((g) => ({ ...g, from: "own grant" })),
		...props.roles.flatMap((role) =>
			role.permissions.map((g) => ({ ...g, from: `role ${role.name}` })),
		),
	];
	const places = placesOf(held, catalogs);

	if (held.length === 0)
		return <p class="dim">Nothing.</p>;
	return (
		<>
			<Grid
				label="What they may do"
				columns={["On", ...Object.values(COLUMNS)]}
				rows={places.slice(0, rows).map(([text, place]) => ({
					key: text,
					cells: [
						<Name of={text} />,
						...Object.keys(COLUMNS).map((action) => {
							const reasons = held.flatMap(
								(h) =>
									reasonOf(h, place, action, catalogs) ?? [],
							);

							return reasons.length > 0 ? (
								<May reasons={reasons} />
							) : (
								""
							);
						}),
					],
				}))}
			/>
			{places.length > rows && (
				<button
					type="button"
					class="more"
					onClick={() => setRows(rows + ROWS)}
				>
					Show more
				</button>
			)}
		</>
	);
}
