/* history.tsx - the commits of a branch, newest first, through its forks, and
 * what can be done with one. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { NewBranch } from "./branches";
import { useCell } from "./cell";
import { Dialog, Field } from "./deed";
import { counted } from "./format";
import { useLinked } from "./load";
import { Badge, Empty, Listed, Name, When } from "./parts";
import { addressOf, catalogOf, partsOf, prefixOf, type Refs, refsChanged,
	refsUrl, refUrl, short, touchRefs, useRefs } from "./refs";
import { hrefTo } from "./route";
import { NewTag } from "./tags";

interface Operation {
	operation: string;
	kind: string;
	namespace: string[];
	name: string;
}

interface Commit {
	id: string;
	parent_id: string | null;
	timestamp: number;
	author: string;
	message: string;
	operations: Operation[];
	operation_count: number;
	branch: string | null;
	sequence: number;
	merged_commit_id: string | null;
}

/* ---- the graph: a lane for each branch, the newest commit's on the left */
const LANE = 16;
const DOT = 20;

function lanesOf(commits: Commit[]): string[] {
	return [...new Set(commits.map((c) => c.branch ?? ""))];
}

function xOf(lane: number): number {
	return LANE * lane + LANE / 2;
}

/* The part of the graph beside one commit.  What leads to the commit before
 * goes to that one's lane; a merge has an end that comes from elsewhere. */
function Lanes(props: { lanes: string[]; of: Commit; before?: Commit;
	first: boolean }) {
	const { lanes, of, before } = props;
	const lane = lanes.indexOf(of.branch ?? "");
	const x = xOf(lane);
	const below = before ? xOf(lanes.indexOf(before.branch ?? "")) : x;
	const width = LANE * (lanes.length + 1);

	return (
		<svg class={`lanes lane-${lane % 4}`} width={width} aria-hidden="true">
			{!props.first && <line x1={x} y1="0" x2={x} y2={DOT} />}
			{(before || of.parent_id) && (
				<line x1={x} y1={DOT} x2={below} y2="100%" />
			)}
			{of.merged_commit_id && (
				<line
					class="merged"
					x1={x}
					y1={DOT}
					x2={xOf(lanes.length)}
					y2="100%"
				/>
			)}
			<circle cx={x} cy={DOT} r="5" />
		</svg>
	);
}

/* ---- what is done with a commit */
type Verb = "revert" | "cherry-pick" | "reset";

const VERBS: Record<Verb, [string, string]> = {
	revert: ["Revert", "A new commit takes back what this one changed."],
	"cherry-pick": ["Cherry-pick", "A new commit does what this one did."],
	reset: [
		"Reset to here",
		"A new commit makes the branch what it was behind this one; " +
			"history keeps what came since.",
	],
};

function Restore(props: {
	catalog: string;
	refs: Refs;
	branch: string;
	verb: Verb;
	of: Commit;
	close: () => void;
}) {
	const { verb, of, catalog } = props;
	const [branch, setBranch] = useState(props.branch);
	const [message, setMessage] = useState("");
	const [name, says] = VERBS[verb];
	const work = async () => {
		await change("POST", `/api/v1/${refUrl("branches", branch)}/${verb}`, {
			catalog,
			commit_id: of.id,
			...(message ? { message } : {}),
		});
		touchRefs();
		if (verb === "cherry-pick") {
			location.hash = hrefTo(["catalogs", prefixOf(catalog, branch)], {
				tab: "history",
			});
		}
	};

	return (
		<Dialog
			title={`${name}: ${of.message}`}
			verb={name}
			danger={verb === "reset"}
			work={work}
			close={props.close}
		>
			<p>{says}</p>
			<Field
				name="On branch"
				value={branch}
				set={setBranch}
				list={props.refs.branches.map((b) => b.name)}
				required
				focus={verb === "cherry-pick"}
			/>
			<Field
				name="Message"
				value={message}
				set={setMessage}
				hint="Empty: it says what was done."
				focus={verb !== "cherry-pick"}
			/>
		</Dialog>
	);
}

function Actions(props: { catalog: string; refs: Refs; branch: string;
	of: Commit }) {
	const { of, catalog, refs } = props;
	const [open, setOpen] = useState<Verb | "tag" | "branch" | "">("");
	const close = () => setOpen("");
	const address = `~${of.id}`;
	const [verb] = Object.keys(VERBS).filter((v) => v === open) as Verb[];
	/* A tag has no history of its own to go on with. */
	const isBranch = refs.branches.some((b) => b.name === props.branch);
	const verbs = (Object.keys(VERBS) as Verb[]).filter(
		(v) => isBranch || v === "cherry-pick",
	);

	return (
		<div class="buttons small">
			{of.parent_id && (
				<a
					href={hrefTo(["catalogs", catalog], {
						tab: "diff",
						from: `~${of.parent_id}`,
						to: address,
					})}
				>
					Diff
				</a>
			)}
			<a href={hrefTo(["catalogs", prefixOf(catalog, address)])}>
				Browse
			</a>
			<button type="button" onClick={() => setOpen("branch")}>
				Branch …
			</button>
			<button type="button" onClick={() => setOpen("tag")}>
				Tag …
			</button>
			{verbs.map((v) => (
				<button type="button" key={v} onClick={() => setOpen(v)}>
					{VERBS[v][0]} …
				</button>
			))}
			{open === "branch" && (
				<NewBranch catalog={catalog} from={address} close={close} />
			)}
			{open === "tag" && (
				<NewTag catalog={catalog} from={address} close={close} />
			)}
			{verb && (
				<Restore
					{...props}
					branch={isBranch ? props.branch : ""}
					verb={verb}
					close={close}
				/>
			)}
		</div>
	);
}

/* ---- one commit */
function Operations(props: { of: Commit }) {
	const { operations, operation_count } = props.of;
	const left = operation_count - operations.length;

	if (operation_count === 0)
		return null;
	return (
		<details>
			<summary>{counted(operation_count, "change")}</summary>
			<ul class="operations">
				{operations.map((o) => (
					<li key={[...o.namespace, o.name].join("\x1f")}>
						<Badge kind={o.operation}>{o.operation}</Badge>{" "}
						<span class="dim">{o.kind}</span>{" "}
						<Name of={[...o.namespace, o.name].join(".")} />
					</li>
				))}
				{left > 0 && <li class="dim">and {counted(left, "more")}</li>}
			</ul>
		</details>
	);
}

function Item(props: {
	catalog: string;
	refs: Refs;
	branch: string;
	lanes: string[];
	of: Commit;
	before?: Commit;
	first: boolean;
}) {
	const { of } = props;
	const tags = props.refs.tags.filter((t) => t.commit_id === of.id);
	const heads = props.refs.branches.filter((b) => b.head_commit_id === of.id);
	const [subject, ...more] = of.message.split("\n");

	return (
		<li class="commit">
			<Lanes {...props} />
			<div>
				<div class="title">
					<b class="subject">
						<Name of={subject ?? ""} />
					</b>
					<span class="badges">
						{of.merged_commit_id && <Badge>merge</Badge>}
						{heads.map((b) => (
							<Badge key={b.name} kind="ref">
								{b.name}
							</Badge>
						))}
						{tags.map((t) => (
							<Badge key={t.name} kind="good">
								{t.name}
							</Badge>
						))}
					</span>
				</div>
				{more.length > 0 && <p class="body">{more.join("\n").trim()}</p>}
				<p class="dim">
					{of.author} · <When at={of.timestamp} /> ·{" "}
					{of.branch ?? "a deleted branch"} {of.sequence} ·{" "}
					<code title={of.id}>{short(of.id)}</code>
				</p>
				<Operations of={of} />
				<Actions {...props} />
			</div>
		</li>
	);
}

/* ---- looking for some of them */
function Search(props: { prefix: string; query: URLSearchParams }) {
	const [table, setTable] = useState(props.query.get("table") ?? "");
	const [author, setAuthor] = useState(props.query.get("author") ?? "");

	return (
		<form
			class="start"
			onSubmit={(e) => {
				e.preventDefault();
				location.hash = hrefTo(["catalogs", props.prefix], {
					tab: "history",
					table,
					author,
				});
			}}
		>
			<Field name="Table or view" value={table} set={setTable} />
			<Field name="Author" value={author} set={setAuthor} />
			<button type="submit">Find commits</button>
		</form>
	);
}

export function HistoryTab(props: { prefix: string; query: URLSearchParams }) {
	const { prefix, query } = props;
	const catalog = catalogOf(prefix);
	const round = useCell(refsChanged);
	const refs = useRefs(catalog, round);
	const address = addressOf(prefix);
	const main = refs?.main ?? "main";
	const branch = partsOf(address).ref || main;
	const at = address || main;
	const wanted: Record<string, string> = { limit: "100" };

	for (const name of ["table", "author"]) {
		const value = query.get(name);

		if (value)
			wanted[name] = value;
	}

	const pages = useLinked<Commit>(
		refsUrl(`${refUrl("branches", at)}/commits`, catalog, wanted),
		round,
	);

	return (
		<section>
			<h2>History</h2>
			<Search prefix={prefix} query={query} />
			<Listed pages={pages} noun="commits">
				{(commits) =>
					commits.length === 0 ? (
						<Empty title="No commits here" />
					) : (
						<ol class="commits" aria-label="Commits, newest first">
							{refs &&
								commits.map((c, n) => (
									<Item
										key={c.id}
										{...{ catalog, refs, branch }}
										lanes={lanesOf(commits)}
										of={c}
										{...(commits[n + 1]
											? { before: commits[n + 1] }
											: {})}
										first={n === 0}
									/>
								))}
						</ol>
					)
				}
			</Listed>
		</section>
	);
}
