#include "api/forms_versions.h"

#include "api/form_table.h"

/* In the order of enum branch_type. */
static const char *const branch_types[] = { "ingest", "experimental", NULL };

/* clang-format off */

/* ---- branches */
static const struct form_field branch[] = {
	FIELD(branch_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique among the branches and tags of its catalog."),
	FIELD(branch_body, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Its catalog."),
	FIELD(branch_body, head, "head_commit_id", ID, 0,
	    "The newest commit; null: there is none."),
	FIELD(branch_body, type, "branch_type", CHOICE, FORM_REQUIRED,
	    "An experimental branch is not merged into a protected one.",
	    .choices = branch_types),
	FIELD(branch_body, assets, "assets", TEXTS, FORM_REQUIRED,
	    "Tables and views that a partial branch began with; lists of "
	    "branches leave them out."),
	FIELD(branch_body, is_protected, "protected", BOOL, FORM_REQUIRED,
	    "True: it takes merges only, and is not deleted."),
	FIELD(branch_body, is_default, "default", BOOL, FORM_REQUIRED,
	    "True: the one that a catalog shows without a name."),
	FIELD(branch_body, is_partial, "partial", BOOL, FORM_REQUIRED,
	    "True: it began with some assets only."),
	FIELD(branch_body, sequence, "sequence", INT, FORM_REQUIRED,
	    "How many commits it has of its own."),
	FIELD(branch_body, fork, "fork_commit_id", ID, 0,
	    "The commit that it was made from; null: none."),
	FIELD(branch_body, created_us, "created_at", TIME, 0,
	    "When it was made; null: not known."),
	FIELD(branch_body, created_by, "created_by", ID, 0,
	    "Who made it; null: not known."),
	FIELD(branch_body, ahead, "ahead", INT, FORM_OMITTED,
	    "With `compare`: commits that it has and that state has not."),
	FIELD(branch_body, behind, "behind", INT, FORM_OMITTED,
	    "With `compare`: commits that state has and it has not."),
	FIELDS_END
};
const struct form form_branch = FORM("Branch", branch_body, true, branch);

static const struct form_field create_branch_request[] = {
	FIELD(branch_request, name, "name", TEXT, FORM_REQUIRED,
	    "1 to 128 letters, digits, '.', '_' and '-'; neither a UUID nor a "
	    "date."),
	FIELD(branch_request, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Its catalog."),
	FIELD(branch_request, type, "branch_type", CHOICE, 0,
	    "Absent: experimental.", .choices = branch_types),
	FIELD(branch_request, from, "from_branch", TEXT, 0,
	    "A branch or tag, with ~ and a commit id or an instant behind it "
	    "if it is not its head; absent: the default branch."),
	FIELD(branch_request, assets, "assets", TEXTS, 0,
	    "Tables and views, as namespace.name: the branch shows no others. "
	    "Absent or empty: all."),
	FIELD(branch_request, is_protected, "protected", BOOL, 0,
	    "True: it takes merges only; absent: false."),
	FIELD(branch_request, if_absent, "if_absent", BOOL, 0,
	    "True: a branch of this name that is there is answered as it is."),
	FIELDS_END
};
const struct form form_create_branch_request =
	FORM("CreateBranchRequest", branch_request, true,
	    create_branch_request);

static const struct form_field update_branch[] = {
	FIELD(branch_request, name, "name", TEXT, 0,
	    "The new name; absent: as it is."),
	FIELD(branch_request, is_protected, "protected", BOOL, 0,
	    "True: it takes merges only; absent: as it is."),
	FIELDS_END
};
const struct form form_update_branch =
	FORM("UpdateBranch", branch_request, true, update_branch);

/* ---- tags */
static const struct form_field tag[] = {
	FIELD(tag_body, name, "name", TEXT, FORM_REQUIRED,
	    "Unique among the branches and tags of its catalog."),
	FIELD(tag_body, commit, "commit_id", ID, 0,
	    "The commit that it names; null: that before the first."),
	FIELD(tag_body, catalog, "catalog", TEXT, FORM_REQUIRED,
	    "Its catalog."),
	FIELD(tag_body, branch, "branch", TEXT, 0,
	    "The branch that holds the commit; null: it is deleted."),
	FIELD(tag_body, sequence, "sequence", INT, FORM_REQUIRED,
	    "The commit's position on that branch."),
	FIELD(tag_body, created_us, "created_at", TIME, 0,
	    "When it was made or moved."),
	FIELD(tag_body, created_by, "created_by", ID, 0,
	    "Who made or moved it."),
	FIELDS_END
};
const struct form form_tag = FORM("Tag", tag_body, true, tag);

static const struct form_field create_tag_request[] = {
	FIELD(tag_request, name, "name", TEXT, FORM_REQUIRED,
	    "1 to 128 letters, digits, '.', '_' and '-'; neither a UUID nor a "
	    "date."),
	FIELD(tag_request, catalog, "catalog", TEXT, 0,
	    "Its catalog; absent: default."),
	FIELD(tag_request, commit, "commit_id", ID, 0,
	    "The commit to name."),
	FIELD(tag_request, from, "from", TEXT, 0,
	    "In place of commit_id: a branch or tag, with ~ and a commit id "
	    "or an instant behind it if it is not its head."),
	FIELDS_END
};
const struct form form_create_tag_request =
	FORM("CreateTagRequest", tag_request, true, create_tag_request);

static const struct form_field move_tag[] = {
	FIELD(tag_request, commit, "commit_id", ID, FORM_REQUIRED,
	    "The commit to name from now on."),
	FIELD(tag_request, expected, "expected_commit_id", ID, FORM_REQUIRED,
	    "The commit that it names: it moves from no other."),
	FIELDS_END
};
const struct form form_move_tag = FORM("MoveTag", tag_request, true, move_tag);

/* ---- commits */
static const struct form_field commit_asset[] = {
	FIELD(asset_body, id, "id", ID, FORM_REQUIRED,
	    "Of the table or view, for ever."),
	FIELD(asset_body, name, "name", TEXT, FORM_REQUIRED, "Its name."),
	FIELD(asset_body, kind, "kind", TEXT, FORM_REQUIRED,
	    "ICEBERG_TABLE, VIEW or NAMESPACE."),
	FIELD(asset_body, location, "location", TEXT, FORM_REQUIRED,
	    "Empty: its metadata file says it."),
	FIELD(asset_body, properties, "properties", PAIRS, FORM_REQUIRED,
	    "metadata_location, of tables and views."),
	FIELDS_END
};
static const struct form form_commit_asset =
	FORM("CommitAsset", asset_body, true, commit_asset);

static const struct form_field commit_put[] = {
	FIELD_OBJECT(put_body, asset, "asset", &form_commit_asset,
	    FORM_REQUIRED, "What was made or changed."),
	FIELDS_END
};
static const struct form form_commit_put =
	FORM("CommitPut", put_body, true, commit_put);

static const struct form_field commit_delete[] = {
	FIELD(delete_body, name, "name", TEXT, FORM_REQUIRED,
	    "What was dropped, or moved to another name."),
	FIELDS_END
};
static const struct form form_commit_delete =
	FORM("CommitDelete", delete_body, true, commit_delete);

static const struct form_field operation[] = {
	FIELD_OBJECT(operation_body, put, "Put", &form_commit_put,
	    FORM_OMITTED, "There when something was made or changed."),
	FIELD_OBJECT(operation_body, deleted, "Delete", &form_commit_delete,
	    FORM_OMITTED, "There when something was dropped."),
	FIELD(operation_body, operation, "operation", TEXT, FORM_REQUIRED,
	    "create, update or drop."),
	FIELD(operation_body, kind, "kind", TEXT, FORM_REQUIRED,
	    "namespace, table or view."),
	FIELD(operation_body, namespace, "namespace", TEXTS, FORM_REQUIRED,
	    "The levels of the namespace that it is in."),
	FIELD(operation_body, name, "name", TEXT, FORM_REQUIRED, "Its name."),
	FIELD(operation_body, object, "id", ID, 0,
	    "Identifies it whatever its name."),
	FIELD(operation_body, old_location, "old_metadata_location", TEXT, 0,
	    "Metadata file before; null: there was none."),
	FIELD(operation_body, new_location, "new_metadata_location", TEXT, 0,
	    "Metadata file since; null: there is none."),
	FIELDS_END
};
static const struct form form_operation =
	FORM("CommitOperation", operation_body, true, operation);

static const struct form_field commit[] = {
	FIELD(commit_body, id, "id", ID, FORM_REQUIRED,
	    "Identifies the commit for ever."),
	FIELD(commit_body, parent, "parent_id", ID, 0,
	    "The commit before; null: it is the first."),
	FIELD(commit_body, at_ms, "timestamp", INT, FORM_REQUIRED,
	    "When: milliseconds since 1970, UTC."),
	FIELD(commit_body, author, "author", TEXT, FORM_REQUIRED,
	    "Name of who was signed in."),
	FIELD(commit_body, message, "message", TEXT, FORM_REQUIRED,
	    "What the request said it was for, or what it did."),
	FIELD(commit_body, operations, "operations", LIST, FORM_REQUIRED,
	    "What it changed; the first 1000.", .form = &form_operation),
	FIELD(commit_body, operation_count, "operation_count", INT,
	    FORM_REQUIRED, "How many there are."),
	FIELD(commit_body, branch, "branch", TEXT, 0,
	    "The branch it was made on; null: it is deleted."),
	FIELD(commit_body, sequence, "sequence", INT, FORM_REQUIRED,
	    "Its position on that branch, from 1 on."),
	FIELD(commit_body, merged, "merged_commit_id", ID, 0,
	    "Of a merge: the newest commit that it brought; null: none."),
	FIELDS_END
};
const struct form form_commit = FORM("Commit", commit_body, true, commit);

/* ---- differences */
static const struct form_field difference[] = {
	FIELD(difference_body, change, "change", TEXT, FORM_REQUIRED,
	    "added, removed or changed."),
	FIELD(difference_body, kind, "kind", TEXT, FORM_REQUIRED,
	    "namespace, table or view."),
	FIELD(difference_body, namespace, "namespace", TEXTS, FORM_REQUIRED,
	    "The levels of the namespace that it is in."),
	FIELD(difference_body, name, "name", TEXT, FORM_REQUIRED, "Its name."),
	FIELD(difference_body, object, "id", ID, 0,
	    "Identifies it whatever its name."),
	FIELD(difference_body, from_location, "from_metadata_location", TEXT,
	    0, "Metadata file on the side of `from`; null: none."),
	FIELD(difference_body, to_location, "to_metadata_location", TEXT, 0,
	    "Metadata file on the side of `to`; null: none."),
	FIELD(difference_body, what, "changes", TEXTS, FORM_REQUIRED,
	    "What of it: object, schema, partition-spec, sort-order, "
	    "snapshots, properties, location, version, metadata."),
	FIELDS_END
};
const struct form form_difference =
	FORM("Difference", difference_body, true, difference);

/* clang-format on */
