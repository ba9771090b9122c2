/* tags.tsx - names of commits. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { useCell } from "./cell";
import { Confirm, Dialog, Field } from "./deed";
import { useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name, When } from "./parts";
import { addressOf, catalogOf, prefixOf, refsChanged, refsUrl, refUrl, short,
	type Tag, touchRefs, useRefs } from "./refs";
import { hrefTo } from "./route";

const HINT =
	"A branch or tag; dev~COMMIT or dev~2026-11-01T00:00:00Z for its past.";

export function NewTag(props: {
	catalog: string;
	from: string;
	close: () => void;
}) {
	const [name, setName] = useState("");
	const [from, setFrom] = useState(props.from);
	const work = async () => {
		await change("POST", "/api/v1/tags", {
			name,
			catalog: props.catalog,
			from,
		});
		touchRefs();
	};

	return (
		<Dialog title="New tag" verb="Make tag" work={work} close={props.close}>
			<Field name="Name" value={name} set={setName} required focus />
			<Field
				name="On"
				value={from}
				set={setFrom}
				hint={HINT}
				required
			/>
		</Dialog>
	);
}

function Move(props: { catalog: string; of: Tag; close: () => void }) {
	const [commit, setCommit] = useState("");
	const { name, commit_id } = props.of;
	const work = async () => {
		await change("PUT", refsUrl(refUrl("tags", name), props.catalog), {
			commit_id: commit.trim(),
			expected_commit_id: commit_id,
		});
		touchRefs();
	};

	return (
		<Dialog
			title={`Move tag ${name}`}
			verb="Move"
			work={work}
			close={props.close}
		>
			<p>
				It names <code>{commit_id}</code> now.
			</p>
			<Field
				name="To commit"
				value={commit}
				set={setCommit}
				required
				focus
			/>
		</Dialog>
	);
}

function Delete(props: { catalog: string; of: Tag; close: () => void }) {
	const { name, commit_id } = props.of;
	const work = async () => {
		await change(
			"DELETE",
			refsUrl(refUrl("tags", name), props.catalog, {
				...(commit_id ? { expected_commit_id: commit_id } : {}),
			}),
		);
		touchRefs();
	};

	return (
		<Confirm
			title={`Delete tag ${name}`}
			name={name}
			verb="Delete tag"
			work={work}
			close={props.close}
		>
			<p>
				Nothing keeps what it names readable then, unless a branch or
				another tag does.
			</p>
		</Confirm>
	);
}

function Actions(props: { catalog: string; of: Tag }) {
	const [open, setOpen] = useState<"move" | "delete" | "">("");
	const close = () => setOpen("");

	return (
		<div class="buttons small">
			{props.of.commit_id && (
				<button type="button" onClick={() => setOpen("move")}>
					Move
				</button>
			)}
			<button type="button" onClick={() => setOpen("delete")}>
				Delete
			</button>
			{open === "move" && <Move {...props} close={close} />}
			{open === "delete" && <Delete {...props} close={close} />}
		</div>
	);
}

function rowOf(catalog: string, t: Tag) {
	return {
		key: t.name,
		cells: [
			<a
				class="name"
				href={hrefTo(["catalogs", prefixOf(catalog, t.name)])}
			>
				<Name of={t.name} />
			</a>,
			<>
				<a
					href={hrefTo(["catalogs", prefixOf(catalog, t.name)], {
						tab: "history",
					})}
					title={t.commit_id ?? ""}
				>
					{short(t.commit_id)}
				</a>{" "}
				<Badge>{t.branch ?? "a deleted branch"}</Badge>
			</>,
			t.created_at ? <When at={t.created_at} /> : "",
			<Actions catalog={catalog} of={t} />,
		],
	};
}

export function TagsTab(props: { prefix: string }) {
	const catalog = catalogOf(props.prefix);
	const [making, setMaking] = useState(false);
	const refs = useRefs(catalog, useCell(refsChanged));
	const pages = useLinked<Tag>(
		refsUrl("tags", catalog, { limit: "100" }),
		useCell(refsChanged),
	);

	return (
		<section>
			<div class="title">
				<h2>Tags</h2>
				<button
					type="button"
					class="main last"
					onClick={() => setMaking(true)}
				>
					New tag
				</button>
			</div>
			<Listed pages={pages} noun="tags">
				{(list) =>
					list.length === 0 ? (
						<Empty title="No tags yet">
							A tag names a commit, and keeps it readable.
						</Empty>
					) : (
						<Grid
							label="Tags"
							columns={["Tag", "Commit", "Made", "Actions"]}
							rows={list.map((t) => rowOf(catalog, t))}
						/>
					)
				}
			</Listed>
			{making && (
				<NewTag
					catalog={catalog}
					from={addressOf(props.prefix) || (refs?.main ?? "main")}
					close={() => setMaking(false)}
				/>
			)}
		</section>
	);
}
