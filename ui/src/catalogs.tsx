/* catalogs.tsx - the catalogs, and what is in one: namespaces in namespaces,
 * and tables. */
import type { ComponentChildren } from "preact";

import { catalogUrl, pathOf } from "./api";
import { count } from "./format";
import { type Pages, useLoad, usePages } from "./load";
import { Badge, type Crumb, Empty, Grid, Loading, Page, Pairs, Problem,
	shown } from "./parts";
import { href } from "./route";

export interface Catalog {
	name: string;
	catalog_type: string;
	warehouse_name: string | null;
	storage_location: string | null;
}

function rowOf(c: Catalog) {
	return {
		key: c.name,
		cells: [
			<a class="name" href={href("catalogs", c.name)}>
				{c.name}
			</a>,
			<Badge>{c.catalog_type}</Badge>,
			c.warehouse_name ?? "–",
			<span class="path">{c.storage_location ?? "–"}</span>,
		],
	};
}

export function CatalogsPage() {
	const catalogs = useLoad<Catalog[]>("/api/v1/catalogs");

	return (
		<Page title="Catalogs">
			{shown(catalogs, "catalogs", (list) =>
				list.length === 0 ? (
					<Empty title="No catalogs yet">
						POST /api/v1/catalogs makes one.
					</Empty>
				) : (
					<Grid
						label="Catalogs"
						columns={["Name", "Kind", "Warehouse", "Location"]}
						rows={list.map(rowOf)}
					/>
				),
			)}
		</Page>
	);
}

export function crumbsOf(catalog: string, levels: string[]): Crumb[] {
	return [
		{ name: "Catalogs", href: href("catalogs") },
		{ name: catalog, href: href("catalogs", catalog) },
		...levels.map((name, n) => ({
			name,
			href: href("catalogs", catalog, ...levels.slice(0, n + 1)),
		})),
	];
}

/* The last crumb is where one is: no link. */
function here(crumbs: Crumb[]): Crumb[] {
	return crumbs.map((c, n) =>
		n === crumbs.length - 1 ? { name: c.name } : c,
	);
}

function Listing<T>(props: {
	pages: Pages<T>;
	noun: string;
	empty: ComponentChildren;
	row: (item: T) => { key: string; href: string; name: string };
}) {
	const { items, failure, again, more, busy } = props.pages;
	const title = props.noun.charAt(0).toUpperCase() + props.noun.slice(1);

	return (
		<section>
			<div class="title">
				<h2>{title}s</h2>
				{items && items.length > 0 && (
					<span class="dim">
						{count(items.length)}
						{more && " so far"}
					</span>
				)}
			</div>
			{items?.length === 0 && !failure && props.empty}
			{items && items.length > 0 && (
				<ul class={`list ${props.noun}s`}>
					{items.map(props.row).map((row) => (
						<li key={row.key}>
							<a href={row.href}>{row.name}</a>
						</li>
					))}
				</ul>
			)}
			{failure && <Problem of={failure} again={again} />}
			{!items && !failure && <Loading what={`${props.noun}s`} />}
			{more && !failure && (
				<button type="button" class="more" disabled={busy} onClick={more}>
					{busy ? "Loading …" : "Show more"}
				</button>
			)}
		</section>
	);
}

function Namespaces(props: { catalog: string; levels: string[] }) {
	const { catalog, levels } = props;
	const parent = levels.length ? `?parent=${pathOf(levels)}` : "";
	const pages = usePages<string[]>(
		catalogUrl(catalog) + parent,
		"namespaces",
	);

	/* Most namespaces hold tables only: no room for what is not there. */
	if (levels.length && pages.items?.length === 0 && !pages.failure)
		return null;
	return (
		<Listing
			pages={pages}
			noun="namespace"
			empty={
				<Empty title="No namespaces yet">
					An Iceberg client makes the first one.
				</Empty>
			}
			row={(path) => ({
				key: path.join("\x1f"),
				href: href("catalogs", catalog, ...path),
				name: path[path.length - 1] ?? "",
			})}
		/>
	);
}

function Tables(props: { catalog: string; levels: string[] }) {
	const { catalog, levels } = props;
	const pages = usePages<{ name: string }>(
		`${catalogUrl(catalog)}/${pathOf(levels)}/tables`,
		"identifiers",
	);

	return (
		<Listing
			pages={pages}
			noun="table"
			empty={
				<Empty title="No tables in this namespace">
					An Iceberg client makes the first one.
				</Empty>
			}
			row={({ name }) => ({
				key: name,
				href: href("tables", catalog, ...levels, name),
				name,
			})}
		/>
	);
}

function NamespaceProperties(props: { catalog: string; levels: string[] }) {
	const load = useLoad<{ properties: Record<string, string> | null }>(
		`${catalogUrl(props.catalog)}/${pathOf(props.levels)}`,
	);
	const properties = load.value?.properties ?? {};

	if (Object.keys(properties).length === 0)
		return null;
	return (
		<section>
			<h2>Properties</h2>
			<Pairs of={properties} label="Properties of the namespace" />
		</section>
	);
}

export function CatalogPage(props: { catalog: string; levels: string[] }) {
	const { catalog, levels } = props;

	return (
		<Page
			title={levels[levels.length - 1] ?? catalog}
			crumbs={here(crumbsOf(catalog, levels))}
		>
			<Namespaces {...props} />
			{levels.length > 0 && <Tables {...props} />}
			{levels.length > 0 && <NamespaceProperties {...props} />}
		</Page>
	);
}
