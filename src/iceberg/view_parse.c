/* view_parse.c - parses view metadata. */
#include "iceberg/member.h"
#include "iceberg/view.h"
#include "iceberg/view_builder.h"

struct str
view_uuid(const struct metadata *m)
{
	return json_mut_str(member_find(m->root, "view-uuid"));
}

/* clang-format off */
static const struct {
	const char *name;
	enum member_kind kind;
} members[] = {
	{ "view-uuid",          MEMBER_STRING },
	{ "location",           MEMBER_STRING },
	{ "current-version-id", MEMBER_INT },
	{ "versions",           MEMBER_ARRAY },
	{ "version-log",        MEMBER_ARRAY },
	{ "schemas",            MEMBER_ARRAY },
};

/* The members that each entry of a list must have. */
static const struct {
	const char *list, *name;
	enum member_kind kind;
} entries[] = {
	{ "versions",    "version-id",      MEMBER_INT },
	{ "versions",    "timestamp-ms",    MEMBER_LONG },
	{ "versions",    "schema-id",       MEMBER_INT },
	{ "versions",    "representations", MEMBER_ARRAY },
	{ "version-log", "version-id",      MEMBER_INT },
	{ "version-log", "timestamp-ms",    MEMBER_LONG },
	{ "schemas",     "schema-id",       MEMBER_INT },
};
/* clang-format on */

static enum err
check_entries(const struct metadata *m, size_t row, struct error *e)
{
	const char *list = entries[row].list;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, list));
	yyjson_mut_val *v, *ignored = NULL;

	while ((v = yyjson_mut_arr_iter_next(&it)) != NULL) {
		if (!member_is(v, MEMBER_OBJECT))
			return fail(e, ERR_BAD_REQUEST,
			    "Field '%s' must hold objects", list);
		TRY(member_within(member_get(v, entries[row].name,
				      entries[row].kind, &ignored, e),
		    list, e));
	}
	return OK;
}

static enum err
read_root(struct metadata *m, struct error *e)
{
	yyjson_mut_val *properties = NULL, *ignored = NULL;
	int32_t version = 0;

	if (!member_is(m->root, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST, "it must be an object");
	if (yyjson_mut_obj_size(m->root) > METADATA_MEMBERS_MAX)
		return fail(e, ERR_BAD_REQUEST, "it has more than %d members",
		    METADATA_MEMBERS_MAX);
	TRY(member_int(m->root, "format-version", &version, e));
	if (version < 1 || version > VIEW_VERSION_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "Cannot read unsupported version %d", version);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		TRY(member_get(
		    m->root, members[i].name, members[i].kind, &ignored, e));
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		TRY(check_entries(m, i, e));
	TRY(member_optional(
	    m->root, "properties", MEMBER_OBJECT, &properties, e));
	if (properties == NULL)
		member_put(
		    m->doc, m->root, "properties", yyjson_mut_obj(m->doc));
	if (view_current(m) == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'current-version-id' names none of 'versions'");
	return member_strings_only(properties, "properties", e);
}

enum err
view_parse(
    struct arena *a, struct str text, struct metadata *ret, struct error *e)
{
	struct metadata m = { .arena = a, .doc = json_new(a) };

	TRY(member_within(json_parse_copy(a, text, m.doc, &m.root, e),
	    "Invalid view metadata", e));
	yyjson_mut_doc_set_root(m.doc, m.root);
	TRY(member_within(read_root(&m, e), "Invalid view metadata", e));
	*ret = m;
	return OK;
}
