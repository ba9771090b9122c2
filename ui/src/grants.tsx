/* grants.tsx - a grant: what it says, and the form that makes one. */
import { useState } from "preact/hooks";

import { get, pathOf } from "./api";
import type { Catalog } from "./catalogs";
import { Check, Dialog, Field } from "./deed";
import { useAll } from "./load";
import { Badge, Name } from "./parts";

export interface Scope {
	type: "tenant" | "catalog" | "namespace" | "asset" | "tag";
	catalog_id?: string;
	namespace?: string;
	asset_id?: string;
	tag_name?: string;
	refs?: string[];
}

export interface Grant {
	scope: Scope;
	actions: string[];
}

const ACTIONS: Record<string, string> = {
	list: "List: see that it is there",
	read: "Read: load and plan",
	write: "Write: commit, and all of read, create, update and delete",
	create: "Create tables, views and namespaces",
	update: "Update properties",
	delete: "Drop",
	all: "All, branches and merges too",
};

const PLACES: Record<string, string> = {
	catalog: "A catalog",
	namespace: "A namespace and all below it",
	asset: "A table or view",
	tenant: "The whole tenant",
};

export function useCatalogs(): Catalog[] {
	return useAll<Catalog>("/api/v1/catalogs").value ?? [];
}

/* They are parted by U+001F, or by dots where there is none. */
export function levelsOf(namespace = ""): string[] {
	return namespace.split(namespace.includes("\u001f") ? "\u001f" : ".");
}

export function nameOf(of: Scope, catalogs: Catalog[]): string {
	const catalog = catalogs.find((c) => c.id === of.catalog_id)?.name ??
		of.catalog_id;
	const within = levelsOf(of.namespace).join(".");

	return of.type === "tenant"
		? "The whole tenant"
		: [catalog, within, of.asset_id ?? of.tag_name]
				.filter(Boolean)
				.join(" · ");
}

function refsOf(of: Scope): string {
	return of.refs?.length ? ` on ${of.refs.join(", ")}` : "";
}

export function textOf(of: Scope, catalogs: Catalog[]): string {
	return nameOf(of, catalogs) + refsOf(of);
}

export function Place(props: { of: Scope; catalogs: Catalog[] }) {
	return (
		<>
			<Name of={nameOf(props.of, props.catalogs)} />
			<span class="dim">{refsOf(props.of)}</span>
		</>
	);
}

export function Actions(props: { of: string[] }) {
	return (
		<>
			{props.of.map((action) => (
				<Badge key={action}>{action}</Badge>
			))}
		</>
	);
}

interface Draft {
	type: string;
	catalog: string;
	namespace: string;
	name: string;
	refs: string;
	actions: string[];
}

/* The uuid of the table, or else of the view, that has the name now. */
async function idOf(draft: Draft): Promise<string> {
	const levels = draft.namespace.split(".");
	const base = `/v1/${encodeURIComponent(draft.catalog)}/namespaces/` +
		pathOf(levels);
	const never = new AbortController().signal;
	const ask = (kind: string) =>
		get<{ metadata: Record<string, string> }>(
			`${base}/${kind}s/${encodeURIComponent(draft.name)}`,
			never,
		).then((found) => found.metadata[`${kind}-uuid`] ?? "");

	return ask("table").catch(() => ask("view"));
}

async function grantOf(draft: Draft, catalogs: Catalog[]): Promise<Grant> {
	const scope: Scope = { type: draft.type as Scope["type"] };
	const refs = draft.refs.split(/[\s,]+/).filter(Boolean);

	if (draft.type !== "tenant") {
		const catalog = catalogs.find((c) => c.name === draft.catalog);

		scope.catalog_id = catalog?.id ?? "";
		if (refs.length > 0)
			scope.refs = refs;
	}
	if (draft.type === "namespace" || draft.type === "asset")
		scope.namespace = draft.namespace;
	if (draft.type === "asset")
		scope.asset_id = await idOf(draft);
	return { scope, actions: draft.actions };
}

/* Asks for one grant. */
export function GrantDialog(props: {
	title: string;
	verb: string;
	work: (grant: Grant) => Promise<unknown>;
	close: () => void;
}) {
	const catalogs = useCatalogs();
	const [draft, setDraft] = useState<Draft>({
		type: "catalog",
		catalog: "",
		namespace: "",
		name: "",
		refs: "",
		actions: ["read"],
	});
	const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
	const catalog = draft.catalog || (catalogs[0]?.name ?? "");

	return (
		<Dialog
			title={props.title}
			verb={props.verb}
			ready={draft.actions.length > 0}
			work={async () =>
				props.work(await grantOf({ ...draft, catalog }, catalogs))
			}
			close={props.close}
		>
			<label>
				On
				<select
					value={draft.type}
					onChange={(e) => set({ type: e.currentTarget.value })}
				>
					{Object.entries(PLACES).map(([type, text]) => (
						<option key={type} value={type}>
							{text}
						</option>
					))}
				</select>
			</label>
			{draft.type !== "tenant" && (
				<label>
					Catalog
					<select
						value={catalog}
						onChange={(e) => set({ catalog: e.currentTarget.value })}
					>
						{catalogs.map((c) => (
							<option key={c.id}>{c.name}</option>
						))}
					</select>
				</label>
			)}
			{(draft.type === "namespace" || draft.type === "asset") && (
				<Field
					name="Namespace"
					value={draft.namespace}
					set={(namespace) => set({ namespace })}
					hint="Levels with dots between them"
					required
				/>
			)}
			{draft.type === "asset" && (
				<Field
					name="Name"
					value={draft.name}
					set={(name) => set({ name })}
					hint="The grant stays with it when it is renamed"
					required
				/>
			)}
			<fieldset>
				<legend>Actions</legend>
				{Object.entries(ACTIONS).map(([action, text]) => (
					<Check
						key={action}
						name={text}
						value={draft.actions.includes(action)}
						set={(on) =>
							set({
								actions: on
									? [...draft.actions, action]
									: draft.actions.filter((a) => a !== action),
							})
						}
					/>
				))}
			</fieldset>
			{draft.type !== "tenant" && (
				<Field
					name="Branches and tags"
					value={draft.refs}
					set={(refs) => set({ refs })}
					hint="main, dev/*; empty: all"
				/>
			)}
		</Dialog>
	);
}
