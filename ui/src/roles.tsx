/* roles.tsx - roles: named grants that many can have. */
import { useState } from "preact/hooks";

import { change } from "./api";
import { Cell, useCell } from "./cell";
import { Confirm, Dialog, Field } from "./deed";
import { Actions, type Grant, GrantDialog, Place, useCatalogs }
	from "./grants";
import { useLinked, useLoad } from "./load";
import { Empty, Grid, Listed, Name, Page, shown } from "./parts";
import { href } from "./route";

export interface Role {
	id: string;
	name: string;
	description: string | null;
	permissions: Grant[];
}

const changed = new Cell(0);
const touch = () => changed.set(changed.get() + 1);
const urlOf = (id: string) => `/api/v1/roles/${id}`;

function NewRole(props: { close: () => void }) {
	const [name, setName] = useState("");
	const [description, setDescription] = useState("");

	return (
		<Dialog
			title="New role"
			verb="Make role"
			work={async () => {
				const made = await change<Role>("POST", "/api/v1/roles", {
					name,
					...(description ? { description } : {}),
					permissions: [],
				});

				touch();
				location.hash = href("access", "roles", made.id);
			}}
			close={props.close}
		>
			<Field name="Name" value={name} set={setName} required focus />
			<Field name="Description" value={description}
				set={setDescription} />
		</Dialog>
	);
}

export function RolesTab() {
	const [making, setMaking] = useState(false);
	const pages = useLinked<Role>("/api/v1/roles?limit=100", useCell(changed));

	return (
		<>
			<div class="buttons">
				<button type="button" class="main" onClick={() => setMaking(true)}>
					New role
				</button>
			</div>
			<Listed pages={pages} noun="roles">
				{(list) =>
					list.length === 0 ? (
						<Empty title="No roles yet">
							A role is a set of grants that many users can have.
						</Empty>
					) : (
						<Grid
							label="Roles"
							columns={["Name", "What for", "Grants"]}
							rows={list.map((role) => ({
								key: role.id,
								cells: [
									<a href={href("access", "roles", role.id)}>
										<Name of={role.name} />
									</a>,
									role.description ?? "",
									String(role.permissions.length),
								],
							}))}
						/>
					)
				}
			</Listed>
			{making && <NewRole close={() => setMaking(false)} />}
		</>
	);
}

/* A role is written as a whole. */
async function write(role: Role, permissions: Grant[]): Promise<void> {
	const { name, description } = role;

	await change("PUT", urlOf(role.id), {
		name,
		...(description ? { description } : {}),
		permissions,
	});
	touch();
}

function Grants(props: { of: Role; add: () => void }) {
	const { of } = props;
	const catalogs = useCatalogs();

	if (of.permissions.length === 0)
		return (
			<Empty title="It grants nothing yet">
				<button type="button" onClick={props.add}>
					Add a grant
				</button>
			</Empty>
		);
	return (
		<Grid
			label="Grants"
			columns={["On", "Actions", "Take away"]}
			rows={of.permissions.map((grant, n) => ({
				key: JSON.stringify(grant),
				cells: [
					<Place of={grant.scope} catalogs={catalogs} />,
					<Actions of={grant.actions} />,
					<button
						type="button"
						aria-label={`Take away grant ${n + 1}`}
						onClick={() =>
							void write(
								of,
								of.permissions.filter((g) => g !== grant),
							)
						}
					>
						Take away
					</button>,
				],
			}))}
		/>
	);
}

export function RolePage(props: { id: string }) {
	const [open, setOpen] = useState<"add" | "delete" | "">("");
	const close = () => setOpen("");
	const role = useLoad<Role>(urlOf(props.id), useCell(changed));
	const crumbs = [
		{ name: "Access", href: `${href("access")}?tab=roles` },
		{ name: role.value?.name ?? "Role" },
	];

	return (
		<Page
			title={role.value?.name ?? "Role"}
			crumbs={crumbs}
			aside={
				<div class="buttons last">
					<button type="button" class="main" onClick={() => setOpen("add")}>
						Add a grant
					</button>
					<button type="button" onClick={() => setOpen("delete")}>
						Delete role
					</button>
				</div>
			}
		>
			{shown(role, "the role", (value) => (
				<>
					{value.description && <p class="dim">{value.description}</p>}
					<Grants of={value} add={() => setOpen("add")} />
					{open === "add" && (
						<GrantDialog
							title={`Add a grant to ${value.name}`}
							verb="Add"
							work={(grant) =>
								write(value, [...value.permissions, grant])
							}
							close={close}
						/>
					)}
					{open === "delete" && (
						<Confirm
							title={`Delete role ${value.name}`}
							name={value.name}
							verb="Delete role"
							work={async () => {
								await change("DELETE", urlOf(value.id));
								touch();
								location.hash = `${href("access")}?tab=roles`;
							}}
							close={close}
						>
							<p>Everybody who has it loses what it grants.</p>
						</Confirm>
					)}
				</>
			))}
		</Page>
	);
}
