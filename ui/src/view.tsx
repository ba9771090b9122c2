/* view.tsx - one view: its SQL, its columns and its versions. */
import type { ComponentChildren } from "preact";

import { catalogUrl, pathOf } from "./api";
import { crumbsOf } from "./catalogs";
import { Columns } from "./columns";
import { count } from "./format";
import { useLoad } from "./load";
import { dialectsOf, type Loaded, versionOf, versionsOf, type ViewMetadata,
	type ViewVersion, whereOf } from "./metadata";
import { Badge, Empty, Fact, Page, Pairs, shown, Tabs, When } from "./parts";
import { Picker } from "./picker";
import { href, hrefTo } from "./route";

function Facts(props: { of: ViewMetadata }) {
	const m = props.of;
	const now = versionOf(m);

	return (
		<dl class="facts">
			<Fact name="Dialects">{dialectsOf(now).join(", ") || "–"}</Fact>
			<Fact name="Versions">{count(m.versions.length)}</Fact>
			{now && (
				<Fact name="Last change">
					<When at={now["timestamp-ms"]} />
				</Fact>
			)}
		</dl>
	);
}

/* A name without namespace in the SQL is looked up there. */
function lookupOf(version: ViewVersion): Record<string, string> {
	const found: Record<string, string> = {};

	if (version["default-catalog"])
		found["Default catalog"] = version["default-catalog"];
	if (version["default-namespace"]?.length)
		found["Default namespace"] = version["default-namespace"].join(".");
	return found;
}

function Queries(props: { of: ViewVersion }) {
	return (
		<>
			{props.of.representations.map((r) => (
				<figure class="query" key={r.dialect ?? r.type}>
					<figcaption>{r.dialect ?? r.type}</figcaption>
					<pre>
						<code>{r.sql ?? "This is no SQL."}</code>
					</pre>
				</figure>
			))}
			<Pairs of={lookupOf(props.of)} label="Where names are looked up" />
		</>
	);
}

function SqlTab(props: { of: ViewMetadata }) {
	const now = versionOf(props.of);

	return now ? (
		<Queries of={now} />
	) : (
		<Empty title="This view has no current version" />
	);
}

function SchemaTab(props: { of: ViewMetadata }) {
	const id = versionOf(props.of)?.["schema-id"];
	const schema = props.of.schemas.find((s) => (s["schema-id"] ?? 0) === id);

	return <Columns of={schema ?? { fields: [] }} what="view" />;
}

function VersionItem(props: { of: ViewVersion; current: boolean }) {
	const v = props.of;

	return (
		<li class={props.current ? "current" : ""}>
			<div class="snapshot">
				<When at={v["timestamp-ms"]} />
				<span class="badges">
					{props.current && <Badge kind="good">current</Badge>}
					{dialectsOf(v).map((dialect) => (
						<Badge key={dialect}>{dialect}</Badge>
					))}
				</span>
				<span class="change dim">
					version {v["version-id"]}, schema {v["schema-id"]}
				</span>
			</div>
			<details>
				<summary>SQL</summary>
				<Queries of={v} />
				<Pairs of={v.summary ?? {}} label="Summary of the version" />
			</details>
		</li>
	);
}

function VersionsTab(props: { of: ViewMetadata }) {
	return (
		<ol class="timeline" aria-label="Versions, newest first">
			{versionsOf(props.of).map((v) => (
				<VersionItem
					key={v["version-id"]}
					of={v}
					current={v["version-id"] === props.of["current-version-id"]}
				/>
			))}
		</ol>
	);
}

function PropertiesTab(props: { of: ViewMetadata }) {
	const properties = props.of.properties ?? {};

	if (Object.keys(properties).length === 0)
		return <Empty title="This view has no properties" />;
	return <Pairs of={properties} label="Properties of the view" />;
}

const TABS: Record<string, string> = {
	sql: "SQL",
	schema: "Schema",
	versions: "Versions",
	properties: "Properties",
};

const SHOWN: Record<
	string,
	(props: { of: ViewMetadata }) => ComponentChildren
> = {
	sql: SqlTab,
	schema: SchemaTab,
	versions: VersionsTab,
	properties: PropertiesTab,
};

function View(props: { of: Loaded<ViewMetadata>; base: string; tab: string }) {
	const { metadata } = props.of;
	const tab = props.tab in TABS ? props.tab : "sql";
	const Shown = SHOWN[tab] ?? SqlTab;

	return (
		<>
			<Facts of={metadata} />
			<Pairs
				of={whereOf(props.of, metadata["view-uuid"])}
				label="Where the view is"
			/>
			<Tabs
				label="Parts of the view"
				base={props.base}
				names={TABS}
				at={tab}
			/>
			<Shown of={metadata} />
		</>
	);
}

export function ViewPage(props: {
	catalog: string;
	levels: string[];
	name: string;
	tab: string;
}) {
	const { catalog, levels, name, tab } = props;
	const load = useLoad<Loaded<ViewMetadata>>(
		`${catalogUrl(catalog)}/${pathOf(levels)}/views/` +
			encodeURIComponent(name),
	);

	return (
		<Page
			title={name}
			crumbs={[...crumbsOf(catalog, levels), { name }]}
			aside={
				<>
					<Badge>view</Badge>
					<button type="button" class="quiet" onClick={load.again}>
						Refresh
					</button>
					<Picker
						prefix={catalog}
						to={(prefix) =>
							hrefTo(["views", prefix, ...levels, name], { tab })
						}
					/>
				</>
			}
		>
			{shown(load, "the view", (value) => (
				<View
					of={value}
					base={href("views", catalog, ...levels, name)}
					tab={tab}
				/>
			))}
		</Page>
	);
}
