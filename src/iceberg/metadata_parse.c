/*
 * metadata_parse.c - parses table metadata, of any format version.
 *
 * The tables below are what other code may rely on: a member has its JSON type,
 * an entry of a list has its ids.
 */
#include "iceberg/member.h"
#include "iceberg/metadata.h"

#define EVER 99 /* required in no version */

/* clang-format off */
static const struct {
	const char *name;
	enum member_kind kind;
	int required_since;
} members[] = {
	{ "table-uuid",            MEMBER_STRING, 2 },
	{ "location",              MEMBER_STRING, 1 },
	{ "last-sequence-number",  MEMBER_LONG,   2 },
	{ "last-updated-ms",       MEMBER_LONG,   1 },
	{ "last-column-id",        MEMBER_INT,    1 },
	{ "current-schema-id",     MEMBER_INT,    1 },
	{ "schemas",               MEMBER_ARRAY,  1 },
	{ "default-spec-id",       MEMBER_INT,    1 },
	{ "partition-specs",       MEMBER_ARRAY,  1 },
	{ "last-partition-id",     MEMBER_INT,    1 },
	{ "default-sort-order-id", MEMBER_INT,    1 },
	{ "sort-orders",           MEMBER_ARRAY,  1 },
	{ "properties",            MEMBER_OBJECT, 1 },
	{ "current-snapshot-id",   MEMBER_LONG,   EVER },
	{ "refs",                  MEMBER_OBJECT, 1 },
	{ "snapshots",             MEMBER_ARRAY,  1 },
	{ "statistics",            MEMBER_ARRAY,  1 },
	{ "partition-statistics",  MEMBER_ARRAY,  1 },
	{ "snapshot-log",          MEMBER_ARRAY,  1 },
	{ "metadata-log",          MEMBER_ARRAY,  1 },
	{ "next-row-id",           MEMBER_LONG,   3 },
	{ "encryption-keys",       MEMBER_ARRAY,  EVER },
};

/* The members that each entry of a list or map must have. */
static const struct {
	const char *list, *name;
	enum member_kind kind;
} entries[] = {
	{ "schemas",              "schema-id",     MEMBER_INT },
	{ "partition-specs",      "spec-id",       MEMBER_INT },
	{ "partition-specs",      "fields",        MEMBER_ARRAY },
	{ "sort-orders",          "order-id",      MEMBER_INT },
	{ "refs",                 "snapshot-id",   MEMBER_LONG },
	{ "refs",                 "type",          MEMBER_STRING },
	{ "snapshots",            "snapshot-id",   MEMBER_LONG },
	{ "snapshots",            "timestamp-ms",  MEMBER_LONG },
	{ "statistics",           "snapshot-id",   MEMBER_LONG },
	{ "partition-statistics", "snapshot-id",   MEMBER_LONG },
	{ "snapshot-log",         "snapshot-id",   MEMBER_LONG },
	{ "snapshot-log",         "timestamp-ms",  MEMBER_LONG },
	{ "metadata-log",         "metadata-file", MEMBER_STRING },
	{ "metadata-log",         "timestamp-ms",  MEMBER_LONG },
	{ "encryption-keys",      "key-id",        MEMBER_STRING },
};
/* clang-format on */

/* A v1 file may have one schema instead of a list. */
static void
normalise_schemas(struct metadata *m)
{
	yyjson_mut_val *schema = member_find(m->root, "schema");

	if (member_find(m->root, "schemas") != NULL ||
	    !member_is(schema, MEMBER_OBJECT))
		return;

	yyjson_mut_val *list = yyjson_mut_arr(m->doc);

	schema = yyjson_mut_val_mut_copy(m->doc, schema);
	if (member_find(schema, "schema-id") == NULL)
		member_put_number(m->doc, schema, "schema-id", 0);
	if (member_is(member_find(schema, "schema-id"), MEMBER_INT))
		metadata_put_number(m, "current-schema-id",
		    member_number(member_find(schema, "schema-id")));
	yyjson_mut_arr_append(list, schema);
	member_put(m->doc, m->root, "schemas", list);
}

/* Table spec, "Partition Evolution": v1 ids are 1000 and on, in order. */
static int64_t
number_fields(struct metadata *m, yyjson_mut_val *fields)
{
	int64_t next = 1000;
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(fields);
	yyjson_mut_val *field;

	while ((field = yyjson_mut_arr_iter_next(&it)) != NULL) {
		if (member_is(field, MEMBER_OBJECT) &&
		    member_find(field, "field-id") == NULL)
			member_put_number(m->doc, field, "field-id", next);
		next++;
	}
	return next - 1;
}

static void
normalise_specs(struct metadata *m)
{
	yyjson_mut_val *fields = member_find(m->root, "partition-spec");

	if (member_find(m->root, "partition-specs") == NULL &&
	    member_is(fields, MEMBER_ARRAY)) {
		yyjson_mut_val *list = yyjson_mut_arr(m->doc);
		yyjson_mut_val *spec = yyjson_mut_arr_add_obj(m->doc, list);

		fields = yyjson_mut_val_mut_copy(m->doc, fields);
		metadata_put_number(
		    m, "last-partition-id", number_fields(m, fields));
		member_put_number(m->doc, spec, "spec-id", 0);
		member_put(m->doc, spec, "fields", fields);
		member_put(m->doc, m->root, "partition-specs", list);
		metadata_put_number(m, "default-spec-id", 0);
	}
}

/* The largest field id of all specs, where a v1 file does not say. */
static void
normalise_last_partition_id(struct metadata *m)
{
	int64_t last = 999;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(member_find(m->root, "partition-specs"));
	yyjson_mut_val *spec, *field;

	if (member_find(m->root, "last-partition-id") != NULL)
		return;
	while ((spec = yyjson_mut_arr_iter_next(&it)) != NULL) {
		yyjson_mut_arr_iter fields =
		    yyjson_mut_arr_iter_with(member_find(spec, "fields"));

		while ((field = yyjson_mut_arr_iter_next(&fields)) != NULL) {
			yyjson_mut_val *id = member_find(field, "field-id");

			if (member_is(id, MEMBER_INT) &&
			    member_number(id) > last)
				last = member_number(id);
		}
	}
	metadata_put_number(m, "last-partition-id", last);
}

static void
normalise_orders(struct metadata *m)
{
	if (member_find(m->root, "sort-orders") != NULL)
		return;

	yyjson_mut_val *list = yyjson_mut_arr(m->doc);
	yyjson_mut_val *order = yyjson_mut_arr_add_obj(m->doc, list);

	member_put_number(m->doc, order, "order-id", 0);
	member_put(m->doc, order, "fields", yyjson_mut_arr(m->doc));
	member_put(m->doc, m->root, "sort-orders", list);
	metadata_put_number(m, "default-sort-order-id", 0);
}

/* Files older than branches name the current snapshot only. */
static void
normalise_refs(struct metadata *m)
{
	yyjson_mut_val *id = member_find(m->root, "current-snapshot-id");

	if (member_find(m->root, "refs") != NULL)
		return;

	yyjson_mut_val *refs = yyjson_mut_obj(m->doc);

	if (member_is(id, MEMBER_LONG) && member_number(id) != -1) {
		yyjson_mut_val *ref =
		    yyjson_mut_obj_add_obj(m->doc, refs, METADATA_MAIN);

		member_put_number(
		    m->doc, ref, "snapshot-id", member_number(id));
		member_put_string(m->doc, ref, "type", STR("branch"));
	}
	member_put(m->doc, m->root, "refs", refs);
}

static void
normalise(struct metadata *m, int version)
{
	static const char *const lists[] = { "snapshots", "statistics",
		"partition-statistics", "snapshot-log", "metadata-log" };

	if (version == 1) {
		normalise_schemas(m);
		normalise_specs(m);
		normalise_last_partition_id(m);
		normalise_orders(m);
	}
	normalise_refs(m);
	if (member_find(m->root, "properties") == NULL)
		member_put(
		    m->doc, m->root, "properties", yyjson_mut_obj(m->doc));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (member_find(m->root, lists[i]) == NULL)
			member_put(
			    m->doc, m->root, lists[i], yyjson_mut_arr(m->doc));
}

static enum err
check_entry(const yyjson_mut_val *entry, size_t row, struct error *e)
{
	yyjson_mut_val *ignored = NULL;
	const char *list = entries[row].list;

	if (!member_is(entry, MEMBER_OBJECT))
		return fail(
		    e, ERR_BAD_REQUEST, "Field '%s' must hold objects", list);
	return member_within(member_get(entry, entries[row].name,
				 entries[row].kind, &ignored, e),
	    list, e);
}

static enum err
check_entries(const struct metadata *m, size_t row, struct error *e)
{
	yyjson_mut_val *list = member_find(m->root, entries[row].list);
	yyjson_mut_arr_iter items = yyjson_mut_arr_iter_with(list);
	yyjson_mut_obj_iter pairs = yyjson_mut_obj_iter_with(list);
	yyjson_mut_val *v;

	while ((v = yyjson_mut_arr_iter_next(&items)) != NULL)
		TRY(check_entry(v, row, e));
	while ((v = yyjson_mut_obj_iter_next(&pairs)) != NULL)
		TRY(check_entry(v->next, row, e));
	return OK;
}

static enum err
check_members(const struct metadata *m, int version, struct error *e)
{
	yyjson_mut_val *ignored = NULL;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (version >= members[i].required_since)
			TRY(member_get(m->root, members[i].name,
			    members[i].kind, &ignored, e));
		else
			TRY(member_optional(m->root, members[i].name,
			    members[i].kind, &ignored, e));
	}
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		TRY(check_entries(m, i, e));
	return member_strings_only(
	    metadata_list(m, "properties"), "properties", e);
}

static enum err
read_root(struct metadata *m, struct error *e)
{
	int32_t version = 0;

	if (!member_is(m->root, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST, "it must be an object");
	if (yyjson_mut_obj_size(m->root) > METADATA_MEMBERS_MAX)
		return fail(e, ERR_BAD_REQUEST, "it has more than %d members",
		    METADATA_MEMBERS_MAX);
	TRY(member_int(m->root, "format-version", &version, e));
	if (version < 1 || version > METADATA_VERSION_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "Cannot read unsupported version %d", version);
	normalise(m, version);
	return check_members(m, version, e);
}

enum err
metadata_parse(
    struct arena *a, struct str text, struct metadata *ret, struct error *e)
{
	struct metadata m = { .arena = a, .doc = json_new(a) };

	TRY(member_within(json_parse_copy(a, text, m.doc, &m.root, e),
	    "Invalid table metadata", e));
	yyjson_mut_doc_set_root(m.doc, m.root);
	TRY(member_within(read_root(&m, e), "Invalid table metadata", e));
	*ret = m;
	return OK;
}
