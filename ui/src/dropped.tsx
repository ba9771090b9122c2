/* dropped.tsx - what was dropped on a branch, bringing it back, and purging
 * it. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { useCell } from "./cell";
import { Check, Confirm, Dialog, Field } from "./deed";
import { useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name, seamed } from "./parts";
import { addressOf, catalogOf, partsOf, refsChanged, refsUrl,
	touchRefs } from "./refs";
import { TasksFollowed } from "./tasks";

interface Dropped {
	id: string;
	kind: string;
	namespace: string[];
	name: string;
	metadata_location: string | null;
	purge: boolean;
}

interface Place {
	catalog: string;
	branch: string; /* "": the default one */
}

function fullName(of: Dropped): string {
	return [...of.namespace, of.name].join(".");
}

function Undrop(props: { place: Place; of: Dropped; close: () => void }) {
	const { id, kind, namespace } = props.of;
	const { catalog, branch } = props.place;
	const [name, setName] = useState(props.of.name);
	const [empty, setEmpty] = useState(false);
	const work = async () => {
		await change("POST", "/api/v1/undrop", {
			catalog,
			id,
			...(branch ? { branch } : {}),
			...(name === props.of.name ? {} : { name }),
			...(empty ? { empty } : {}),
		});
		touchRefs();
	};

	return (
		<Dialog
			title={`Bring back ${kind} ${props.of.name}`}
			verb="Bring it back"
			work={work}
			close={props.close}
		>
			<p>
				A new commit makes it what it was
				{namespace.length > 0 && `, in ${namespace.join(".")}`}.
			</p>
			<Field name="Name" value={name} set={setName} required focus />
			{kind === "namespace" && (
				<Check
					name="Without what lay in it"
					value={empty}
					set={setEmpty}
				/>
			)}
		</Dialog>
	);
}

function Purge(props: {
	place: Place;
	of: Dropped;
	close: () => void;
	begun: (task: string) => void;
}) {
	const { id, kind, name } = props.of;
	const { catalog, branch } = props.place;
	const work = async () => {
		const { task_id } = await change<{ task_id: string }>(
			"POST",
			"/api/v1/purge",
			{ catalog, id, ...(branch ? { branch } : {}) },
		);
		props.begun(task_id);
	};

	return (
		<Confirm
			title={`Purge ${kind} ${name}`}
			name={fullName(props.of)}
			verb="Purge for good"
			work={work}
			close={props.close}
		>
			<p>
				It goes from the history of all branches of {catalog}, and then
				its files are deleted. Nothing brings it back.
			</p>
		</Confirm>
	);
}

type Asked = "" | "undrop" | "purge";

function Actions(props: {
	place: Place;
	of: Dropped;
	begun: (task: string) => void;
}) {
	const [asked, setAsked] = useState<Asked>("");
	const path = fullName(props.of);
	const close = () => setAsked("");

	return (
		<div class="buttons small">
			<button
				type="button"
				aria-label={`Bring back ${path}`}
				onClick={() => setAsked("undrop")}
			>
				Bring back …
			</button>
			{props.of.kind !== "namespace" && (
				<button
					type="button"
					aria-label={`Purge ${path}`}
					onClick={() => setAsked("purge")}
				>
					Purge …
				</button>
			)}
			{asked === "undrop" && <Undrop {...props} close={close} />}
			{asked === "purge" && <Purge {...props} close={close} />}
		</div>
	);
}

function Kind(props: { of: Dropped }) {
	return (
		<span class="badges">
			<Badge>{props.of.kind}</Badge>
			{props.of.purge && <Badge kind="warning">purge asked</Badge>}
		</span>
	);
}

export function DroppedTab(props: { prefix: string }) {
	const catalog = catalogOf(props.prefix);
	const branch = partsOf(addressOf(props.prefix)).ref;
	const [tasks, setTasks] = useState<string[]>([]);
	const pages = useLinked<Dropped>(
		refsUrl("dropped", catalog, { limit: "100", ...(branch ? { branch } : {}) }),
		useCell(refsChanged),
	);

	return (
		<section>
			<h2>Dropped</h2>
			<p class="dim">
				What history still holds, and whose name nothing has taken since.
				What was dropped with a purge asked goes once no branch, tag or
				kept history shows it.
			</p>
			<TasksFollowed label="Purges" ids={tasks} over={touchRefs} />
			<Listed pages={pages} noun="what was dropped">
				{(list) =>
					list.length === 0 && !pages.more ? (
						<Empty title="Nothing was dropped here" />
					) : (
						<Grid
							label="Dropped"
							columns={["Name", "Kind", "Last metadata file", "Actions"]}
							rows={list.map((d) => ({
								key: d.id,
								cells: [
									<Name of={fullName(d)} />,
									<Kind of={d} />,
									d.metadata_location ? (
										<span class="path">
											{seamed(d.metadata_location)}
										</span>
									) : (
										""
									),
									<Actions
										place={{ catalog, branch }}
										of={d}
										begun={(task) =>
											setTasks((all) => [task, ...all])
										}
									/>,
								],
							}))}
						/>
					)
				}
			</Listed>
		</section>
	);
}
