/* merge.tsx - what a merge would do, first; then it is done, or what is in its
 * way is decided. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { change, type Failure, post } from "./api";
import { useCell } from "./cell";
import { type Conflict, Conflicts, resolve } from "./conflicts";
import { Check, Field, Trouble, useDeed } from "./deed";
import { count, counted } from "./format";
import { useLinked, useLoad } from "./load";
import { Badge, Empty, Grid, Listed, Loading, Name, Problem, shown,
	When } from "./parts";
import { addressOf, catalogOf, prefixOf, refsChanged, refUrl, touchRefs,
	useRefs } from "./refs";
import { hrefTo } from "./route";

interface Change {
	change: string;
	kind: string;
	namespace: string[];
	name: string;
}

interface Plan {
	status: string;
	source_head: string | null;
	target_head: string | null;
	changes_count: number;
	changes: Change[];
	conflicts_count: number;
	conflicts: Conflict[];
}

interface Operation {
	id: string;
	source_branch: string;
	target_branch: string;
	status: string;
	conflicts_count: number;
	initiated_at: string;
	completed_at: string | null;
	result_commit_id?: string | null;
}

const MERGE = "/api/v1/branches/merge";

function operationUrl(id: string): string {
	return `/api/v1/merge-operations/${encodeURIComponent(id)}`;
}

function hrefOf(catalog: string, query: Record<string, string>): string {
	return hrefTo(["catalogs", catalog], { tab: "merge", ...query });
}

/* ---- what would be done */
function Changes(props: { of: Plan }) {
	const { changes, changes_count } = props.of;
	const path = (c: Change) => [...c.namespace, c.name].join(".");

	return (
		<>
			<Grid
				label="What the merge changes"
				columns={["Change", "Kind", "Name"]}
				rows={changes.map((c) => ({
					key: `${c.kind} ${path(c)}`,
					cells: [
						<Badge kind={c.change}>{c.change}</Badge>,
						c.kind,
						<Name of={path(c)} />,
					],
				}))}
			/>
			{changes_count > changes.length && (
				<p class="dim">
					and {count(changes_count - changes.length)} more
				</p>
			)}
		</>
	);
}

interface Asked {
	source_branch: string;
	target_branch: string;
	catalog: string;
}

function planOf(asked: Asked): Promise<Plan> {
	return post<Plan>(MERGE, { ...asked, dry_run: true });
}

/* What two plans would do; ids and times are not looked at. */
function gist(plan: Plan): string {
	return JSON.stringify([
		plan.changes_count,
		plan.changes,
		plan.conflicts.map((c) => [c.asset_name, c.base, c.source, c.target]),
	]);
}

function Done(props: { asked: Asked; of: Operation }) {
	const { catalog, target_branch } = props.asked;
	const commit = props.of.result_commit_id;
	const deed = useDeed();
	const history = hrefTo(["catalogs", prefixOf(catalog, target_branch)], {
		tab: "history",
	});
	const revert = () =>
		deed.run(async () => {
			await change(
				"POST",
				`/api/v1/${refUrl("branches", target_branch)}/revert`,
				{ catalog, commit_id: commit },
			);
			touchRefs();
			location.hash = history;
		});

	return (
		<div class="state" role="status">
			<strong>
				{props.of.source_branch} is merged into {target_branch}
			</strong>
			<p>
				<a href={history}>History of {target_branch}</a>
			</p>
			{commit && (
				<button type="button" disabled={deed.busy} onClick={revert}>
					Revert this merge
				</button>
			)}
			<Trouble of={deed} />
		</div>
	);
}

function MergeForm(props: {
	asked: Asked;
	plan: Plan;
	moved: (plan: Plan) => void;
	done: (operation: Operation) => void;
}) {
	const { asked, plan } = props;
	const [message, setMessage] = useState("");
	const [squash, setSquash] = useState(false);
	const deed = useDeed();
	const clean = plan.conflicts_count === 0;
	const merge = async () => {
		const now = await planOf(asked);

		if (gist(now) !== gist(plan)) {
			props.moved(now);
			return;
		}
		try {
			props.done(
				await change<Operation>("POST", MERGE, {
					...asked,
					expected_source_head: now.source_head ?? undefined,
					expected_target_head: now.target_head ?? undefined,
					squash,
					...(message ? { message } : {}),
				}),
			);
			touchRefs();
		} catch (error) {
			const body = (error as Failure).body as {
				operation_id?: string;
			} | null;

			if (!body?.operation_id)
				throw error;
			location.hash = hrefOf(asked.catalog, {
				operation: body.operation_id,
			});
		}
	};

	return (
		<form
			class="start"
			onSubmit={(e) => {
				e.preventDefault();
				deed.run(merge);
			}}
		>
			<Field
				name="Message"
				value={message}
				set={setMessage}
			/>
			<Check name="Squash" value={squash} set={setSquash} />
			<button type="submit" class="main" disabled={deed.busy}>
				{clean
					? `Merge into ${asked.target_branch}`
					: "Decide the conflicts"}
			</button>
			<Trouble of={deed} />
		</form>
	);
}

function Preview(props: { asked: Asked }) {
	const { asked } = props;
	const [round, setRound] = useState(0);
	const [plan, setPlan] = useState<Plan>();
	const [failure, setFailure] = useState<Failure>();
	const [moved, setMoved] = useState(false);
	const [done, setDone] = useState<Operation>();

	useEffect(() => {
		let over = false;

		setFailure(undefined);
		planOf(asked).then(
			(value) => over || setPlan(value),
			(error) => over || setFailure(error),
		);
		return () => {
			over = true;
		};
	}, [round]);
	if (done)
		return <Done asked={asked} of={done} />;
	if (failure)
		return <Problem of={failure} again={() => setRound(round + 1)} />;
	if (!plan)
		return <Loading what="the plan" />;
	if (plan.status === "Completed")
		return <Empty title="There is nothing to merge" />;
	return (
		<>
			<p role="status">
				{counted(plan.changes_count, "change")},{" "}
				{counted(plan.conflicts_count, "conflict")}
			</p>
			{moved && (
				<p class="message" role="alert">
					The branches have moved since. This is what a merge would do
					now.
				</p>
			)}
			<MergeForm
				asked={asked}
				plan={plan}
				moved={(now) => {
					setPlan(now);
					setMoved(true);
				}}
				done={setDone}
			/>
			{plan.conflicts.length > 0 && (
				<Conflicts
					of={plan.conflicts}
					source={asked.source_branch}
					target={asked.target_branch}
				/>
			)}
			{plan.changes.length > 0 && <Changes of={plan} />}
		</>
	);
}

/* ---- an operation that has conflicts */
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

function OperationShown(props: { catalog: string; id: string }) {
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

function Operations(props: { catalog: string }) {
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
