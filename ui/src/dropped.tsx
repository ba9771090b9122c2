/* dropped.tsx - what was dropped on a branch, and bringing it back. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { useCell } from "./cell";
import { Check, Dialog, Field } from "./deed";
import { useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name, seamed } from "./parts";
import { addressOf, catalogOf, partsOf, refsChanged, refsUrl,
	touchRefs } from "./refs";

interface Dropped {
	id: string;
	kind: string;
	namespace: string[];
	name: string;
	metadata_location: string | null;
}

interface Place {
	catalog: string;
	branch: string; /* "": the default one */
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

function Actions(props: { place: Place; of: Dropped }) {
	const [open, setOpen] = useState(false);
	const path = [...props.of.namespace, props.of.name].join(".");

	return (
		<div class="buttons small">
			<button
				type="button"
				aria-label={`Bring back ${path}`}
				onClick={() => setOpen(true)}
			>
				Bring back …
			</button>
			{open && <Undrop {...props} close={() => setOpen(false)} />}
		</div>
	);
}

export function DroppedTab(props: { prefix: string }) {
	const catalog = catalogOf(props.prefix);
	const branch = partsOf(addressOf(props.prefix)).ref;
	const pages = useLinked<Dropped>(
		refsUrl("dropped", catalog, { limit: "100", ...(branch ? { branch } : {}) }),
		useCell(refsChanged),
	);

	return (
		<section>
			<h2>Dropped</h2>
			<p class="dim">
				What history still holds, and whose name nothing has taken since.
			</p>
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
									<Name of={[...d.namespace, d.name].join(".")} />,
									<Badge>{d.kind}</Badge>,
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
