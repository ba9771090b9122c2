/*
 * entities.c - versions and entries as entities, and their rows.
 *
 * Versions are ordered by position: commits append, changes() reads a range.
 */
#include "plugins/rowlog/engine.h"

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

const struct entity rowlog_entities[ROWLOG_ENTITIES] = {
	{ "versions", version_fields, version_indexes, VERSION_FIELDS, 5, 1, 0 },
	{ "entries", entry_fields, NULL, ENTRY_FIELDS, 4, 0, 0 },
};
/* clang-format on */

static struct value
of_int(int64_t n)
{
	return (struct value){ VALUE_INT, { .i = n } };
}

static struct value
of_text(struct str s)
{
	struct value v = { .type = VALUE_NULL };

	if (s.ptr != NULL)
		v = (struct value){ VALUE_TEXT, { .s = s } };
	return v;
}

static struct str
never_null(struct str s)
{
	return s.len != 0 ? s : STR("");
}

struct version
version_of(const struct value *row)
{
	return (struct version){
		.key = { .space = (enum space)row[VERSION_SPACE].as.i,
		    .ns = row[VERSION_NS].as.s,
		    .name = row[VERSION_NAME].as.s },
		.at = { row[VERSION_BRANCH].as.i, row[VERSION_SEQ].as.i },
		.origin = { row[VERSION_ORIGIN_BRANCH].as.i,
		    row[VERSION_ORIGIN_SEQ].as.i },
		.kind = (int)row[VERSION_KIND].as.i,
		.deleted = row[VERSION_DELETED].as.i != 0,
		.object = row[VERSION_OBJECT].as.id,
		.location = row[VERSION_LOCATION].type == VALUE_NULL
				? (struct str){ 0 }
				: row[VERSION_LOCATION].as.s,
		.body = row[VERSION_BODY].type == VALUE_NULL
			    ? (struct str){ 0 }
			    : row[VERSION_BODY].as.s,
	};
}

void
entry_to_key(int64_t branch, const struct key *k, struct value *row)
{
	row[ENTRY_BRANCH] = of_int(branch);
	row[ENTRY_SPACE] = of_int(k->space);
	row[ENTRY_NS] = of_text(never_null(k->ns));
	row[ENTRY_NAME] = of_text(never_null(k->name));
}

void
version_to_row(const struct version *v, struct point at, struct value *row)
{
	row[VERSION_BRANCH] = of_int(at.branch);
	row[VERSION_SEQ] = of_int(at.seq);
	row[VERSION_SPACE] = of_int(v->key.space);
	row[VERSION_NS] = of_text(never_null(v->key.ns));
	row[VERSION_NAME] = of_text(v->key.name);
	row[VERSION_ORIGIN_BRANCH] = of_int(v->origin.branch);
	row[VERSION_ORIGIN_SEQ] = of_int(v->origin.seq);
	row[VERSION_KIND] = of_int(v->kind);
	row[VERSION_DELETED] = of_int(v->deleted);
	row[VERSION_OBJECT] = (struct value){ VALUE_ID, { .id = v->object } };
	row[VERSION_LOCATION] = of_text(v->location);
	row[VERSION_BODY] = of_text(v->body);
}
