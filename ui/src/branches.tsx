/* branches.tsx - the branches of a catalog: made, renamed, protected, deleted. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { useCell } from "./cell";
import { Check, Confirm, Dialog, Field, Trouble, useDeed } from "./deed";
import { count, counted } from "./format";
import { useLinked } from "./load";
import { Badge, Grid, Listed, Name, seamed, When } from "./parts";
import { addressOf, type Branch, catalogOf, prefixOf, refsChanged, refsUrl,
	refUrl, short, touchRefs, useRefs } from "./refs";
import { hrefTo } from "./route";
import { session } from "./session";

type Open = "rename" | "delete" | "";

function branchUrl(catalog: string, branch: string) {
	return refsUrl(refUrl("branches", branch), catalog);
}

function Rename(props: { catalog: string; of: Branch; close: () => void }) {
	const [name, setName] = useState(props.of.name);
	const work = async () => {
		await change("PATCH", branchUrl(props.catalog, props.of.name), { name });
		touchRefs();
	};

	return (
		<Dialog
			title={`Rename branch ${props.of.name}`}
			verb="Rename"
			work={work}
			close={props.close}
		>
			<Field name="New name" value={name} set={setName} required focus />
		</Dialog>
	);
}

function Delete(props: { catalog: string; of: Branch; close: () => void }) {
	const { name, head_commit_id, ahead } = props.of;
	const work = async () => {
		await change(
			"DELETE",
			refsUrl(refUrl("branches", name), props.catalog, {
				...(head_commit_id ? { expected_head: head_commit_id } : {}),
			}),
		);
		touchRefs();
	};

	return (
		<Confirm
			title={`Delete branch ${name}`}
			name={name}
			verb="Delete branch"
			work={work}
			close={props.close}
		>
			<p>
				{ahead
					? `The default branch does not have ${counted(ahead, "commit")} of it.`
					: "The default branch has all its commits."}{" "}
				Branches and tags that were made from it stay.
			</p>
		</Confirm>
	);
}

function Actions(props: { catalog: string; of: Branch }) {
	const { catalog, of } = props;
	const [open, setOpen] = useState<Open>("");
	const deed = useDeed();
	const admin = useCell(session)?.admin;
	const protect = () =>
		deed.run(async () => {
			await change("PATCH", branchUrl(catalog, of.name), {
				protected: !of.protected,
			});
			touchRefs();
		});
	const close = () => setOpen("");

	return (
		<div class="buttons small">
			{!of.default && (
				<a
					href={hrefTo(["catalogs", catalog], {
						tab: "merge",
						source: of.name,
					})}
				>
					Merge
				</a>
			)}
			{admin && (
				<button type="button" disabled={deed.busy} onClick={protect}>
					{of.protected ? "Unprotect" : "Protect"}
				</button>
			)}
			{admin && !of.default && (
				<button type="button" onClick={() => setOpen("rename")}>
					Rename
				</button>
			)}
			{!of.default && (
				<button type="button" onClick={() => setOpen("delete")}>
					Delete
				</button>
			)}
			<Trouble of={deed} />
			{open === "rename" && <Rename {...props} close={close} />}
			{open === "delete" && <Delete {...props} close={close} />}
		</div>
	);
}

function Counts(props: { catalog: string; of: Branch }) {
	const { ahead, behind } = props.of;

	if (props.of.default)
		return <span class="dim">–</span>;
	return (
		<a
			class="counts"
			href={hrefTo(["catalogs", props.catalog], {
				tab: "diff",
				to: props.of.name,
			})}
		>
			<span class={ahead ? "plus" : "dim"}>{count(ahead)} ahead</span>{" "}
			<span class={behind ? "minus" : "dim"}>{count(behind)} behind</span>
		</a>
	);
}

function rowOf(catalog: string, b: Branch) {
	const prefix = prefixOf(catalog, b.default ? "" : b.name);

	return {
		key: b.name,
		cells: [
			<>
				<a class="name" href={hrefTo(["catalogs", prefix])}>
					<Name of={b.name} />
				</a>
				<code class="dim">{seamed(`warehouse=${prefix}`)}</code>
			</>,
			<span class="badges">
				{b.default && <Badge kind="ref">default</Badge>}
				<Badge>{b.branch_type}</Badge>
				{b.protected && <Badge kind="good">protected</Badge>}
				{b.partial && <Badge>partial</Badge>}
			</span>,
			<Counts catalog={catalog} of={b} />,
			<>
				<a
					href={hrefTo(["catalogs", prefix], { tab: "history" })}
					title={b.head_commit_id ?? ""}
				>
					<code>{short(b.head_commit_id)}</code>
				</a>{" "}
				{b.created_at && (
					<span class="made">
						made <When at={b.created_at} />
					</span>
				)}
			</>,
			<Actions catalog={catalog} of={b} />,
		],
	};
}

/* `from` is an address: what a new branch begins with. */
export function NewBranch(props: {
	catalog: string;
	from: string;
	close: () => void;
}) {
	const refs = useRefs(props.catalog, useCell(refsChanged));
	const [name, setName] = useState("");
	const [from, setFrom] = useState(props.from);
	const [type, setType] = useState("experimental");
	const [assets, setAssets] = useState("");
	const [isProtected, setProtected] = useState(false);
	const some = assets.split(/[\s,]+/).filter(Boolean);
	const work = async () => {
		await change("POST", "/api/v1/branches", {
			name,
			catalog: props.catalog,
			branch_type: type,
			protected: isProtected,
			...(from ? { from_branch: from } : {}),
			...(some.length ? { assets: some } : {}),
		});
		touchRefs();
	};

	return (
		<Dialog
			title="New branch"
			verb="Make branch"
			work={work}
			close={props.close}
		>
			<Field name="Name" value={name} set={setName} required focus />
			<Field
				name="From"
				value={from}
				set={setFrom}
				list={[...(refs?.branches ?? []), ...(refs?.tags ?? [])].map(
					(r) => r.name,
				)}
				hint="A branch or tag; dev~COMMIT or dev~2026-11-01T00:00:00Z for its past. Empty: the default branch."
			/>
			<label>
				Kind
				<select
					value={type}
					onChange={(e) => setType(e.currentTarget.value)}
				>
					<option>experimental</option>
					<option>ingest</option>
				</select>
				<span class="hint">
					An experimental branch is not merged into a protected one.
				</span>
			</label>
			<Field
				name="Only these tables"
				value={assets}
				set={setAssets}
				hint="sales.orders, sales.lines. Empty: all."
			/>
			<Check name="Protected" value={isProtected} set={setProtected} />
		</Dialog>
	);
}

export function BranchesTab(props: { prefix: string }) {
	const catalog = catalogOf(props.prefix);
	const [making, setMaking] = useState(false);
	const pages = useLinked<Branch>(
		refsUrl("branches", catalog, { compare: "", limit: "100" }),
		useCell(refsChanged),
	);

	return (
		<section>
			<div class="title">
				<h2>Branches</h2>
				<button
					type="button"
					class="main last"
					onClick={() => setMaking(true)}
				>
					New branch
				</button>
			</div>
			<Listed pages={pages} noun="branches">
				{(list) => (
					<Grid
						label="Branches"
						columns={["Branch", "Kind", "Commits", "Head", "Actions"]}
						rows={list.map((b) => rowOf(catalog, b))}
					/>
				)}
			</Listed>
			{making && (
				<NewBranch
					catalog={catalog}
					from={addressOf(props.prefix)}
					close={() => setMaking(false)}
				/>
			)}
		</section>
	);
}
