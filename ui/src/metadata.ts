/*
 * metadata.ts - the parts of table and view metadata that are shown (Iceberg
 * table spec, "Table Metadata", where format version 1 has some under other
 * names; Iceberg view spec).
 */
export type Type = string | Struct | List | MapType;

export interface Field {
	id: number;
	name: string;
	required: boolean;
	type: Type;
	doc?: string;
}

interface Struct {
	type: "struct";
	fields: Field[];
}

interface List {
	type: "list";
	element: Type;
	"element-required": boolean;
}

interface MapType {
	type: "map";
	key: Type;
	value: Type;
	"value-required": boolean;
}

export interface Schema {
	"schema-id"?: number;
	"identifier-field-ids"?: number[];
	fields: Field[];
}

interface Transformed {
	"source-id"?: number;
	"source-ids"?: number[];
	transform: string;
}

export interface PartitionField extends Transformed {
	name: string;
}

export interface SortField extends Transformed {
	direction: string;
	"null-order": string;
}

export interface Snapshot {
	"snapshot-id": string | number;
	"parent-snapshot-id"?: string | number;
	"timestamp-ms": number;
	"schema-id"?: number;
	summary?: Record<string, string>;
}

/* What the server answers who loads a table or a view. */
export interface Loaded<T> {
	"metadata-location": string | null;
	metadata: T;
}

export interface Metadata {
	"format-version": number;
	"table-uuid"?: string;
	location: string;
	"last-updated-ms": number;
	schema?: Schema;
	schemas?: Schema[];
	"current-schema-id"?: number;
	"partition-spec"?: PartitionField[];
	"partition-specs"?: { "spec-id": number; fields: PartitionField[] }[];
	"default-spec-id"?: number;
	"sort-orders"?: { "order-id": number; fields: SortField[] }[];
	"default-sort-order-id"?: number;
	properties?: Record<string, string>;
	"current-snapshot-id"?: string | number | null;
	snapshots?: Snapshot[];
	refs?: Record<string, { "snapshot-id": string | number; type: string }>;
}

export interface Representation {
	type: string; /* "sql" is the only one the spec has */
	sql?: string;
	dialect?: string;
}

export interface ViewVersion {
	"version-id": number;
	"schema-id": number;
	"timestamp-ms": number;
	summary?: Record<string, string>;
	representations: Representation[];
	"default-catalog"?: string | null;
	"default-namespace"?: string[];
}

/* Iceberg view spec, "View Metadata" */
export interface ViewMetadata {
	"view-uuid": string;
	"format-version": number;
	location: string;
	schemas: Schema[];
	"current-version-id": number;
	versions: ViewVersion[];
	properties?: Record<string, string>;
}

export function versionOf(m: ViewMetadata): ViewVersion | undefined {
	return m.versions.find((v) => v["version-id"] === m["current-version-id"]);
}

/* The newest first. */
export function versionsOf(m: ViewMetadata): ViewVersion[] {
	return [...m.versions].sort((a, b) => b["version-id"] - a["version-id"]);
}

export function dialectsOf(version: ViewVersion | undefined): string[] {
	return (version?.representations ?? []).map((r) => r.dialect ?? r.type);
}

export function whereOf(
	of: Loaded<{ location: string }>,
	uuid: string | undefined,
): Record<string, string> {
	const where: Record<string, string> = { Location: of.metadata.location };

	if (of["metadata-location"])
		where["Metadata file"] = of["metadata-location"];
	if (uuid)
		where["UUID"] = uuid;
	return where;
}

export function schemaOf(m: Metadata): Schema {
	const current = m.schemas?.find(
		(s) => s["schema-id"] === m["current-schema-id"],
	);

	return current ?? m.schema ?? { fields: [] };
}

export function partitionsOf(m: Metadata): PartitionField[] {
	const current = m["partition-specs"]?.find(
		(s) => s["spec-id"] === m["default-spec-id"],
	);

	return current?.fields ?? m["partition-spec"] ?? [];
}

export function sortingOf(m: Metadata): SortField[] {
	const current = m["sort-orders"]?.find(
		(o) => o["order-id"] === m["default-sort-order-id"],
	);

	return current?.fields ?? [];
}

export function snapshotsOf(m: Metadata): Snapshot[] {
	return [...(m.snapshots ?? [])].sort(
		(a, b) => b["timestamp-ms"] - a["timestamp-ms"],
	);
}

/* Names of branches and tags by the id of their snapshot. */
export function refsOf(m: Metadata): Record<string, string[]> {
	const found: Record<string, string[]> = {};

	for (const [name, ref] of Object.entries(m.refs ?? {}))
		(found[String(ref["snapshot-id"])] ??= []).push(name);
	return found;
}

/* "list of map of string to int" */
export function typeName(type: Type): string {
	if (typeof type === "string")
		return type;
	if (type.type === "list")
		return `list of ${typeName(type.element)}`;
	if (type.type === "map")
		return `map of ${typeName(type.key)} to ${typeName(type.value)}`;
	return "struct";
}

/* The struct inside: of lists and maps, that of their elements. */
function inside(type: Type): Field[] {
	if (typeof type === "string")
		return [];
	if (type.type === "list")
		return inside(type.element);
	if (type.type === "map")
		return [...inside(type.key), ...inside(type.value)];
	return type.fields;
}

export interface FlatField {
	field: Field;
	depth: number;
	path: string;
}

/* Parents before their children. */
export function flatten(fields: Field[], depth = 0, above = ""): FlatField[] {
	return fields.flatMap((field) => {
		const path = above + field.name;

		return [
			{ field, depth, path },
			...flatten(inside(field.type), depth + 1, `${path}.`),
		];
	});
}

/* "day(ordered_at)" */
export function termOf(schema: Schema, of: Transformed): string {
	const names = new Map(
		flatten(schema.fields).map((f) => [f.field.id, f.path]),
	);
	const ids = of["source-ids"] ?? [of["source-id"] ?? -1];
	const sources = ids.map((id) => names.get(id) ?? `field ${id}`).join(", ");

	return of.transform === "identity"
		? sources
		: `${of.transform}(${sources})`;
}
