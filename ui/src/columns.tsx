/* columns.tsx - the columns of a table or a view, nested ones among them. */
import { flatten, type FlatField, type Schema, typeName } from "./metadata";
import { Badge, Empty, Grid, Name } from "./parts";

function columnOf(flat: FlatField, keys: number[]) {
	const { field, depth, path } = flat;

	return {
		key: path,
		cells: [
			<div class={`column depth-${Math.min(depth, 6)}`}>
				<Name of={field.name} title={path} />
			</div>,
			<code>{typeName(field.type)}</code>,
			<>
				{keys.includes(field.id) && <Badge kind="good">key</Badge>}{" "}
				{field.required ? "required" : "optional"}
			</>,
			<span class="dim">{field.id}</span>,
			field.doc ?? "",
		],
	};
}

export function Columns(props: { of: Schema; what: string }) {
	const keys = props.of["identifier-field-ids"] ?? [];

	if (props.of.fields.length === 0)
		return <Empty title={`This ${props.what} has no columns yet`} />;
	return (
		<Grid
			label="Columns"
			columns={["Column", "Type", "Values", "Id", "Description"]}
			rows={flatten(props.of.fields).map((f) => columnOf(f, keys))}
		/>
	);
}
