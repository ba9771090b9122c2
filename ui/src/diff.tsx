/* diff.tsx - in what two states of a catalog differ. */
import { useState } from "preact/hooks";

import { useCell } from "./cell";
import { Field } from "./deed";
import { count } from "./format";
import { useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name } from "./parts";
import { addressOf, catalogOf, prefixOf, refsChanged, refsUrl,
	useRefs } from "./refs";
import { hrefTo } from "./route";

interface Difference {
	change: string;
	kind: string;
	namespace: string[];
	name: string;
	changes: string[];
}

function Sides(props: { catalog: string; from: string; to: string }) {
	const refs = useRefs(props.catalog, useCell(refsChanged));
	const [from, setFrom] = useState(props.from);
	const [to, setTo] = useState(props.to);
	const names = [...(refs?.branches ?? []), ...(refs?.tags ?? [])].map(
		(r) => r.name,
	);
	const show = (one: string, other: string) => {
		setFrom(one);
		setTo(other);
		location.hash = hrefTo(["catalogs", props.catalog], {
			tab: "diff",
			from: one,
			to: other,
		});
	};

	return (
		<form
			class="start"
			onSubmit={(e) => {
				e.preventDefault();
				show(from.trim(), to.trim());
			}}
		>
			<Field name="From" value={from} set={setFrom} list={names} />
			<Field name="To" value={to} set={setTo} list={names} />
			<button type="submit" class="main">
				Compare
			</button>
			<button type="button" onClick={() => show(to, from)}>
				Swap
			</button>
			<p class="dim">
				Each a branch, a tag, or one with ~ and a commit or time behind
				it. Empty: the default branch.
			</p>
		</form>
	);
}

/* What is gone is shown where it still was. */
function linkOf(catalog: string, from: string, to: string, d: Difference) {
	const side = prefixOf(catalog, d.change === "removed" ? from : to);
	const page = d.kind === "namespace" ? "catalogs" : `${d.kind}s`;

	return hrefTo([page, side, ...d.namespace, d.name]);
}

export function DiffTab(props: { prefix: string; query: URLSearchParams }) {
	const catalog = catalogOf(props.prefix);
	const from = props.query.get("from") ?? "";
	const to = props.query.get("to") ?? addressOf(props.prefix);
	const pages = useLinked<Difference>(
		refsUrl("diff", catalog, { from, to }),
		useCell(refsChanged),
	);
	const path = (d: Difference) => [...d.namespace, d.name].join(".");

	return (
		<section>
			<h2>Differences</h2>
			<Sides key={`${from} ${to}`} {...{ catalog, from, to }} />
			<Listed pages={pages} noun="differences">
				{(list) =>
					list.length === 0 && !pages.more ? (
						<Empty title="No differences" />
					) : (
						<>
							<p class="dim">
								{count(list.length)}
								{pages.more && " so far"}
							</p>
							<Grid
								label="Differences"
								columns={["Change", "Kind", "Name", "In what"]}
								rows={list.map((d) => ({
									key: `${d.change} ${d.kind} ${path(d)}`,
									cells: [
										<Badge kind={d.change}>{d.change}</Badge>,
										d.kind,
										<a href={linkOf(catalog, from, to, d)}>
											<Name of={path(d)} />
										</a>,
										d.changes.join(", "),
									],
								}))}
							/>
						</>
					)
				}
			</Listed>
		</section>
	);
}
