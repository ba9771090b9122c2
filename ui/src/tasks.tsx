/* tasks.tsx - what the server does in the background, as it goes on. */
import { useState } from "preact/hooks";

import { type Failure, post } from "./api";
import type { Catalog } from "./catalogs";
import { count, counted, duration, time, words } from "./format";
import { useLoad, usePoll } from "./load";
import { Badge, Empty, Grid, Loading, Page, Problem, When } from "./parts";
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
	catalog: string | null;
	state: string;
	progress: Progress | null;
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

/* Read aloud at each quarter only: a bar moves every second. */
function spoken(task: Task, percent: number | null): string {
	const name = `${words(task.kind)} of ${task.catalog ?? "all catalogs"}`;

	if (!isMoving(task) || percent === null)
		return `${name}: ${task.state}`;
	return `${name}: ${Math.floor(percent / 25) * 25} percent`;
}

function percentOf(progress: Progress | null): number | null {
	if (!progress?.total)
		return null;
	return Math.min(100, (100 * progress.done) / progress.total);
}

function Bar(props: { of: Task }) {
	const { progress, state } = props.of;
	const percent = percentOf(progress);
	const notes: string[] = [];

	if (progress?.total)
		notes.push(`${count(progress.done)} of ${count(progress.total)}`);
	else if (progress)
		notes.push(`${count(progress.done)} done`);
	if (isMoving(props.of) && progress?.rate)
		notes.push(`${count(Math.round(progress.rate))} per second`);
	if (isMoving(props.of) && typeof progress?.eta_seconds === "number")
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

function CancelButton(props: { of: Task; again: () => void }) {
	const [problem, setProblem] = useState("");
	const [busy, setBusy] = useState(false);
	const cancel = async () => {
		setBusy(true);
		setProblem("");
		try {
			await post(`${taskUrl(props.of.id)}/cancel`, {});
			props.again();
		} catch (error) {
			setProblem((error as Error).message);
			setBusy(false);
		}
	};

	if (props.of.finished_at)
		return null;
	return (
		<>
			<button type="button" onClick={cancel} disabled={busy}>
				{busy ? "Cancelling …" : "Cancel"}
			</button>
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
					{task.catalog && (
						<span class="dim">of {task.catalog}</span>
					)}
				</span>
				<Badge kind={task.state}>{task.state}</Badge>
				<CancelButton of={task} again={props.again} />
			</div>
			<Bar of={task} />
			<Times of={task} />
			{task.error && <p class="message bad">{task.error}</p>}
		</li>
	);
}

function StartForm(props: { again: () => void }) {
	const catalogs = useLoad<Catalog[]>("/api/v1/catalogs").value ?? [];
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

type Result = Record<string, unknown>;

function cell(value: unknown): string {
	if (value === null || value === undefined || value === "")
		return "–";
	if (Array.isArray(value))
		return value.map(String).join(".");
	return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function Results(props: { of: Task }) {
	const { id, state } = props.of;
	const path = `${taskUrl(id)}/results`;
	const poll = usePoll<Result[]>(path, () => isMoving(props.of), state);
	const rows = poll.value;

	if (poll.failure) {
		return (
			<TroubleWith
				of={poll.failure}
				again={poll.again}
				what="Results are"
			/>
		);
	}
	if (!rows)
		return <Loading what="results" />;
	if (rows.length === 0) {
		return (
			<Empty
				title={
					isMoving(props.of) ? "Nothing found so far" : "Nothing found"
				}
			/>
		);
	}
	const columns = Object.keys(rows[0] ?? {});

	return (
		<>
			<p class="dim">{counted(rows.length, "result")}</p>
			<Grid
				label="Results"
				columns={columns.map(words)}
				rows={rows.map((row, n) => ({
					key: String(n),
					cells: columns.map((c) => (
						<span class="path">{cell(row[c])}</span>
					)),
				}))}
			/>
		</>
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
					<h2>Results</h2>
					<Results of={value} />
				</section>
			)}
		</Page>
	);
}
