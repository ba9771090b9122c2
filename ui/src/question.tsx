/* question.tsx - may somebody do this there? */
import { useState } from "preact/hooks";

import { get } from "./api";
import { Trouble, useDeed } from "./deed";
import { type Grant, useCatalogs } from "./grants";
import type { Person } from "./person";

interface Held extends Grant {
	"role-name": string | null;
}

interface Verdict {
	allowed: boolean;
	role: string;
	permissions: Held[];
}

function whyOf(verdict: Verdict): string {
	if (verdict.role !== "tenant-user")
		return `as ${verdict.role}`;
	return [
		...new Set(
			verdict.permissions.map((held) =>
				held["role-name"] ? `role ${held["role-name"]}` : "own grant",
			),
		),
	].join(", ");
}

/* The server answers with the same code that decides about requests. */
export function Question(props: { of: Person }) {
	const catalogs = useCatalogs();
	const [action, setAction] = useState("read");
	const [catalog, setCatalog] = useState("");
	const [namespace, setNamespace] = useState("");
	const [asset, setAsset] = useState("");
	const [answer, setAnswer] = useState<Verdict>();
	const deed = useDeed();
	const { id, name } = props.of;
	const ask = async () => {
		const query = new URLSearchParams({ user: id, action });

		query.set("catalog", catalog || (catalogs[0]?.name ?? ""));
		if (namespace)
			query.set("namespace", namespace);
		if (asset)
			query.set("asset", asset);
		setAnswer(
			await get<Verdict>(
				`/api/v1/permissions/check?${query}`,
				new AbortController().signal,
			),
		);
	};

	return (
		<section aria-label="May they?">
			<h2>May {name} …</h2>
			<form
				class="question"
				onSubmit={(e) => {
					e.preventDefault();
					setAnswer(undefined);
					void deed.run(ask);
				}}
			>
				<select
					aria-label="Action"
					value={action}
					onChange={(e) => setAction(e.currentTarget.value)}
				>
					{["list", "read", "write", "create", "update", "delete"].map(
						(word) => (
							<option key={word}>{word}</option>
						),
					)}
				</select>
				<select
					aria-label="Catalog"
					value={catalog || (catalogs[0]?.name ?? "")}
					onChange={(e) => setCatalog(e.currentTarget.value)}
				>
					{catalogs.map((c) => (
						<option key={c.id}>{c.name}</option>
					))}
				</select>
				<input
					aria-label="Namespace"
					placeholder="namespace"
					value={namespace}
					onInput={(e) => setNamespace(e.currentTarget.value)}
				/>
				<input
					aria-label="Table or view"
					placeholder="table or view"
					value={asset}
					onInput={(e) => setAsset(e.currentTarget.value)}
				/>
				<button type="submit" disabled={deed.busy}>
					Ask
				</button>
			</form>
			<Trouble of={deed} />
			{answer && (
				<p class={`message ${answer.allowed ? "" : "bad"}`} role="status">
					{answer.allowed ? `Yes: ${whyOf(answer)}.` : "No."}
				</p>
			)}
		</section>
	);
}
