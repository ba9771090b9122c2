/* merged.tsx - a merge that was done, and what all parts of the tab Merge know
 * of one. */
import { change } from "./api";
import { Trouble, useDeed } from "./deed";
import { prefixOf, refUrl, touchRefs } from "./refs";
import { hrefTo } from "./route";

export interface Operation {
	id: string;
	source_branch: string;
	target_branch: string;
	status: string;
	conflicts_count: number;
	initiated_at: string;
	completed_at: string | null;
	result_commit_id?: string | null;
}

export interface Asked {
	source_branch: string;
	target_branch: string;
	catalog: string;
}

export function hrefOf(catalog: string, query: Record<string, string>): string {
	return hrefTo(["catalogs", catalog], { tab: "merge", ...query });
}

export function Done(props: { asked: Asked; of: Operation }) {
	const { catalog, target_branch } = props.asked;
	const commit = props.of.result_commit_id;
	const deed = useDeed();
	const history = hrefTo(["catalogs", prefixOf(catalog, target_branch)], {
		tab: "history",
	});
	const revert = () =>
		deed.run(async () => {
			await change(
				"POST",
				`/api/v1/${refUrl("branches", target_branch)}/revert`,
				{ catalog, commit_id: commit },
			);
			touchRefs();
			location.hash = history;
		});

	return (
		<div class="state" role="status">
			<strong>
				{props.of.source_branch} is merged into {target_branch}
			</strong>
			<p>
				<a href={history}>History of {target_branch}</a>
			</p>
			{commit && (
				<button type="button" disabled={deed.busy} onClick={revert}>
					Revert this merge
				</button>
			)}
			<Trouble of={deed} />
		</div>
	);
}
