#include "api/forms_merges.h"

#include "api/form_table.h"

/* In the order of enum merge_status. */
static const char *const statuses[] = { "Pending", "Conflicted", "Resolving",
	"Ready", "Completed", "Aborted", NULL };

/* clang-format off */
#define CATALOG_FIELD(object) \
	FIELD(object, catalog, "catalog", TEXT, FORM_REQUIRED, \
	    "Name of the catalog.")
#define MESSAGE_FIELD(object) \
	FIELD(object, message, "message", TEXT, 0, \
	    "Of the commit; absent: made from what is asked.")
#define TASK_FIELD(object) \
	FIELD(object, as_task, "async", BOOL, 0, \
	    "True: answer 202 with a task_id; the task does it, and its " \
	    "result says what became of it.")

#define NAME_FIELDS(object) \
	FIELD(object, kind, "kind", TEXT, FORM_REQUIRED, \
	    "namespace, table or view."), \
	FIELD(object, namespace, "namespace", TEXTS, FORM_REQUIRED, \
	    "The levels of the namespace that it is in."), \
	FIELD(object, name, "name", TEXT, FORM_REQUIRED, "Its name.")

/* ---- merges */
static const struct form_field merge_request[] = {
	FIELD(merge_request, source, "source_branch", TEXT, FORM_REQUIRED,
	    "What is merged: a branch, or a tag, or either with ~ and a "
	    "commit."),
	FIELD(merge_request, target, "target_branch", TEXT, FORM_REQUIRED,
	    "The branch that it is merged into."),
	CATALOG_FIELD(merge_request),
	FIELD(merge_request, dry_run, "dry_run", BOOL, 0,
	    "True: answer a MergePlan, and change nothing."),
	FIELD(merge_request, squash, "squash", BOOL, 0,
	    "True: history does not show the source's commits; absent: "
	    "false."),
	MESSAGE_FIELD(merge_request),
	FIELD(merge_request, expected_source, "expected_source_head", ID, 0,
	    "409 unless this is the source's newest commit, as a plan's "
	    "source_head says it."),
	FIELD(merge_request, expected_target, "expected_target_head", ID, 0,
	    "The same of the target, as target_head says it."),
	TASK_FIELD(merge_request),
	FIELDS_END
};
const struct form form_merge_request =
	FORM("MergeRequest", merge_request, true, merge_request);

static const struct form_field rebase_request[] = {
	FIELD(rebase_request, name, "name", TEXT, 0,
	    "The branch again; the path names it."),
	CATALOG_FIELD(rebase_request),
	FIELD(rebase_request, from, "from_branch", TEXT, 0,
	    "What is merged into the branch; absent: the branch that it was "
	    "made from."),
	FIELD(rebase_request, type, "branch_type", TEXT, 0, "Not looked at."),
	FIELD(rebase_request, assets, "assets", TEXTS, 0, "Not looked at."),
	MESSAGE_FIELD(rebase_request),
	TASK_FIELD(rebase_request),
	FIELDS_END
};
const struct form form_rebase_request =
	FORM("RebaseRequest", rebase_request, true, rebase_request);

#define OPERATION operation_body_of_merge
#define OPERATION_BEGIN \
	FIELD(OPERATION, id, "id", ID, FORM_REQUIRED, \
	    "Identifies the operation for ever.")
#define OPERATION_SIDES \
	FIELD(OPERATION, source, "source_branch", TEXT, FORM_REQUIRED, \
	    "What is merged."), \
	FIELD(OPERATION, target, "target_branch", TEXT, FORM_REQUIRED, \
	    "What it is merged into."), \
	FIELD(OPERATION, status, "status", CHOICE, FORM_REQUIRED, \
	    "What has become of it.", .choices = statuses), \
	FIELD(OPERATION, conflict_count, "conflicts_count", INT, FORM_REQUIRED, \
	    "How many conflicts there are, resolved ones too."), \
	FIELD(OPERATION, created_us, "initiated_at", TIME, FORM_REQUIRED, \
	    "When it was asked for."), \
	FIELD(OPERATION, finished_us, "completed_at", TIME, 0, \
	    "When it was completed or aborted; null: it is open.")

static const struct form_field merge_operation[] = {
	OPERATION_BEGIN,
	FIELD(OPERATION, tenant, "tenant_id", ID, FORM_REQUIRED,
	    "Whose it is."),
	FIELD(OPERATION, catalog, "catalog_name", TEXT, FORM_REQUIRED,
	    "Its catalog."),
	OPERATION_SIDES,
	FIELD(OPERATION, base, "base_commit_id", ID, 0,
	    "The newest commit that both branches know; null: none."),
	FIELD(OPERATION, conflicts, "conflicts", TEXTS, FORM_REQUIRED,
	    "Ids of its conflicts, the first thousand."),
	FIELD(OPERATION, created_by, "initiated_by", ID, 0,
	    "Who asked for it; null: nobody had to sign in."),
	FIELD(OPERATION, result, "result_commit_id", ID, 0,
	    "The commit that it made, or the target's head where nothing was "
	    "new; null: none yet."),
	FIELD(OPERATION, message, "message", TEXT, 0,
	    "Of its commit; null: made from the names."),
	FIELD(OPERATION, squash, "squash", BOOL, FORM_REQUIRED,
	    "True: its commit has one parent."),
	FIELDS_END
};
const struct form form_merge_operation =
	FORM("MergeOperation", operation_body_of_merge, true, merge_operation);

static const struct form_field merge_summary[] = {
	OPERATION_BEGIN,
	OPERATION_SIDES,
	FIELDS_END
};
const struct form form_merge_summary =
	FORM("MergeOperationSummary", operation_body_of_merge, true,
	    merge_summary);

/* ---- conflicts */
static const struct form_field merge_conflict[] = {
	FIELD(conflict_body, id, "id", ID, 0,
	    "Identifies the conflict; null: it is not stored."),
	FIELD(conflict_body, operation, "merge_operation_id", ID, 0,
	    "Its operation; null: there is none."),
	FIELD(conflict_body, type, "conflict_type", RAW, FORM_REQUIRED,
	    "One of SchemaChange, DataOverlap, MetadataConflict, "
	    "DeletionConflict, NameConflict and NamespaceDeletion, with its "
	    "details."),
	FIELD(conflict_body, asset, "asset_id", ID, 0,
	    "The table's or view's id."),
	FIELD(conflict_body, asset_name, "asset_name", TEXT, FORM_REQUIRED,
	    "namespace.name of the table, view or namespace."),
	FIELD(conflict_body, details, "details", RAW, FORM_REQUIRED,
	    "The same as in conflict_type."),
	FIELD(conflict_body, description, "description", TEXT, FORM_REQUIRED,
	    "A sentence for people."),
	FIELD(conflict_body, base, "base", RAW, 0,
	    "What both branches had; null: nothing that is known."),
	FIELD(conflict_body, source, "source", RAW, 0,
	    "What the source has; null: nothing."),
	FIELD(conflict_body, target, "target", RAW, 0,
	    "What the target has; null: nothing."),
	FIELD(conflict_body, resolution, "resolution", RAW, 0,
	    "How it was decided; null: not yet."),
	FIELD(conflict_body, created_us, "created_at", TIME, FORM_REQUIRED,
	    "When it was found."),
	FIELDS_END
};
const struct form form_merge_conflict =
	FORM("MergeConflict", conflict_body, true, merge_conflict);

static const struct form_field conflict_resolution[] = {
	FIELD(resolution_body, conflict, "conflict_id", ID, FORM_REQUIRED,
	    "The conflict."),
	FIELD(resolution_body, strategy, "strategy", TEXT, FORM_REQUIRED,
	    "TakeSource, TakeTarget, Manual or AutoMerge."),
	FIELD(resolution_body, value, "resolved_value", RAW, 0,
	    "Of Manual; null: none."),
	FIELD(resolution_body, resolved_by, "resolved_by", ID, 0,
	    "Who decided; null: nobody had to sign in."),
	FIELD(resolution_body, resolved_us, "resolved_at", TIME, FORM_REQUIRED,
	    "When it was decided."),
	FIELDS_END
};
const struct form form_conflict_resolution =
	FORM("ConflictResolution", resolution_body, true, conflict_resolution);

static const struct form_field resolve_conflict[] = {
	FIELD(resolve_request, strategy, "strategy", TEXT, 0,
	    "TakeSource, TakeTarget, Manual, AutoMerge or ThreeWayMerge."),
	FIELD(resolve_request, resolution, "resolution", TEXT, 0,
	    "Another name for strategy."),
	FIELD(resolve_request, value, "resolved_value", JSON, 0,
	    "Of Manual: a metadata location, {\"metadata_location\": ...}, or "
	    "{\"properties\": {...}} of a namespace."),
	FIELD(resolve_request, content, "content", JSON, 0,
	    "Another name for resolved_value."),
	FIELDS_END
};
const struct form form_resolve_conflict =
	FORM("ResolveConflict", resolve_request, true, resolve_conflict);

/* ---- a dry run */
static const struct form_field merge_change[] = {
	FIELD(change_body, change, "change", TEXT, FORM_REQUIRED,
	    "added, changed, removed or merged: of both sides' changes."),
	NAME_FIELDS(change_body),
	FIELD(change_body, location, "metadata_location", TEXT, 0,
	    "Its metadata file then; null: none, or not written yet."),
	FIELDS_END
};
static const struct form form_merge_change =
	FORM("MergeChange", change_body, true, merge_change);

static const struct form_field merge_plan[] = {
	FIELD(merge_plan_body, status, "status", CHOICE, FORM_REQUIRED,
	    "Ready, Conflicted, or Completed where nothing is new.",
	    .choices = statuses),
	FIELD(merge_plan_body, source, "source_branch", TEXT, FORM_REQUIRED,
	    "What would be merged."),
	FIELD(merge_plan_body, target, "target_branch", TEXT, FORM_REQUIRED,
	    "What it would be merged into."),
	FIELD(merge_plan_body, base, "base_commit_id", ID, 0,
	    "The newest commit that both branches know; null: none."),
	FIELD(merge_plan_body, source_head, "source_head", ID, 0,
	    "The newest commit of the source that was planned with; null: "
	    "none."),
	FIELD(merge_plan_body, target_head, "target_head", ID, 0,
	    "The same of the target."),
	FIELD(merge_plan_body, change_count, "changes_count", INT,
	    FORM_REQUIRED, "How many changes the target would take."),
	FIELD(merge_plan_body, changes, "changes", LIST, FORM_REQUIRED,
	    "The first thousand of them.", .form = &form_merge_change),
	FIELD(merge_plan_body, conflict_count, "conflicts_count", INT,
	    FORM_REQUIRED, "How many conflicts there are."),
	FIELD(merge_plan_body, conflicts, "conflicts", LIST, FORM_REQUIRED,
	    "The first thousand of them.", .form = &form_merge_conflict),
	FIELDS_END
};
const struct form form_merge_plan =
	FORM("MergePlan", merge_plan_body, true, merge_plan);

/* ---- short answers */
#define STATUS_FIELD(object, word) \
	FIELD(object, status, "status", TEXT, FORM_REQUIRED, word)
#define DONE_FIELDS(word) \
	STATUS_FIELD(merge_done, word), \
	FIELD(merge_done, operation, "operation_id", ID, FORM_REQUIRED, \
	    "The operation.")

static const struct form_field merge_refused[] = {
	STATUS_FIELD(merge_refused, "conflicted"),
	FIELD(merge_refused, operation, "operation_id", ID, FORM_REQUIRED,
	    "The operation that waits for its conflicts to be resolved."),
	FIELD(merge_refused, conflicts, "conflicts", INT, FORM_REQUIRED,
	    "How many there are."),
	FIELD(merge_refused, message, "message", TEXT, FORM_REQUIRED,
	    "A sentence for people."),
	FIELDS_END
};
const struct form form_merge_refused =
	FORM("MergeConflicted", merge_refused, true, merge_refused);

static const struct form_field merge_completed[] = {
	DONE_FIELDS("completed"),
	FIELD(merge_done, commit, "commit_id", ID, 0,
	    "The commit that it made."),
	FIELDS_END
};
const struct form form_merge_completed =
	FORM("MergeCompleted", merge_done, true, merge_completed);

static const struct form_field merge_aborted[] = {
	DONE_FIELDS("aborted"),
	FIELDS_END
};
const struct form form_merge_aborted =
	FORM("MergeAborted", merge_done, true, merge_aborted);

static const struct form_field conflict_resolved[] = {
	STATUS_FIELD(merge_done, "resolved"),
	FIELD(merge_done, conflict, "conflict_id", ID, FORM_REQUIRED,
	    "The conflict."),
	FIELDS_END
};
const struct form form_conflict_resolved =
	FORM("ConflictResolved", merge_done, true, conflict_resolved);

/* ---- reset, revert, cherry-pick */
static const struct form_field restore_request[] = {
	CATALOG_FIELD(restore_request),
	FIELD(restore_request, commit, "commit_id", ID, FORM_REQUIRED,
	    "The commit that is picked, undone or gone back to."),
	MESSAGE_FIELD(restore_request),
	TASK_FIELD(restore_request),
	FIELDS_END
};
const struct form form_restore_request =
	FORM("RestoreRequest", restore_request, true, restore_request);

static const struct form_field restored[] = {
	FIELD(restore_body, status, "status", TEXT, FORM_REQUIRED,
	    "completed, or unchanged: there was nothing to do."),
	FIELD(restore_body, branch, "branch", TEXT, FORM_REQUIRED,
	    "The branch."),
	FIELD(restore_body, commit, "commit_id", ID, 0,
	    "The new commit, or the branch's head."),
	FIELDS_END
};
const struct form form_restored =
	FORM("Restored", restore_body, true, restored);

/* ---- dropped, undrop */
static const struct form_field dropped[] = {
	FIELD(dropped_body, object, "id", ID, FORM_REQUIRED,
	    "Identifies it whatever its name."),
	NAME_FIELDS(dropped_body),
	FIELD(dropped_body, location, "metadata_location", TEXT, 0,
	    "Its last metadata file; null: it is a namespace."),
	FIELD(dropped_body, purge, "purge", BOOL, FORM_REQUIRED,
	    "Its files are deleted once no branch, tag or kept history shows "
	    "it."),
	FIELDS_END
};
const struct form form_dropped =
	FORM("Dropped", dropped_body, true, dropped);

static const struct form_field undrop_request[] = {
	CATALOG_FIELD(undrop_request),
	FIELD(undrop_request, branch, "branch", TEXT, 0,
	    "The branch; absent: the default one."),
	FIELD(undrop_request, object, "id", ID, FORM_REQUIRED,
	    "What GET /api/v1/dropped calls its id."),
	FIELD(undrop_request, name, "name", TEXT, 0,
	    "Another name for it; absent: the one that it had."),
	FIELD(undrop_request, empty, "empty", BOOL, 0,
	    "A namespace comes back without what lay in it."),
	FIELDS_END
};
const struct form form_undrop_request =
	FORM("UndropRequest", undrop_request, true, undrop_request);

/* clang-format on */
