/* schema.c - the entities of the suite, in two versions. */
#include "suite.h"

/* clang-format off */
static const struct field ref_fields[] = {
	[REF_ID]          = { "id", VALUE_INT, 1 },
	[REF_CATALOG]     = { "catalog", VALUE_ID, 1 },
	[REF_NAME]        = { "name", VALUE_TEXT, 1 },
	[REF_KIND]        = { "kind", VALUE_INT, 1 },
	[REF_STATE]       = { "state", VALUE_INT, 1 },
	[REF_FORKED_FROM] = { "forked_from", VALUE_INT, 1 },
	[REF_FORKED_SEQ]  = { "forked_seq", VALUE_INT, 1 },
	[REF_PARENT]      = { "parent", VALUE_INT, 1 },
	[REF_PARENT_SEQ]  = { "parent_seq", VALUE_INT, 1 },
	[REF_FORK_COMMIT] = { "fork_commit", VALUE_ID, 1 },
	[REF_FORK_US]     = { "fork_us", VALUE_INT, 1 },
	[REF_HORIZON]     = { "horizon", VALUE_INT, 1 },
	[REF_PROTECTED]   = { "protected", VALUE_INT, 1 },
};
static const struct index ref_indexes[] = {
	{ "refs_by_name", true, 1, { REF_CATALOG, REF_NAME }, 2 },
};

static const struct field commit_fields[] = {
	[COMMIT_BRANCH]        = { "branch", VALUE_INT, 1 },
	[COMMIT_SEQ]           = { "seq", VALUE_INT, 1 },
	[COMMIT_ID]            = { "id", VALUE_ID, 1 },
	[COMMIT_PARENT]        = { "parent_id", VALUE_ID, 1 },
	[COMMIT_MERGED_BRANCH] = { "merged_branch", VALUE_INT, 1 },
	[COMMIT_MERGED_SEQ]    = { "merged_seq", VALUE_INT, 1 },
	[COMMIT_AUTHOR]        = { "author", VALUE_TEXT, 1 },
	[COMMIT_MESSAGE]       = { "message", VALUE_TEXT, 1 },
	[COMMIT_AT_US]         = { "at_us", VALUE_INT, 1 },
	[COMMIT_HASH]          = { "request_hash", VALUE_BYTES, 1 },
};
static const struct index commit_indexes[] = {
	{ "commits_by_id", true, 1, { COMMIT_ID }, 1 },
	{ "commits_by_parent", false, 1, { COMMIT_PARENT }, 1 },
};

/* "order" and "group" are words of SQL, on purpose */
static const struct field item_fields[] = {
	[ITEM_ID]    = { "id", VALUE_INT, 1 },
	[ITEM_NAME]  = { "name", VALUE_TEXT, 1 },
	[ITEM_SIZE]  = { "order", VALUE_INT, 1 },
	[ITEM_TAG]   = { "group", VALUE_TEXT, 1 },
	[ITEM_DATA]  = { "data", VALUE_BYTES, 1 },
	[ITEM_OWNER] = { "owner", VALUE_ID, 1 },
	[ITEM_NOTE]  = { "note", VALUE_TEXT, 2 },
};
static const struct index item_indexes[] = {
	[ITEMS_BY_NAME]  = { "items_by_name", true, 1, { ITEM_NAME }, 1 },
	[ITEMS_BY_TAG]   = { "items_by_tag", false, 1, { ITEM_TAG, ITEM_SIZE }, 2 },
	[ITEMS_BY_OWNER] = { "items_by_owner", false, 1, { ITEM_OWNER }, 1 },
	[ITEMS_BY_NOTE]  = { "items_by_note", false, 2, { ITEM_NOTE }, 1 },
};

static const struct field word_fields[] = {
	[WORD_LANGUAGE] = { "language", VALUE_TEXT, 1 },
	[WORD_TEXT]     = { "text", VALUE_TEXT, 1 },
	[WORD_COUNT]    = { "count", VALUE_INT, 1 },
};
static const struct index word_indexes[] = {
	{ "words_by_text", false, 1, { WORD_TEXT }, 1 },
};

static const struct field extra_fields[] = {
	{ "id", VALUE_ID, 2 }, { "value", VALUE_BYTES, 2 },
};

#define ENTITY(name, fields, field_count, keys, indexes, index_count, since) \
	{ name, fields, indexes, field_count, keys, index_count, since }

static const struct entity entities_1[] = {
	ENTITY("refs", ref_fields, REF_FIELDS, 1, ref_indexes, 1, 1),
	ENTITY("commits", commit_fields, COMMIT_FIELDS, 2, commit_indexes, 2, 1),
	ENTITY("items", item_fields, ITEM_NOTE, 1, item_indexes, ITEMS_BY_NOTE, 1),
	ENTITY("words", word_fields, WORD_FIELDS, 2, word_indexes, 1, 1),
};
static const struct entity entities_2[] = {
	ENTITY("refs", ref_fields, REF_FIELDS, 1, ref_indexes, 1, 1),
	ENTITY("commits", commit_fields, COMMIT_FIELDS, 2, commit_indexes, 2, 1),
	ENTITY("items", item_fields, ITEM_FIELDS, 1, item_indexes, 4, 1),
	ENTITY("words", word_fields, WORD_FIELDS, 2, word_indexes, 1, 1),
	ENTITY("extras", extra_fields, 2, 1, NULL, 0, 2),
};
/* clang-format on */

const struct schema schema_1 = { entities_1, COUNT_OF(entities_1), 1 };
const struct schema schema_2 = { entities_2, COUNT_OF(entities_2), 2 };
