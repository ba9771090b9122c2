/* table.tsx - one table: what it is now, its columns and its snapshots. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { catalogUrl, pathOf } from "./api";
import { crumbsOf } from "./catalogs";
import { Columns } from "./columns";
import { count, counted, size } from "./format";
import { useLoad } from "./load";
import { type Loaded, type Metadata, partitionsOf, refsOf, schemaOf,
	type Snapshot, snapshotsOf, sortingOf, termOf, whereOf } from "./metadata";
import { Badge, Empty, Fact, Grid, Name, Page, Pairs, shown, Tabs,
	When } from "./parts";
import { Picker } from "./picker";
import { href, hrefTo } from "./route";

function Facts(props: { of: Metadata }) {
	const m = props.of;
	const now = m.snapshots?.find(
		(s) => s["snapshot-id"] === m["current-snapshot-id"],
	)?.summary;

	const total = (what: string) => (now ? now[`total-${what}`] : "0");

	return (
		<dl class="facts">
			<Fact name="Rows">{count(total("records"))}</Fact>
			<Fact name="Data files">{count(total("data-files"))}</Fact>
			<Fact name="Size">{size(total("files-size"))}</Fact>
			<Fact name="Snapshots">{count(m.snapshots?.length ?? 0)}</Fact>
			<Fact name="Last change">
				<When at={m["last-updated-ms"]} />
			</Fact>
		</dl>
	);
}

function SchemaTab(props: { of: Metadata }) {
	return <Columns of={schemaOf(props.of)} what="table" />;
}

const SHOWN_AT_FIRST = 50;

function SnapshotItem(props: {
	of: Snapshot;
	current: boolean;
	names: string[];
}) {
	const s = props.of;
	const { operation, ...summary } = s.summary ?? {};
	const added = summary["added-records"];
	const deleted = summary["deleted-records"];

	return (
		<li class={props.current ? "current" : ""}>
			<div class="snapshot">
				<When at={s["timestamp-ms"]} />
				<span class="badges">
					{operation && <Badge kind={operation}>{operation}</Badge>}
					{props.current && <Badge kind="good">current</Badge>}
					{props.names.map((name) => (
						<Badge key={name} kind="ref">
							{name}
						</Badge>
					))}
				</span>
				<span class="change">
					{added && <span class="plus">+{count(added)} rows</span>}{" "}
					{deleted && (
						<span class="minus">−{count(deleted)} rows</span>
					)}
				</span>
				<code class="dim">{s["snapshot-id"]}</code>
			</div>
			{Object.keys(summary).length > 0 && (
				<details>
					<summary>Summary</summary>
					<Pairs of={summary} label="Summary of the snapshot" />
				</details>
			)}
		</li>
	);
}

function SnapshotsTab(props: { of: Metadata }) {
	const [limit, setLimit] = useState(SHOWN_AT_FIRST);
	const all = snapshotsOf(props.of);
	const names = refsOf(props.of);

	if (all.length === 0) {
		return (
			<Empty title="No snapshots yet">
				The first write to the table makes one.
			</Empty>
		);
	}
	return (
		<>
			<ol class="timeline" aria-label="Snapshots, newest first">
				{all.slice(0, limit).map((s) => (
					<SnapshotItem
						key={s["snapshot-id"]}
						of={s}
						current={
							s["snapshot-id"] ===
							props.of["current-snapshot-id"]
						}
						names={names[String(s["snapshot-id"])] ?? []}
					/>
				))}
			</ol>
			{all.length > limit && (
				<button
					type="button"
					class="more"
					onClick={() => setLimit(limit * 4)}
				>
					Show more of {counted(all.length, "snapshot")}
				</button>
			)}
		</>
	);
}

function LayoutTab(props: { of: Metadata }) {
	const m = props.of;
	const schema = schemaOf(m);
	const partitions = partitionsOf(m);
	const sorting = sortingOf(m);

	return (
		<>
			<section>
				<h2>Partitions</h2>
				{partitions.length === 0 ? (
					<Empty title="This table is not partitioned" />
				) : (
					<Grid
						label="Partition fields"
						columns={["Field", "By"]}
						rows={partitions.map((p) => ({
							key: p.name,
							cells: [<Name of={p.name} />, <code>{termOf(schema, p)}</code>],
						}))}
					/>
				)}
			</section>
			<section>
				<h2>Sort order</h2>
				{sorting.length === 0 ? (
					<Empty title="This table has no sort order" />
				) : (
					<Grid
						label="Sort fields"
						columns={["By", "Direction", "Nulls"]}
						rows={sorting.map((f, n) => ({
							key: String(n),
							cells: [
								<code>{termOf(schema, f)}</code>,
								f.direction === "desc" ? "descending" : "ascending",
								f["null-order"] === "nulls-last" ? "last" : "first",
							],
						}))}
					/>
				)}
			</section>
		</>
	);
}

function PropertiesTab(props: { of: Metadata }) {
	const properties = props.of.properties ?? {};

	if (Object.keys(properties).length === 0)
		return <Empty title="This table has no properties" />;
	return <Pairs of={properties} label="Properties of the table" />;
}

const TABS: Record<string, string> = {
	schema: "Schema",
	snapshots: "Snapshots",
	layout: "Layout",
	properties: "Properties",
};

const SHOWN: Record<string, (props: { of: Metadata }) => ComponentChildren> = {
	schema: SchemaTab,
	snapshots: SnapshotsTab,
	layout: LayoutTab,
	properties: PropertiesTab,
};

type LoadedTable = Loaded<Metadata>;

function Table(props: { of: LoadedTable; base: string; tab: string }) {
	const { metadata } = props.of;
	const tab = props.tab in TABS ? props.tab : "schema";
	const Shown = SHOWN[tab] ?? SchemaTab;

	return (
		<>
			<Facts of={metadata} />
			<Pairs
				of={whereOf(props.of, metadata["table-uuid"])}
				label="Where the table is"
			/>
			<Tabs
				label="Parts of the table"
				base={props.base}
				names={TABS}
				at={tab}
			/>
			<Shown of={metadata} />
		</>
	);
}

export function TablePage(props: {
	catalog: string;
	levels: string[];
	name: string;
	tab: string;
}) {
	const { catalog, levels, name, tab } = props;
	const load = useLoad<LoadedTable>(
		`${catalogUrl(catalog)}/${pathOf(levels)}/tables/` +
			encodeURIComponent(name),
	);
	const version = load.value?.metadata["format-version"];

	return (
		<Page
			title={name}
			crumbs={[...crumbsOf(catalog, levels), { name }]}
			aside={
				<>
					{version && <Badge>format {version}</Badge>}
					<button type="button" class="quiet" onClick={load.again}>
						Refresh
					</button>
					<Picker
						prefix={catalog}
						to={(prefix) =>
							hrefTo(["tables", prefix, ...levels, name], { tab })
						}
					/>
				</>
			}
		>
			{shown(load, "the table", (value) => (
				<Table
					of={value}
					base={href("tables", catalog, ...levels, name)}
					tab={tab}
				/>
			))}
		</Page>
	);
}
