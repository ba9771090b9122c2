/* tasks.tsx - what the server does in the background, as it goes on. */
import { useEffect, useState } from "preact/hooks";

import { type Failure, post } from "./api";
import type { Catalog } from "./catalogs";
import { count, counted, duration, time, words } from "./format";
import { useAll, usePoll } from "./load";
import { Badge, Empty, Grid, Loading, Name, Page, Problem, seamed,
	When } from "./parts";
import { href } from "./route";

interface Progress {
	done: number;
	total: number | null;
	rate: number | null; /* per second */
	eta_seconds: number | null;
}

interface Task {
	id: string;
	kind: string;
	catalog: string;
	state: string;
	progress: Progress;
	results: number;
	created_at: string;
	started_at: string | null;
	finished_at: string | null;
	error: string | null;
}

const TASKS = "/api/v1/tasks";

function taskUrl(id: string): string {
	return `${TASKS}/${encodeURIComponent(id)}`;
}

function isMoving(task: Task): boolean {
	return !task.finished_at && task.state !== "paused";
}

/* Their one result is what has become of them, and no finding. */
function isCommit(task: Task): boolean {
	return task.kind === "merge" || task.kind === "restore";
}

function findingsOf(task: Task): number {
	return isCommit(task) ? 0 : task.results;
}

/* A task that came to its end is good news only if it found nothing. */
function Outcome(props: { of: Task }) {
	const { state } = props.of;
	const results = findingsOf(props.of);

	return (
		<span class="badges">
			{(state !== "completed" || results === 0) && (
				<Badge kind={state}>{state}</Badge>
			)}
			{results > 0 && (
				<Badge kind="warning">{counted(results, "finding")}</Badge>
			)}
		</span>
	);
}

/* Read aloud at each quarter only: a bar moves every second. */
function spoken(task: Task, percent: number | null): string {
	const name = `${words(task.kind)} of ${task.catalog}`;
	const results = findingsOf(task);
	const found = results ? `, ${counted(results, "finding")}` : "";

	if (!isMoving(task) || percent === null)
		return `${name}: ${task.state}${found}`;
	return `${name}: ${Math.floor(percent / 25) * 25} percent`;
}

/* null: how much there is, is not known yet */
function percentOf({ progress, state }: Task): number | null {
	if (state === "completed")
		return 100;
	if (!progress.total)
		return null;
	return Math.min(100, (100 * progress.done) / progress.total);
}

function Bar(props: { of: Task }) {
	const { progress, started_at, state } = props.of;
	const percent = percentOf(props.of);
	const notes: string[] = [];

	if (!started_at)
		notes.push("Waiting for its turn");
	else if (progress.total)
		notes.push(`${count(progress.done)} of ${count(progress.total)}`);
	else
		notes.push(`${count(progress.done)} done`);
	if (isMoving(props.of) && progress.rate)
		notes.push(`${count(Math.round(progress.rate))} per second`);
	if (isMoving(props.of) && progress.eta_seconds !== null)
		notes.push(`${duration(progress.eta_seconds)} left`);
	return (
		<div class={`bar ${state}`}>
			<progress
				aria-label={`Progress of ${words(props.of.kind)}`}
				{...(percent === null && isMoving(props.of)
					? {}
					: { value: percent ?? 0, max: 100 })}
			/>
			<span class="numbers">
				{percent !== null && <b>{Math.floor(percent)} %</b>}
				<span class="dim">{notes.join(" · ")}</span>
			</span>
			<span class="unseen" role="status" aria-live="polite">
				{spoken(props.of, percent)}
			</span>
		</div>
	);
}

type Verb = "pause" | "resume" | "cancel";

function verbsOf(task: Task): Verb[] {
	if (task.finished_at)
		return [];
	return [task.state === "paused" ? "resume" : "pause", "cancel"];
}

/* The server does it as soon as the chunk in progress is over: until then the
 * buttons stay as they are. */
function Actions(props: { of: Task; again: () => void }) {
	const [problem, setProblem] = useState("");
	const [asked, setAsked] = useState<{ verb: Verb; state: string }>();
	const { id, state } = props.of;
	const busy = asked?.state === state;
	const ask = async (verb: Verb) => {
		setAsked({ verb, state });
		setProblem("");
		try {
			await post(`${taskUrl(id)}/${verb}`, undefined);
			props.again();
		} catch (error) {
			setProblem((error as Error).message);
			setAsked(undefined);
		}
	};

	return (
		<>
			{verbsOf(props.of).map((verb) => (
				<button
					type="button"
					key={verb}
					disabled={busy}
					onClick={() => ask(verb)}
				>
					{words(verb)}
					{busy && asked?.verb === verb && " …"}
				</button>
			))}
			{problem && (
				<span class="message bad" role="alert">
					{problem}
				</span>
			)}
		</>
	);
}

function Times(props: { of: Task }) {
	const { created_at, started_at, finished_at } = props.of;

	if (finished_at && started_at) {
		const ms = Date.parse(finished_at) - Date.parse(started_at);

		return (
			<span class="dim">
				{time(started_at)} · took {duration(ms / 1000)}
			</span>
		);
	}
	return (
		<span class="dim">
			{started_at ? "Started" : "Created"}{" "}
			<When at={started_at ?? created_at} />
		</span>
	);
}

function TaskCard(props: { of: Task; again: () => void; open?: boolean }) {
	const task = props.of;

	return (
		<li class="task">
			<div class="title">
				<span>
					{props.open ? (
						<b>{words(task.kind)}</b>
					) : (
						<a class="name" href={href("tasks", task.id)}>
							{words(task.kind)}
						</a>
					)}{" "}
					<span class="dim">of {task.catalog}</span>
				</span>
				<Outcome of={task} />
				<Actions of={task} again={props.again} />
			</div>
			<Bar of={task} />
			<Times of={task} />
			{task.error && <p class="message bad">{task.error}</p>}
		</li>
	);
}

function Followed(props: { id: string; over: () => void }) {
	const { value, failure, again } = usePoll<Task>(
		taskUrl(props.id),
		isMoving,
	);
	const isOver = Boolean(value?.finished_at);

	useEffect(() => {
		if (isOver)
			props.over();
	}, [isOver]);
	if (failure) {
		return (
			<li>
				<TroubleWith of={failure} again={again} what="This task is" />
			</li>
		);
	}
	return value ? <TaskCard of={value} again={again} /> : null;
}

/* Tasks that another page has started; `over` is called as each has ended. */
export function TasksFollowed(props: {
	label: string;
	ids: string[];
	over: () => void;
}) {
	if (props.ids.length === 0)
		return null;
	return (
		<ul class="tasks" aria-label={props.label}>
			{props.ids.map((id) => (
				<Followed key={id} id={id} over={props.over} />
			))}
		</ul>
	);
}

function StartForm(props: { again: () => void }) {
	const catalogs = useAll<Catalog>("/api/v1/catalogs").value ?? [];
	const [chosen, setChosen] = useState("");
	const [problem, setProblem] = useState("");
	const [busy, setBusy] = useState(false);
	const catalog = chosen || catalogs[0]?.name || "";
	const start = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setProblem("");
		try {
			await post(TASKS, { kind: "verify_catalog", catalog });
			props.again();
		} catch (error) {
			setProblem((error as Error).message);
		}
		setBusy(false);
	};

	return (
		<form class="start" onSubmit={start}>
			<label>
				Catalog
				<select
					name="catalog"
					value={catalog}
					onChange={(e) => setChosen(e.currentTarget.value)}
				>
					{catalogs.map((c) => (
						<option key={c.name}>{c.name}</option>
					))}
				</select>
			</label>
			<button type="submit" class="main" disabled={busy || !catalog}>
				Verify catalog
			</button>
			<p class="dim">
				Looks at every table: is its metadata file there, does it parse,
				and do its manifests exist?
			</p>
			{problem && (
				<p class="message bad" role="alert">
					{problem}
				</p>
			)}
		</form>
	);
}

function TroubleWith(props: { of: Failure; again: () => void; what: string }) {
	if (props.of.status !== 404)
		return <Problem of={props.of} again={props.again} />;
	return (
		<Empty title={`${props.what} not available`}>
			This server does not offer that.{" "}
			<button type="button" onClick={props.again}>
				Try again
			</button>
		</Empty>
	);
}

export function TasksPage() {
	const { value, failure, again } = usePoll<Task[]>(TASKS, (tasks) =>
		tasks.some(isMoving),
	);

	return (
		<Page title="Tasks">
			{failure && (
				<TroubleWith of={failure} again={again} what="Tasks are" />
			)}
			{!failure && <StartForm again={again} />}
			{!value && !failure && <Loading what="tasks" />}
			{value?.length === 0 && (
				<Empty title="No tasks yet">Start one above.</Empty>
			)}
			{value && value.length > 0 && (
				<ul class="tasks" aria-label="Tasks, newest first">
					{value.map((task) => (
						<TaskCard key={task.id} of={task} again={again} />
					))}
				</ul>
			)}
		</Page>
	);
}

interface Finding {
	namespace: string[];
	table: string;
	problem: string;
	location: string;
}

function rowOf(catalog: string, found: Finding, key: string) {
	const path = [...found.namespace, found.table];

	return {
		key,
		cells: [
			<a href={href("tables", catalog, ...path)}>
				<Name of={path.join(".")} />
			</a>,
			<Badge kind="failed">{found.problem}</Badge>,
			<span class="path">{seamed(found.location)}</span>,
		],
	};
}

const SHOWN_AT_FIRST = 100;

function Findings(props: { of: Task }) {
	const { id, catalog, results, state } = props.of;
	const [limit, setLimit] = useState(SHOWN_AT_FIRST);
	const { value, failure, again } = usePoll<Finding[]>(
		`${taskUrl(id)}/results?limit=${limit}`,
		() => isMoving(props.of),
		state,
	);

	if (failure)
		return <TroubleWith of={failure} again={again} what="Findings are" />;
	if (!value)
		return <Loading what="findings" />;
	if (value.length === 0) {
		const moving = isMoving(props.of);

		return <Empty title={moving ? "Nothing found so far" : "Nothing found"} />;
	}
	return (
		<>
			<Grid
				label="Findings"
				columns={["Table", "Problem", "Where"]}
				rows={value.map((found, n) =>
					rowOf(catalog, found, String(n)),
				)}
			/>
			{results > value.length && (
				<button
					type="button"
					class="more"
					onClick={() => setLimit(limit * 4)}
				>
					Show more of {counted(results, "finding")}
				</button>
			)}
		</>
	);
}

interface Merged {
	status: "Completed" | "completed" | "unchanged" | "conflicted";
	operation_id?: string;
	conflicts?: number;
}

/* What became of it; a merge's conflicts are decided on the catalog's page. */
function CommitResult(props: { of: Task }) {
	const { id, catalog, state } = props.of;
	const { value } = usePoll<Merged[]>(
		`${taskUrl(id)}/results`,
		() => isMoving(props.of),
		state,
	);
	const merged = value?.[0];

	if (!merged)
		return <Empty title="Nothing is done yet" />;
	if (merged.status === "Completed")
		return <Empty title="It is merged" />;
	if (merged.status === "completed")
		return <Empty title="It is done" />;
	if (merged.status === "unchanged")
		return <Empty title="There was nothing to do" />;
	return (
		<Empty title="Nothing was merged">
			<a
				href={`${href("catalogs", catalog)}?tab=merge&operation=${
					merged.operation_id ?? ""
				}`}
			>
				{counted(merged.conflicts ?? 0, "conflict")} to decide
			</a>
		</Empty>
	);
}

export function TaskPage(props: { id: string }) {
	const { value, failure, again } = usePoll<Task>(
		taskUrl(props.id),
		isMoving,
	);
	const title = value ? words(value.kind) : "Task";

	return (
		<Page
			title={title}
			crumbs={[{ name: "Tasks", href: href("tasks") }, { name: title }]}
		>
			{failure && (
				<TroubleWith of={failure} again={again} what="This task is" />
			)}
			{!value && !failure && <Loading what="the task" />}
			{value && (
				<ul class="tasks">
					<TaskCard of={value} again={again} open />
				</ul>
			)}
			{value && (
				<section>
					<h2>{isCommit(value) ? "Result" : "Findings"}</h2>
					{isCommit(value) ? (
						<CommitResult of={value} />
					) : (
						<Findings of={value} />
					)}
				</section>
			)}
		</Page>
	);
}
