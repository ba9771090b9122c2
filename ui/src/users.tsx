/* users.tsx - the users of a tenant: people, and programs with a key. */
import { useState } from "preact/hooks";

import { change, post } from "./api";
import { Cell, useCell } from "./cell";
import { Confirm, Dialog, Field, SecretField } from "./deed";
import { useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name, When } from "./parts";
import { href } from "./route";
import { session } from "./session";

export interface User {
	id: string;
	username: string;
	email: string;
	role: string;
	active: boolean;
	"oauth-provider": string | null;
	"last-login": string | null;
}

export interface Program {
	id: string;
	name: string;
	description: string | null;
	role: string;
	active: boolean;
	"last-used": string | null;
	"expires-at": string | null;
}

const changed = new Cell(0);
export const usersChanged = changed;
export const touchUsers = () => changed.set(changed.get() + 1);

export const userUrl = (id: string) => `/api/v1/users/${id}`;
export const programUrl = (id: string) => `/api/v1/service-users/${id}`;

export function RoleChoice(props: {
	value: string;
	set: (value: string) => void;
}) {
	return (
		<label>
			May
			<select
				value={props.value}
				onChange={(e) => props.set(e.currentTarget.value)}
			>
				<option value="tenant-user">Do what is granted</option>
				<option value="tenant-admin">Administer the tenant</option>
			</select>
		</label>
	);
}

export function State(props: { active: boolean; role: string }) {
	return (
		<>
			{props.role !== "tenant-user" && <Badge>{props.role}</Badge>}
			{!props.active && <Badge kind="bad">inactive</Badge>}
		</>
	);
}

function NewUser(props: { close: () => void }) {
	const [username, setUsername] = useState("");
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const [role, setRole] = useState("tenant-user");

	return (
		<Dialog
			title="New user"
			verb="Make user"
			work={async () => {
				await post("/api/v1/users", { username, email, password, role });
				touchUsers();
			}}
			close={props.close}
		>
			<Field name="Username" value={username} set={setUsername}
				required focus />
			<Field name="Email" value={email} set={setEmail} required />
			<SecretField name="First password" value={password}
				set={setPassword} required hint="At least 8 bytes" />
			<RoleChoice value={role} set={setRole} />
		</Dialog>
	);
}

export function UsersTab() {
	const [making, setMaking] = useState(false);
	const pages = useLinked<User>("/api/v1/users?limit=100", useCell(changed));

	return (
		<>
			<div class="buttons">
				<button type="button" class="main" onClick={() => setMaking(true)}>
					New user
				</button>
			</div>
			<Listed pages={pages} noun="users">
				{(list) => (
					<Grid
						label="Users"
						columns={["Name", "State", "Email", "Signs in with",
							"Last sign-in"]}
						rows={list.map((u) => ({
							key: u.id,
							cells: [
								<a href={href("access", "users", u.id)}>
									<Name of={u.username} />
								</a>,
								<State active={u.active} role={u.role} />,
								<Name of={u.email} />,
								u["oauth-provider"] ?? "password",
								u["last-login"] ? (
									<When at={u["last-login"]} />
								) : (
									""
								),
							],
						}))}
					/>
				)}
			</Listed>
			{making && <NewUser close={() => setMaking(false)} />}
		</>
	);
}

/* The only time that a key is shown. */
export function ShownKey(props: {
	id: string;
	apiKey: string;
	close: () => void;
}) {
	const credential = `${props.id}:${props.apiKey}`;

	return (
		<Dialog
			title="The key, shown this once"
			verb="I have it"
			work={async () => undefined}
			close={props.close}
		>
			<p>Iceberg clients take it as their credential:</p>
			<pre class="key">
				<code>credential={credential}</code>
			</pre>
			<p>Others send the header X-API-Key:</p>
			<pre class="key">
				<code>{props.apiKey}</code>
			</pre>
		</Dialog>
	);
}

function NewProgram(props: {
	made: (key: { id: string; api_key: string }) => void;
	close: () => void;
}) {
	const [name, setName] = useState("");
	const [description, setDescription] = useState("");
	const [days, setDays] = useState("");
	const [role, setRole] = useState("tenant-user");

	return (
		<Dialog
			title="New service user"
			verb="Make service user"
			work={async () => {
				const made = await post<{ id: string; api_key: string }>(
					"/api/v1/service-users",
					{
						name,
						role,
						...(description ? { description } : {}),
						...(days ? { expires_in_days: Number(days) } : {}),
					},
				);

				touchUsers();
				props.made(made);
			}}
			close={props.close}
		>
			<Field name="Name" value={name} set={setName} required focus />
			<Field name="Description" value={description}
				set={setDescription} />
			<Field name="Days until it ends" value={days} set={setDays}
				hint="Empty: it does not" />
			<RoleChoice value={role} set={setRole} />
		</Dialog>
	);
}

export function ProgramsTab() {
	const [making, setMaking] = useState(false);
	const [key, setKey] = useState<{ id: string; api_key: string }>();
	const pages = useLinked<Program>(
		"/api/v1/service-users?limit=100",
		useCell(changed),
	);

	return (
		<>
			<div class="buttons">
				<button type="button" class="main" onClick={() => setMaking(true)}>
					New service user
				</button>
			</div>
			<Listed pages={pages} noun="service users">
				{(list) =>
					list.length === 0 ? (
						<Empty title="No service users yet">
							A program signs in with a key of its own, without a
							password.
						</Empty>
					) : (
						<Grid
							label="Service users"
							columns={["Name", "State", "What for", "Last used",
								"Ends"]}
							rows={list.map((p) => ({
								key: p.id,
								cells: [
									<a href={href("access", "programs", p.id)}>
										<Name of={p.name} />
									</a>,
									<State active={p.active} role={p.role} />,
									p.description ?? "",
									p["last-used"] ? (
										<When at={p["last-used"]} />
									) : (
										""
									),
									p["expires-at"] ? (
										<When at={p["expires-at"]} />
									) : (
										""
									),
								],
							}))}
						/>
					)
				}
			</Listed>
			{making && (
				<NewProgram made={setKey} close={() => setMaking(false)} />
			)}
			{key && (
				<ShownKey
					id={key.id}
					apiKey={key.api_key}
					close={() => setKey(undefined)}
				/>
			)}
		</>
	);
}

/* One's own password, with the one until now. */
export function OwnPassword(props: { close: () => void }) {
	const [current, setCurrent] = useState("");
	const [next, setNext] = useState("");
	const id = useCell(session)?.id ?? "";

	return (
		<Dialog
			title="Another password"
			verb="Change password"
			work={() =>
				change("PUT", userUrl(id), {
					"current-password": current,
					password: next,
				})
			}
			close={props.close}
		>
			<SecretField name="Password until now" value={current}
				set={setCurrent} required />
			<SecretField name="New password" value={next} set={setNext}
				required hint="It ends your other sessions" />
		</Dialog>
	);
}

export function DeleteUser(props: {
	name: string;
	url: string;
	done: () => void;
	close: () => void;
}) {
	return (
		<Confirm
			title={`Delete ${props.name}`}
			name={props.name}
			verb="Delete"
			work={async () => {
				await change("DELETE", props.url);
				touchUsers();
				props.done();
			}}
			close={props.close}
		>
			<p>
				What was granted goes, too. To keep somebody out for a while,
				make them inactive instead.
			</p>
		</Confirm>
	);
}
