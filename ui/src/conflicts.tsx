/* conflicts.tsx - what is in the way of a merge, and how it is decided. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { Dialog, Field, Trouble, useDeed } from "./deed";
import { words } from "./format";
import { Badge, Grid, Name, seamed } from "./parts";

type Value = Record<string, unknown> | null;

export interface Conflict {
	id: string | null;
	conflict_type: Record<string, unknown>;
	asset_name: string;
	details: Record<string, unknown>;
	description: string;
	base: Value;
	source: Value;
	target: Value;
	resolution: { strategy: string } | null;
}

function textOf(value: unknown): string {
	if (value === undefined || value === null)
		return "–";
	return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

/* Only what the sides do not have alike. */
function Sides(props: { of: Conflict; source: string; target: string }) {
	const { base, source, target } = props.of;
	const sides = [base, source, target];
	const names = new Set(sides.flatMap((v) => Object.keys(v ?? {})));
	const differing = [...names].filter(
		(name) => new Set(sides.map((v) => textOf(v?.[name]))).size > 1,
	);
	const cell = (v: Value, name: string) =>
		v ? (
			<span class="path">{seamed(textOf(v[name]))}</span>
		) : (
			<span class="dim">not there</span>
		);

	return (
		<Grid
			label={`Sides of ${props.of.asset_name}`}
			columns={["What", "Before", props.source, props.target]}
			rows={differing.map((name) => ({
				key: name,
				cells: [<Name of={words(name)} />, ...sides.map((v) => cell(v, name))],
			}))}
		/>
	);
}

interface Changed {
	property: string;
	base: unknown;
	source: unknown;
	target: unknown;
}

/* What the sides do not say themselves. */
function Details(props: { of: Conflict; source: string; target: string }) {
	const { asset_name, source_schema, target_schema, properties, ...more } =
		props.of.details;
	const fields = (properties ?? []) as Changed[];

	return (
		<>
			{fields.length > 0 && (
				<Grid
					label={`Changed in of ${props.of.asset_name}`}
					columns={["Property", "Before", props.source, props.target]}
					rows={fields.map((f) => ({
						key: f.property,
						cells: [
							<Name of={f.property} />,
							...[f.base, f.source, f.target].map((v) => (
								<span class="path">{seamed(textOf(v))}</span>
							)),
						],
					}))}
				/>
			)}
			{Object.entries(more).map(([name, value]) => (
				<p class="dim" key={name}>
					{words(name)}:{" "}
					{Array.isArray(value) ? value.join(", ") : textOf(value)}
				</p>
			))}
		</>
	);
}

const STRATEGIES = ["TakeSource", "TakeTarget", "AutoMerge"] as const;

export async function resolve(id: string | null, strategy: string, value?: unknown) {
	await change("POST", `/api/v1/conflicts/${id}/resolve`, {
		strategy,
		...(value === undefined ? {} : { resolved_value: value }),
	});
}

function Own(props: { of: Conflict; close: () => void; again: () => void }) {
	const [text, setText] = useState("");
	const work = async () => {
		const value = text.trim().startsWith("{")
			? JSON.parse(text)
			: { metadata_location: text.trim() };

		await resolve(props.of.id, "Manual", value);
		props.again();
	};

	return (
		<Dialog
			title={`Decide ${props.of.asset_name}`}
			verb="Decide"
			work={work}
			close={props.close}
		>
			<Field
				name="Metadata file"
				value={text}
				set={setText}
				hint={
					"Of the same table. Of a namespace " +
					'{"properties": {"owner": "…"}} instead.'
				}
				required
				focus
			/>
		</Dialog>
	);
}

function Choices(props: {
	of: Conflict;
	source: string;
	target: string;
	again: () => void;
}) {
	const { of, source, target, again } = props;
	const [own, setOwn] = useState(false);
	const deed = useDeed();
	const chosen = of.resolution?.strategy;
	const names = [`Take ${source}`, `Take ${target}`, "Merge both"];

	return (
		<div class="buttons small" role="group" aria-label="Decision">
			{STRATEGIES.map((strategy, n) => (
				<button
					type="button"
					key={strategy}
					disabled={deed.busy}
					aria-pressed={chosen === strategy}
					onClick={() =>
						deed.run(async () => {
							await resolve(of.id, strategy);
							again();
						})
					}
				>
					{names[n]}
				</button>
			))}
			<button
				type="button"
				aria-pressed={chosen === "Manual"}
				onClick={() => setOwn(true)}
			>
				Another version …
			</button>
			<Trouble of={deed} />
			{own && <Own of={of} again={again} close={() => setOwn(false)} />}
		</div>
	);
}

/* Without `again` there is nothing to decide yet. */
export function Conflicts(props: {
	of: Conflict[];
	source: string;
	target: string;
	again?: () => void;
}) {
	const { source, target, again } = props;

	return (
		<ul class="tasks" aria-label="Conflicts">
			{props.of.map((c, n) => (
				<li class="task" key={c.id ?? n}>
					<div class="title">
						<b>
							<Name of={c.asset_name} />
						</b>
						<span class="badges">
							<Badge kind="warning">
								{Object.keys(c.conflict_type)[0]}
							</Badge>
							{c.resolution && <Badge kind="good">decided</Badge>}
						</span>
					</div>
					<p>{c.description}</p>
					<Details of={c} {...{ source, target }} />
					<Sides of={c} source={source} target={target} />
					{again && (
						<Choices of={c} {...{ source, target, again }} />
					)}
				</li>
			))}
		</ul>
	);
}
