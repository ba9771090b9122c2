/* access.tsx - who may do what: users, service users, roles. */
import { Page, Tabs } from "./parts";
import { PersonPage } from "./person";
import { RolePage, RolesTab } from "./roles";
import { href } from "./route";
import { ProgramsTab, UsersTab } from "./users";

const TABS: Record<string, string> = {
	users: "Users",
	programs: "Service users",
	roles: "Roles",
};

export function AccessPage(props: { rest: string[]; tab: string }) {
	const [kind, id] = props.rest;
	const tab = props.tab in TABS ? props.tab : "users";

	if (kind === "roles" && id)
		return <RolePage id={id} />;
	if (kind && id)
		return <PersonPage id={id} program={kind === "programs"} />;
	return (
		<Page title="Access">
			<Tabs label="Access" base={href("access")} names={TABS} at={tab} />
			{tab === "users" && <UsersTab />}
			{tab === "programs" && <ProgramsTab />}
			{tab === "roles" && <RolesTab />}
		</Page>
	);
}
