/* catalogs.tsx - the catalogs, and what is in one: namespaces in namespaces,
 * tables and views. */
import type { ComponentChildren } from "preact";

import { catalogUrl, pathOf } from "./api";
import { BranchesTab } from "./branches";
import { DiffTab } from "./diff";
import { DroppedTab } from "./dropped";
import { count } from "./format";
import { HistoryTab } from "./history";
import { type Pages, useLoad, usePages } from "./load";
import { MergeTab } from "./merge";
import { Badge, type Crumb, Empty, Grid, Loading, Name, Page, Pairs, Problem,
	seamed, shown, Tabs } from "./parts";
import { Picker } from "./picker";
import { catalogOf } from "./refs";
import { href, hrefTo } from "./route";
import { TagsTab } from "./tags";

export interface Catalog {
	id: string;
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
				<Name of={c.name} />
			</a>,
			<Badge>{c.catalog_type}</Badge>,
			c.warehouse_name ?? "–",
			<span class="path">{seamed(c.storage_location ?? "–")}</span>,
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
		{ name: catalogOf(catalog), href: href("catalogs", catalog) },
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
							<a href={row.href}>
								<Name of={row.name} />
							</a>
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

function Views(props: { catalog: string; levels: string[] }) {
	const { catalog, levels } = props;
	const pages = usePages<{ name: string }>(
		`${catalogUrl(catalog)}/${pathOf(levels)}/views`,
		"identifiers",
	);

	/* Most namespaces hold none. */
	if (!pages.items?.length && !pages.failure)
		return null;
	return (
		<Listing
			pages={pages}
			noun="view"
			empty={null}
			row={({ name }) => ({
				key: name,
				href: href("views", catalog, ...levels, name),
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

const TABS: Record<string, string> = {
	content: "Content",
	branches: "Branches",
	tags: "Tags",
	history: "History",
	diff: "Differences",
	merge: "Merge",
	dropped: "Dropped",
};

/* Of a namespace there is its content only. */
function TabShown(props: {
	catalog: string;
	levels: string[];
	tab: string;
	query: URLSearchParams;
}) {
	const { catalog, tab } = props;

	switch (tab) {
	case "branches":
		return <BranchesTab prefix={catalog} />;
	case "tags":
		return <TagsTab prefix={catalog} />;
	case "history":
		return (
			<HistoryTab
				key={String(props.query)}
				prefix={catalog}
				query={props.query}
			/>
		);
	case "diff":
		return <DiffTab prefix={catalog} query={props.query} />;
	case "dropped":
		return <DroppedTab key={catalog} prefix={catalog} />;
	case "merge":
		return <MergeTab prefix={catalog} query={props.query} />;
	default:
		return <Namespaces {...props} />;
	}
}

export function CatalogPage(props: {
	catalog: string;
	levels: string[];
	tab: string;
	query: URLSearchParams;
}) {
	const { catalog, levels } = props;
	const tab = props.tab in TABS ? props.tab : "content";

	return (
		<Page
			title={levels[levels.length - 1] ?? catalogOf(catalog)}
			crumbs={here(crumbsOf(catalog, levels))}
			aside={
				<Picker
					prefix={catalog}
					to={(prefix) =>
						hrefTo(["catalogs", prefix, ...levels], {
							tab: props.tab,
						})
					}
				/>
			}
		>
			{levels.length === 0 && (
				<Tabs
					label="Parts of the catalog"
					base={href("catalogs", catalog)}
					names={TABS}
					at={tab}
				/>
			)}
			{levels.length === 0 && <TabShown {...props} tab={tab} />}
			{levels.length > 0 && <Namespaces {...props} />}
			{levels.length > 0 && <Tables {...props} />}
			{levels.length > 0 && <Views {...props} />}
			{levels.length > 0 && <NamespaceProperties {...props} />}
		</Page>
	);
}
