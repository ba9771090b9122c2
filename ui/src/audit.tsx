/* audit.tsx - who did what, the newest first. */
import { useState } from "preact/hooks";

import { words } from "./format";
import { useLinked } from "./load";
import { Badge, Empty, Grid, Listed, Name, Page, When } from "./parts";

interface Entry {
	id: string;
	username: string;
	action: string;
	resource_type: string;
	resource_name: string;
	timestamp: string;
	ip_address: string | null;
	user_agent: string | null;
	result: string;
	error_message: string | null;
}

/* Those that people ask for; the address of the page takes any other. */
const ACTIONS = ["", "login", "login_failed", "permission_denied",
	"commit_table", "create_table", "drop_table", "merge_branch",
	"grant_permission", "assign_role", "create_user", "delete_user",
	"rotate_api_key"];

export function AuditPage() {
	const [action, setAction] = useState("");
	const [result, setResult] = useState("");
	const query = new URLSearchParams({ limit: "100" });

	if (action)
		query.set("action", action);
	if (result)
		query.set("result", result);
	const pages = useLinked<Entry>(`/api/v1/audit?${query}`);

	return (
		<Page title="Audit">
			<form class="filters" onSubmit={(e) => e.preventDefault()}>
				<label>
					Action
					<select
						value={action}
						onChange={(e) => setAction(e.currentTarget.value)}
					>
						{ACTIONS.map((word) => (
							<option key={word} value={word}>
								{word ? words(word) : "Any"}
							</option>
						))}
					</select>
				</label>
				<label>
					Result
					<select
						value={result}
						onChange={(e) => setResult(e.currentTarget.value)}
					>
						<option value="">Any</option>
						<option value="success">Success</option>
						<option value="failure">Failure</option>
					</select>
				</label>
			</form>
			<Listed pages={pages} noun="entries">
				{(list) =>
					list.length === 0 ? (
						<Empty title="Nothing is on record" />
					) : (
						<Grid
							label="Audit log"
							columns={["When", "Who", "What", "Which", "Result",
								"From"]}
							rows={list.map((e) => ({
								key: e.id,
								cells: [
									<When at={e.timestamp} />,
									e.username ? <Name of={e.username} /> : "",
									words(e.action),
									e.resource_name ? (
										<Name of={e.resource_name} />
									) : (
										""
									),
									e.result === "success" ? (
										"success"
									) : (
										<span title={e.error_message ?? ""}>
											<Badge kind="bad">failure</Badge>{" "}
											{e.error_message}
										</span>
									),
									e.ip_address ? (
										<span title={e.user_agent ?? ""}>
											{e.ip_address}
										</span>
									) : (
										""
									),
								],
							}))}
						/>
					)
				}
			</Listed>
		</Page>
	);
}
