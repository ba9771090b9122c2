/* plan.tsx - what a merge would do, shown before it is done. */
import { useEffect, useState } from "preact/hooks";

import { change, type Failure, post } from "./api";
import { type Conflict, Conflicts } from "./conflicts";
import { Check, Field, Trouble, useDeed } from "./deed";
import { count, counted } from "./format";
import { useLinked } from "./load";
import { type Asked, Done, hrefOf, type Operation } from "./merged";
import { Badge, Empty, Grid, Listed, Loading, Name, Problem } from "./parts";
import { refsUrl, refUrl, touchRefs } from "./refs";
import { href } from "./route";

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

const MERGE = "/api/v1/branches/merge";
const MANY = 1000; /* changes, which may take longer than a request */

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

function MergeForm(props: {
	asked: Asked;
	plan: Plan;
	moved: (plan: Plan) => void;
	done: (operation: Operation) => void;
}) {
	const { asked, plan } = props;
	const [message, setMessage] = useState("");
	const [squash, setSquash] = useState(false);
	const [later, setLater] = useState(plan.changes_count > MANY);
	const deed = useDeed();
	const clean = plan.conflicts_count === 0;
	const merge = async () => {
		const now = await planOf(asked);

		if (gist(now) !== gist(plan)) {
			props.moved(now);
			return;
		}
		try {
			const answer = await change<Operation | { task_id: string }>(
				"POST",
				MERGE,
				{
					...asked,
					expected_source_head: now.source_head ?? undefined,
					expected_target_head: now.target_head ?? undefined,
					squash,
					async: later,
					...(message ? { message } : {}),
				},
			);

			if ("task_id" in answer) {
				location.hash = href("tasks", answer.task_id);
				return;
			}
			props.done(answer);
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
			<Check name="In the background" value={later} set={setLater} />
			<button type="submit" class="main" disabled={deed.busy}>
				{clean
					? `Merge into ${asked.target_branch}`
					: "Decide the conflicts"}
			</button>
			<Trouble of={deed} />
		</form>
	);
}

/* Page by page: a plan names the first thousand only. */
function ConflictsAhead(props: { asked: Asked }) {
	const { source_branch, target_branch, catalog } = props.asked;
	const pages = useLinked<Conflict>(
		refsUrl(`${refUrl("branches", source_branch)}/conflicts`, catalog, {
			into: target_branch,
			limit: "100",
		}),
	);

	return (
		<Listed pages={pages} noun="conflicts">
			{(list) => (
				<Conflicts
					of={list}
					source={source_branch}
					target={target_branch}
				/>
			)}
		</Listed>
	);
}

export function Preview(props: { asked: Asked }) {
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
			{plan.conflicts_count > 0 && (
				<ConflictsAhead
					key={`${plan.source_head} ${plan.target_head}`}
					asked={asked}
				/>
			)}
			{plan.changes.length > 0 && <Changes of={plan} />}
		</>
	);
}

