/* merge.tsx - what a merge would do, first; then it is done, or what is in its
 * way is decided. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { useCell } from "./cell";
import { Field } from "./deed";
import { hrefOf } from "./merged";
import { Operations, OperationShown } from "./operation";
import { Preview } from "./plan";
import { addressOf, catalogOf, refsChanged, useRefs } from "./refs";

/* ---- which branches */
function Ends(props: { catalog: string; source: string; target: string }) {
	const refs = useRefs(props.catalog, useCell(refsChanged));
	const [source, setSource] = useState(props.source);
	const [target, setTarget] = useState(props.target);
	const names = refs?.branches.map((b) => b.name) ?? [];
	const tags = refs?.tags.map((t) => t.name) ?? [];
	const show = (one: string, other: string) => {
		location.hash = hrefOf(props.catalog, { source: one, target: other });
	};

	return (
		<form
			class="start"
			onSubmit={(e) => {
				e.preventDefault();
				show(source.trim(), target.trim());
			}}
		>
			<Field
				name="Merge"
				value={source}
				set={setSource}
				list={[...names, ...tags]}
				required
			/>
			<Field
				name="Into"
				value={target}
				set={setTarget}
				list={names}
				required
			/>
			<button type="submit" class="main">
				Show the plan
			</button>
			<button type="button" onClick={() => show(target, source)}>
				Swap
			</button>
			<p class="dim">Nothing is changed before you have seen it.</p>
		</form>
	);
}

export function MergeTab(props: { prefix: string; query: URLSearchParams }) {
	const { prefix, query } = props;
	const catalog = catalogOf(prefix);
	const refs = useRefs(catalog, 0);
	const operation = query.get("operation") ?? "";
	const main = refs?.main ?? "main";
	const source = query.get("source") ?? addressOf(prefix);
	const target = query.get("target") ?? main;
	const key = `${source} ${target}`;
	let content: ComponentChildren = null;

	if (operation)
		content = <OperationShown catalog={catalog} id={operation} />;
	else if (source && source !== target) {
		content = (
			<Preview
				key={key}
				asked={{
					source_branch: source,
					target_branch: target,
					catalog,
				}}
			/>
		);
	}
	return (
		<section>
			<h2>Merge</h2>
			{!operation && refs && (
				<Ends key={key} {...{ catalog, source, target }} />
			)}
			{refs && content}
			{refs && !operation && <Operations catalog={catalog} />}
		</section>
	);
}
