/* warehouses.tsx - where the files of catalogs are. */
import { useState } from "preact/hooks";

import { change } from "./api";
import type { Catalog } from "./catalogs";
import { Cell, useCell } from "./cell";
import { Confirm } from "./deed";
import { size } from "./format";
import { useAll, useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name, Page, seamed } from "./parts";
import { href } from "./route";
import { session } from "./session";
import { fieldsOf, isS3, placeOf, type Warehouse } from "./storage";
import { urlOf, WarehouseDialog } from "./warehouse";

const changed = new Cell(0);
const touch = () => changed.set(changed.get() + 1);

const ENGINES = {
	None: "own keys",
	AwsSts: "a session each table",
	AwsStatic: "static keys",
};

function Actions(props: { of: Warehouse; used: boolean }) {
	const [open, setOpen] = useState<"edit" | "delete" | "">("");
	const close = () => setOpen("");
	const { name } = props.of;

	return (
		<div class="buttons small">
			<button
				type="button"
				aria-label={`Edit ${name}`}
				onClick={() => setOpen("edit")}
			>
				Edit
			</button>
			{!props.used && (
				<button
					type="button"
					aria-label={`Delete ${name}`}
					onClick={() => setOpen("delete")}
				>
					Delete
				</button>
			)}
			{open === "edit" && (
				<WarehouseDialog of={props.of} close={close} saved={touch} />
			)}
			{open === "delete" && (
				<Confirm
					title={`Delete warehouse ${name}`}
					name={name}
					verb="Delete warehouse"
					work={async () => {
						await change("DELETE", urlOf(name));
						touch();
					}}
					close={close}
				>
					<p>No file goes: what is in its place stays there.</p>
				</Confirm>
			)}
		</div>
	);
}

function UsedBy(props: { catalogs: string[] }) {
	return (
		<ul class="plain">
			{props.catalogs.map((name) => (
				<li key={name}>
					<a href={href("catalogs", name)}>
						<Name of={name} />
					</a>
				</li>
			))}
		</ul>
	);
}

function rowOf(w: Warehouse, catalogs: Catalog[] | undefined, admin: boolean) {
	const inS3 = isS3(w.storage_config);
	const used = (catalogs ?? [])
		.filter((c) => c.warehouse_name === w.name)
		.map((c) => c.name);

	return {
		key: w.name,
		cells: [
			<Name of={w.name} />,
			<Badge>{inS3 ? "S3" : "files"}</Badge>,
			<span class="path">{seamed(placeOf(w.storage_config))}</span>,
			inS3 ? ENGINES[fieldsOf(w).engines] : "",
			inS3 ? size(String(w.bytes_written)) : "",
			inS3 ? size(String(w.bytes_read)) : "",
			used.length > 0 ? <UsedBy catalogs={used} /> : "",
			admin ? (
				<Actions of={w} used={!catalogs || used.length > 0} />
			) : (
				""
			),
		],
	};
}

export function WarehousesPage() {
	const [making, setMaking] = useState(false);
	const admin = useCell(session)?.admin ?? false;
	const catalogs = useAll<Catalog>("/api/v1/catalogs");
	const pages = useLinked<Warehouse>(
		"/api/v1/warehouses?limit=100",
		useCell(changed),
	);

	return (
		<Page
			title="Warehouses"
			aside={
				admin && (
					<button
						type="button"
						class="main last"
						onClick={() => setMaking(true)}
					>
						New warehouse
					</button>
				)
			}
		>
			<Listed pages={pages} noun="warehouses">
				{(list) =>
					list.length === 0 ? (
						<Empty title="No warehouses yet">
							A warehouse is the place where the tables of
							catalogs are.
						</Empty>
					) : (
						<Grid
							label="Warehouses"
							columns={["Name", "Kind", "Place", "Engines get",
								"Written", "Read", "Used by", "Actions"]}
							rows={list.map((w) =>
								rowOf(w, catalogs.value, admin),
							)}
						/>
					)
				}
			</Listed>
			{making && (
				<WarehouseDialog
					of={null}
					close={() => setMaking(false)}
					saved={touch}
				/>
			)}
		</Page>
	);
}
