/*
 * kinds.c - the table of kinds.  To add one: a chunk function in a file of its
 * own, and a row here.
 */
#include "tasks/kinds.h"

#include "tasks/fold_chains.h"
#include "tasks/merge_branches.h"
#include "tasks/prune_catalog.h"
#include "tasks/purge_objects.h"
#include "tasks/restore_branch.h"
#include "tasks/sweep_catalog.h"
#include "tasks/verify_catalog.h"
#include "tasks/warm_cache.h"

const struct kind kinds[] = {
	{ "verify_catalog", verify_catalog,
	    "Looks at every table of a catalog: that its metadata file is "
	    "there, is readable and is its own, and that the manifest lists "
	    "of its snapshots are there.",
	    NULL, false },
	{ "warm_cache", warm_cache,
	    "Reads the metadata file of every table of a catalog into the "
	    "caches, so that the first to load a table does not wait for it.",
	    NULL, false },
	{ "fold", fold_chains,
	    "Shortens the chains of branches that read through more than "
	    "eight others; branches go on being read and written.",
	    NULL, false },
	{ "prune", prune_catalog,
	    "Forgets versions of a catalog that are older than its retention "
	    "and that no tag, branch or open merge needs, and names the files "
	    "they pointed to as garbage.",
	    NULL, false },
	{ "purge", purge_objects,
	    "Erases the history of dropped tables and views that are to be "
	    "purged now; a sweep deletes their files.",
	    NULL, false },
	{ "sweep", sweep_catalog,
	    "Deletes metadata files that have been garbage for the grace and "
	    "that no version of any branch points to, and the files of what "
	    "was purged; gives back the empty places of tables that nobody "
	    "needs, and removes what deleted catalogs have left in the "
	    "store.",
	    NULL, false },
	{ "merge", merge_branches,
	    "Merges one branch into another, or completes a merge that was "
	    "decided, as the request that asked for it says.",
	    "POST /api/v1/branches/merge with \"async\": true", true },
	{ "restore", restore_branch,
	    "Picks or reverts a commit, or resets a branch, as the request "
	    "that asked for it says.",
	    "POST /api/v1/branches/{branch}/revert (cherry-pick, reset) with "
	    "\"async\": true",
	    true },
	{ .name = NULL },
};

const struct kind *
kind_find(struct str name)
{
	for (const struct kind *k = kinds; k->name != NULL; k++)
		if (str_eq(str_from(k->name), name))
			return k;
	return NULL;
}
