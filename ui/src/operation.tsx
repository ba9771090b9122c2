/* operation.tsx - a merge that has conflicts: they are decided, then it is
 * completed or given up; and the list of them all. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { useCell } from "./cell";
import { type Conflict, Conflicts, resolve } from "./conflicts";
import { Trouble, useDeed } from "./deed";
import { count } from "./format";
import { useLinked, useLoad } from "./load";
import { Done, hrefOf, type Operation } from "./merged";
import { Badge, Empty, Grid, Listed, Name, shown, When } from "./parts";
import { refsChanged, touchRefs } from "./refs";

function operationUrl(id: string): string {
	return `/api/v1/merge-operations/${encodeURIComponent(id)}`;
}

function End(props: {
	catalog: string;
	of: Operation;
	open: Conflict[];
	again: () => void;
}) {
	const { of, open, again, catalog } = props;
	const deed = useDeed();
	const end = (verb: string) =>
		deed.run(async () => {
			try {
				await change("POST", `${operationUrl(of.id)}/${verb}`);
			} finally {
				touchRefs();
				again();
			}
		});
	const all = (strategy: string) =>
		deed.run(async () => {
			for (const conflict of open)
				await resolve(conflict.id, strategy);
			again();
		});

	if (of.completed_at) {
		return of.status === "Completed" ? (
			<Done
				asked={{ ...of, catalog }}
				of={of}
			/>
		) : (
			<Empty title="This merge was given up" />
		);
	}
	return (
		<div class="buttons">
			<button
				type="button"
				class="main"
				disabled={deed.busy || of.status !== "Ready"}
				onClick={() => end("complete")}
			>
				Complete the merge
			</button>
			<button
				type="button"
				disabled={deed.busy}
				onClick={() => end("abort")}
			>
				Give it up
			</button>
			{open.length > 1 && (
				<>
					<button
						type="button"
						disabled={deed.busy}
						onClick={() => all("TakeSource")}
					>
						All from {of.source_branch}
					</button>
					<button
						type="button"
						disabled={deed.busy}
						onClick={() => all("TakeTarget")}
					>
						All from {of.target_branch}
					</button>
				</>
			)}
			<Trouble of={deed} />
		</div>
	);
}

export function OperationShown(props: { catalog: string; id: string }) {
	const [round, setRound] = useState(0);
	const url = operationUrl(props.id);
	const operation = useLoad<Operation>(url, round);
	const pages = useLinked<Conflict>(`${url}/conflicts?limit=100`, round);
	const again = () => setRound((n) => n + 1);
	const open = (pages.items ?? []).filter((c) => !c.resolution);

	return shown(operation, "the merge", (of) => (
		<>
			<div class="title">
				<b>
					{of.source_branch} into {of.target_branch}
				</b>
				<Badge kind={of.status}>{of.status}</Badge>
				<span class="dim">
					<When at={of.initiated_at} />
				</span>
				<a
					class="last"
					href={hrefOf(props.catalog, {
						source: of.source_branch,
						target: of.target_branch,
					})}
				>
					Plan anew
				</a>
			</div>
			<End catalog={props.catalog} {...{ of, open, again }} />
			<Listed pages={pages} noun="conflicts">
				{(list) => (
					<Conflicts
						of={list}
						source={of.source_branch}
						target={of.target_branch}
						{...(of.completed_at ? {} : { again })}
					/>
				)}
			</Listed>
		</>
	));
}

export function Operations(props: { catalog: string }) {
	const pages = useLinked<Operation>(
		`/api/v1/catalogs/${encodeURIComponent(props.catalog)}` +
			"/merge-operations?limit=20",
		useCell(refsChanged),
	);

	if (pages.items?.length === 0)
		return null;
	return (
		<>
			<h2>Merges</h2>
			<Listed pages={pages} noun="merges">
				{(list) => (
					<Grid
						label="Merges"
						columns={["Merge", "Status", "Conflicts", "Begun"]}
						rows={list.map((o) => ({
							key: o.id,
							cells: [
								<a href={hrefOf(props.catalog, { operation: o.id })}>
									<Name
										of={`${o.source_branch} into ${o.target_branch}`}
									/>
								</a>,
								<Badge kind={o.status}>{o.status}</Badge>,
								count(o.conflicts_count),
								<When at={o.initiated_at} />,
							],
						}))}
					/>
				)}
			</Listed>
		</>
	);
}
