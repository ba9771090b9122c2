/*
 * entities.c - versions and entries, described like records.
 *
 * Versions are ordered by position: commits append, changes() reads a range.
 */
#include "plugins/log/engine.h"

/* clang-format off */
static const struct field version_fields[] = {
	[VERSION_BRANCH]        = { "branch", VALUE_INT, 0 },
	[VERSION_SEQ]           = { "seq", VALUE_INT, 0 },
	[VERSION_SPACE]         = { "space", VALUE_INT, 0 },
	[VERSION_NS]            = { "ns", VALUE_TEXT, 0 },
	[VERSION_NAME]          = { "name", VALUE_TEXT, 0 },
	[VERSION_ORIGIN_BRANCH] = { "origin_branch", VALUE_INT, 0 },
	[VERSION_ORIGIN_SEQ]    = { "origin_seq", VALUE_INT, 0 },
	[VERSION_KIND]          = { "kind", VALUE_INT, 0 },
	[VERSION_DELETED]       = { "deleted", VALUE_INT, 0 },
	[VERSION_OBJECT]        = { "object", VALUE_ID, 0 },
	[VERSION_LOCATION]      = { "location", VALUE_TEXT, 0 },
	[VERSION_BODY]          = { "body", VALUE_TEXT, 0 },
};
static const struct index version_indexes[] = {
	[VERSIONS_BY_KEY] = { "versions_by_key", false, 0,
		{ VERSION_BRANCH, VERSION_SPACE, VERSION_NS, VERSION_NAME }, 4 },
};
static const struct field entry_fields[] = {
	[ENTRY_BRANCH]  = { "branch", VALUE_INT, 0 },
	[ENTRY_SPACE]   = { "space", VALUE_INT, 0 },
	[ENTRY_NS]      = { "ns", VALUE_TEXT, 0 },
	[ENTRY_NAME]    = { "name", VALUE_TEXT, 0 },
	[ENTRY_SEQ]     = { "seq", VALUE_INT, 0 },
	[ENTRY_DELETED] = { "deleted", VALUE_INT, 0 },
};

const struct entity log_entities[LOG_ENTITIES] = {
	{ "versions", version_fields, version_indexes, VERSION_FIELDS, 5, 1, 0 },
	{ "entries", entry_fields, NULL, ENTRY_FIELDS, 4, 0, 0 },
};
/* clang-format on */
