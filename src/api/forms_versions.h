/* forms_versions.h - bodies about branches, tags, commits and differences. */
#ifndef PANGOLIN_FORMS_VERSIONS_H
#define PANGOLIN_FORMS_VERSIONS_H

#include "api/form.h"

/* Branch */
struct branch_body {
	struct str name, catalog;
	struct id head; /* the newest commit; nil: none */
	int type;       /* enum branch_type - 1 */
	struct form_texts assets;
	enum form_bool is_protected, is_default, is_partial;
	int64_t sequence; /* commits of its own */
	struct id fork;   /* commit that it was forked from; nil: none */
	int64_t created_us;
	struct id created_by;
	int64_t ahead, behind; /* FORM_NO_INT: nobody asked */
};

/* CreateBranchRequest, UpdateBranch */
struct branch_request {
	struct str name, catalog, from;
	int type;
	struct form_texts assets;
	enum form_bool is_protected, if_absent;
};

/* Tag */
struct tag_body {
	struct str name, catalog;
	struct id commit;
	struct str branch; /* that holds the commit */
	int64_t sequence;
	int64_t created_us;
	struct id created_by;
};

/* CreateTagRequest, MoveTag */
struct tag_request {
	struct str name, catalog, from;
	struct id commit, expected;
};

/* Asset, as a commit left it */
struct asset_body {
	struct id id;
	struct str name, kind, location;
	struct pairs properties;
};

struct put_body {
	struct asset_body asset;
};
struct delete_body {
	struct str name;
};

/* CommitOperation: `put` or `deleted` is absent */
struct operation_body {
	struct put_body put;
	struct delete_body deleted;
	struct str operation, kind;
	struct form_texts namespace;
	struct str name;
	struct id object;
	struct str old_location, new_location;
};

/* Commit */
struct commit_body {
	struct id id, parent;
	int64_t at_ms;
	struct str author, message;
	struct form_list operations;
	int64_t operation_count;
	struct str branch;
	int64_t sequence;
	struct id merged;
};

/* Difference */
struct difference_body {
	struct str change, kind;
	struct form_texts namespace;
	struct str name;
	struct id object;
	struct str from_location, to_location;
	struct form_texts what;
};

extern const struct form form_branch, form_create_branch_request;
extern const struct form form_update_branch;
extern const struct form form_tag, form_create_tag_request, form_move_tag;
extern const struct form form_commit, form_difference;

#endif
