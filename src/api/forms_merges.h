/* forms_merges.h - the bodies about merges, conflicts, reverts and resets. */
#ifndef PANGOLIN_FORMS_MERGES_H
#define PANGOLIN_FORMS_MERGES_H

#include "api/form.h"

/* MergeRequest */
struct merge_request {
	struct str source, target, catalog, message;
	enum form_bool dry_run, squash, as_task;
	struct id expected_source, expected_target;
};

/* RebaseRequest: what creating a branch takes is read, too */
struct rebase_request {
	struct str name, catalog, from, type, message;
	enum form_bool as_task;
	struct form_texts assets;
};

/* MergeOperation, and how lists show it */
struct operation_body_of_merge {
	struct id id, tenant;
	struct str catalog, source, target;
	struct id base;
	int status; /* enum merge_status - 1 */
	struct form_texts conflicts;
	int64_t conflict_count;
	struct id created_by;
	int64_t created_us, finished_us;
	struct id result;
	struct str message;
	enum form_bool squash;
};

/* MergeConflict */
struct conflict_body {
	struct id id, operation, asset;
	struct str type; /* JSON: {"DeletionConflict": {...}} */
	struct str asset_name, details, description, resolution;
	int64_t created_us;
	struct str base, source, target; /* JSON */
};

/* ConflictResolution */
struct resolution_body {
	struct id conflict;
	struct str strategy, value; /* JSON */
	struct id resolved_by;
	int64_t resolved_us;
};

/* MergePlan: what a dry run would do */
struct change_body {
	struct str change, kind;
	struct form_texts namespace;
	struct str name, location;
};
struct merge_plan_body {
	int status;
	struct str source, target;
	struct id base, source_head, target_head;
	int64_t change_count, conflict_count;
	struct form_list changes, conflicts;
};

struct merge_refused {
	struct str status;
	struct id operation;
	int64_t conflicts;
	struct str message;
};

struct merge_done {
	struct str status;
	struct id operation, conflict, commit;
};

/* ResolveConflict */
struct resolve_request {
	struct str strategy, resolution;
	const yyjson_val *value, *content;
};

/* RestoreRequest and its answer */
struct restore_request {
	struct str catalog, message;
	struct id commit;
	enum form_bool as_task;
};
struct restore_body {
	struct str status, branch;
	struct id commit;
};

extern const struct form form_merge_request, form_rebase_request;
extern const struct form form_merge_operation, form_merge_summary;
extern const struct form form_merge_conflict, form_merge_plan;
extern const struct form form_merge_refused, form_merge_completed;
extern const struct form form_merge_aborted, form_conflict_resolved;
extern const struct form form_resolve_conflict, form_conflict_resolution;
/* Dropped: what was, and what is back */
struct dropped_body {
	struct id object;
	struct form_texts namespace;
	struct str kind, name, location;
	enum form_bool purge;
};

/* UndropRequest */
struct undrop_request {
	struct str catalog, branch;
	struct id object;
	struct str name;
	enum form_bool empty;
};
extern const struct form form_dropped, form_undrop_request, form_restored;
extern const struct form form_restore_request;

#endif
