/* history.tsx - the commits of a branch, newest first, through its forks, and
 * what can be done with one. */
import { useState } from "preact/hooks";

import { change, get } from "./api";
import { NewBranch } from "./branches";
import { useCell } from "./cell";
import { Dialog, Field, Trouble, useDeed } from "./deed";
import { counted } from "./format";
import { Lanes, type Node, type Opened, type Row, rowsOf } from "./graph";
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

interface Commit extends Node {
	timestamp: number;
	author: string;
	message: string;
	operations: Operation[];
	operation_count: number;
	sequence: number;
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
	of: Commit; brought: boolean }) {
	const { of, catalog, refs } = props;
	const [open, setOpen] = useState<Verb | "tag" | "branch" | "">("");
	const close = () => setOpen("");
	const address = `~${of.id}`;
	const [verb] = Object.keys(VERBS).filter((v) => v === open) as Verb[];
	/* A tag has no history of its own to go on with. */
	const isBranch = refs.branches.some((b) => b.name === props.branch);
	const verbs = (Object.keys(VERBS) as Verb[]).filter(
		(v) => v === "cherry-pick" ||
			(isBranch && !(v === "reset" && props.brought)),
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

/* ---- what a merge has brought */
type Show = (merge: string, history: Commit[] | null) => void;

function Merged(props: { catalog: string; of: Commit; isOpen: boolean;
	show: Show }) {
	const { of, isOpen, show } = props;
	const deed = useDeed();
	const url = refsUrl(
		`${refUrl("branches", `~${of.merged_commit_id}`)}/commits`,
		props.catalog,
		{ limit: "100" },
	);
	const open = async () =>
		show(of.id, await get<Commit[]>(url, new AbortController().signal));

	return (
		<div class="buttons small">
			<button
				type="button"
				disabled={deed.busy}
				aria-expanded={isOpen}
				onClick={() => (isOpen ? show(of.id, null) : deed.run(open))}
			>
				What was merged
			</button>
			<Trouble of={deed} />
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
	row: Row<Commit>;
	isOpen: boolean;
	show: Show;
}) {
	const { of, brought } = props.row;
	const tags = props.refs.tags.filter((t) => t.commit_id === of.id);
	const heads = props.refs.branches.filter((b) => b.head_commit_id === of.id);
	const [subject, ...more] = of.message.split("\n");

	return (
		<li class={brought ? "commit brought" : "commit"}>
			<Lanes of={props.row} />
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
				{of.merged_commit_id && <Merged {...props} of={of} />}
				<Actions {...props} {...{ of, brought }} />
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
	const [opened, setOpened] = useState<Opened<Commit>>(new Map());
	const show: Show = (merge, history) =>
		setOpened((old) => {
			const all = new Map(old);

			all.delete(merge);
			return history ? all.set(merge, history) : all;
		});

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
								rowsOf(commits, opened).map((row) => (
									<Item
										key={row.of.id}
										{...{ catalog, refs, branch, row, show }}
										isOpen={opened.has(row.of.id)}
									/>
								))}
						</ol>
					)
				}
			</Listed>
		</section>
	);
}
