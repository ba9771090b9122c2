/* person.tsx - one user or service user: roles, grants, what follows from
 * them, sessions. */
import { useState } from "preact/hooks";

import { change, post } from "./api";
import { useCell } from "./cell";
import { Dialog, SecretField, Trouble, useDeed } from "./deed";
import { Actions, type Grant, GrantDialog, Place, useCatalogs }
	from "./grants";
import { useAll, useLinked, useLoad } from "./load";
import { Matrix } from "./matrix";
import { Fact, Grid, Listed, Name, Page, shown, When } from "./parts";
import { Question } from "./question";
import type { Role } from "./roles";
import { href } from "./route";
import { DeleteUser, type Program, programUrl, ShownKey, State, touchUsers,
	type User, usersChanged, userUrl } from "./users";

interface Permission extends Grant {
	id: string;
	"granted-at": string;
}

interface Session {
	id: string;
	created_at: string;
	expires_at: string;
	is_valid: boolean;
}

/* What both kinds have. */
export interface Person {
	id: string;
	name: string;
	role: string;
	active: boolean;
	url: string;
}

function Remove(props: {
	verb: string;
	of: string;
	work: () => Promise<unknown>;
}) {
	const deed = useDeed();

	return (
		<>
			<button
				type="button"
				aria-label={`${props.verb} ${props.of}`}
				disabled={deed.busy}
				onClick={() =>
					void deed.run(async () => {
						await props.work();
						touchUsers();
					})
				}
			>
				{props.verb}
			</button>
			<Trouble of={deed} />
		</>
	);
}

function Roles(props: { of: Person }) {
	const base = `${userUrl(props.of.id)}/roles`;
	const own = useAll<Role>(base, useCell(usersChanged));
	const all = useAll<Role>("/api/v1/roles").value ?? [];
	const [chosen, setChosen] = useState("");
	const deed = useDeed();
	const left = all.filter((r) => !own.value?.some((o) => o.id === r.id));
	const next = chosen || (left[0]?.id ?? "");

	return (
		<section aria-label="Roles">
			<h2>Roles</h2>
			{shown(own, "roles", (list) =>
				list.length === 0 ? (
					<p class="dim">None.</p>
				) : (
					<Grid
						label="Roles"
						columns={["Name", "What for", "Take away"]}
						rows={list.map((role) => ({
							key: role.id,
							cells: [
								<a href={href("access", "roles", role.id)}>
									<Name of={role.name} />
								</a>,
								role.description ?? "",
								<Remove
									verb="Take away"
									of={`role ${role.name}`}
									work={() =>
										change("DELETE", `${base}/${role.id}`)
									}
								/>,
							],
						}))}
					/>
				),
			)}
			{left.length > 0 && (
				<div class="buttons">
					<select
						aria-label="Role to give"
						value={next}
						onChange={(e) => setChosen(e.currentTarget.value)}
					>
						{left.map((role) => (
							<option key={role.id} value={role.id}>
								{role.name}
							</option>
						))}
					</select>
					<button
						type="button"
						disabled={deed.busy}
						onClick={() =>
							void deed.run(async () => {
								await change("POST", base, { "role-id": next });
								setChosen("");
								touchUsers();
							})
						}
					>
						Give role
					</button>
					<Trouble of={deed} />
				</div>
			)}
		</section>
	);
}

function Grants(props: { of: Person }) {
	const { id, name } = props.of;
	const [adding, setAdding] = useState(false);
	const catalogs = useCatalogs();
	const own = useAll<Permission>(
		`/api/v1/permissions?user=${id}`,
		useCell(usersChanged),
	);

	return (
		<section aria-label="Grants">
			<h2>Grants of their own</h2>
			{shown(own, "grants", (list) =>
				list.length === 0 ? (
					<p class="dim">None.</p>
				) : (
					<Grid
						label="Grants"
						columns={["On", "Actions", "Since", "Take away"]}
						rows={list.map((grant, n) => ({
							key: grant.id,
							cells: [
								<Place of={grant.scope} catalogs={catalogs} />,
								<Actions of={grant.actions} />,
								<When at={grant["granted-at"]} />,
								<Remove
									verb="Take away"
									of={`grant ${n + 1}`}
									work={() =>
										change(
											"DELETE",
											`/api/v1/permissions/${grant.id}`,
										)
									}
								/>,
							],
						}))}
					/>
				),
			)}
			<div class="buttons">
				<button type="button" onClick={() => setAdding(true)}>
					Grant
				</button>
			</div>
			{adding && (
				<GrantDialog
					title={`Grant to ${name}`}
					verb="Grant"
					work={async (grant) => {
						await change("POST", "/api/v1/permissions", {
							"user-id": id,
							...grant,
						});
						touchUsers();
					}}
					close={() => setAdding(false)}
				/>
			)}
		</section>
	);
}

/* All that follows from both sections above. */
function Rights(props: { of: Person }) {
	const reason = useCell(usersChanged);
	const { id, name } = props.of;
	const own = useAll<Permission>(`/api/v1/permissions?user=${id}`, reason);
	const roles = useAll<Role>(`${userUrl(id)}/roles`, reason);

	return (
		<section aria-label="Rights">
			<h2>What {name} may do</h2>
			{shown(own, "grants", (grants) =>
				shown(roles, "roles", (list) => (
					<Matrix own={grants} roles={list} />
				)),
			)}
		</section>
	);
}

function Sessions(props: { of: Person }) {
	const pages = useLinked<Session>(
		`${userUrl(props.of.id)}/tokens?limit=20`,
		useCell(usersChanged),
	);

	return (
		<section aria-label="Sessions">
			<h2>Sessions</h2>
			<Listed pages={pages} noun="sessions">
				{(list) =>
					list.length === 0 ? (
						<p class="dim">None.</p>
					) : (
						<Grid
							label="Sessions"
							columns={["Begun", "Ends", "End"]}
							rows={list.map((session, n) => ({
								key: session.id,
								cells: [
									<When at={session.created_at} />,
									<When at={session.expires_at} />,
									session.is_valid ? (
										<Remove
											verb="End"
											of={`session ${n + 1}`}
											work={() =>
												change(
													"DELETE",
													`/api/v1/tokens/${session.id}`,
												)
											}
										/>
									) : (
										"ended"
									),
								],
							}))}
						/>
					)
				}
			</Listed>
		</section>
	);
}

function NewPassword(props: { of: Person; close: () => void }) {
	const [password, setPassword] = useState("");

	return (
		<Dialog
			title={`Another password for ${props.of.name}`}
			verb="Set password"
			work={() => change("PUT", props.of.url, { password })}
			close={props.close}
		>
			<SecretField name="New password" value={password}
				set={setPassword} required hint="It ends their sessions" />
		</Dialog>
	);
}

function Buttons(props: { of: Person; program: boolean; tab: string }) {
	const { of, program } = props;
	const [open, setOpen] = useState("");
	const [key, setKey] = useState("");
	const deed = useDeed();
	const close = () => setOpen("");
	const run = (work: () => Promise<unknown>) =>
		void deed.run(async () => {
			await work();
			touchUsers();
		});

	return (
		<div class="buttons last">
			{program ? (
				<button
					type="button"
					disabled={deed.busy}
					onClick={() =>
						run(async () => {
							const made = await post<{ api_key: string }>(
								`${of.url}/rotate`,
								undefined,
							);

							setKey(made.api_key);
						})
					}
				>
					New key
				</button>
			) : (
				<button type="button" onClick={() => setOpen("password")}>
					New password
				</button>
			)}
			<button
				type="button"
				disabled={deed.busy}
				onClick={() =>
					run(() => change("PUT", of.url, { active: !of.active }))
				}
			>
				{of.active ? "Make inactive" : "Make active"}
			</button>
			<button type="button" onClick={() => setOpen("delete")}>
				Delete
			</button>
			<Trouble of={deed} />
			{open === "password" && <NewPassword of={of} close={close} />}
			{open === "delete" && (
				<DeleteUser
					name={of.name}
					url={of.url}
					done={() => {
						location.hash = `${href("access")}?tab=${props.tab}`;
					}}
					close={close}
				/>
			)}
			{key && (
				<ShownKey id={of.id} apiKey={key} close={() => setKey("")} />
			)}
		</div>
	);
}

function personOf(found: User | Program, url: string): Person {
	const { id, role, active } = found;

	return {
		id,
		role,
		active,
		url,
		name: "username" in found ? found.username : found.name,
	};
}

export function PersonPage(props: { id: string; program: boolean }) {
	const tab = props.program ? "programs" : "users";
	const url = (props.program ? programUrl : userUrl)(props.id);
	const found = useLoad<User | Program>(url, useCell(usersChanged));
	const person = found.value && personOf(found.value, url);
	const name = person?.name ?? "User";

	return (
		<Page
			title={name}
			crumbs={[
				{ name: "Access", href: `${href("access")}?tab=${tab}` },
				{ name },
			]}
			aside={
				person && (
					<Buttons of={person} program={props.program} tab={tab} />
				)
			}
		>
			{shown(found, "the user", (value) => {
				const of = personOf(value, url);

				return (
					<>
						<dl class="facts">
							<Fact name="May">
								{of.role === "tenant-user"
									? "what is granted below"
									: "administer: no grant is needed"}
							</Fact>
							<Fact name="State">
								{of.active ? "active" : (
									<State active={of.active} role={of.role} />
								)}
							</Fact>
							{"email" in value && (
								<Fact name="Email">{value.email}</Fact>
							)}
						</dl>
						{of.role === "tenant-user" && (
							<>
								<Roles of={of} />
								<Grants of={of} />
								<Rights of={of} />
							</>
						)}
						<Question of={of} />
						<Sessions of={of} />
					</>
				);
			})}
		</Page>
	);
}
