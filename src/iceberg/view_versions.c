/*
 * view_versions.c - schemas and versions of a view (view spec, "Versions").
 *
 * Versions are immutable.  One that is there already is used again; one whose
 * number another commit took first gets the next, so that two clients who
 * replace a view at once both succeed.
 */
#include <inttypes.h>

#include "iceberg/member.h"
#include "iceberg/schema.h"
#include "iceberg/view_builder.h"

#define HISTORY "version.history.num-entries"
#define HISTORY_DEFAULT 10
#define DROP_DIALECT "replace.drop-dialect.allowed"

yyjson_mut_val *
view_current(const struct metadata *m)
{
	return metadata_entry(m, "versions", "version-id",
	    metadata_number(m, "current-version-id", -1));
}

/* ---- schemas */
static enum err
find_same_schema(struct view_builder *b, const struct schema *schema,
    bool *ret_found, int64_t *ret_next, struct error *e)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, "schemas"));
	yyjson_mut_val *json;

	*ret_next = 0;
	*ret_found = false;
	while ((json = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(json, "schema-id"));
		struct schema other;

		TRY(schema_read(b->metadata->arena, json, &other, e));
		if (schema_equal(schema, &other)) {
			b->schema = (struct last_added){ true, id };
			*ret_found = true;
			return OK;
		}
		if (id >= *ret_next)
			*ret_next = id + 1;
	}
	return OK;
}

enum err
view_add_schema(struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *json = NULL;
	struct schema schema;
	int64_t id = 0;
	bool found = false;

	TRY(member_get(update, "schema", MEMBER_OBJECT, &json, e));
	TRY(schema_read(m->arena, json, &schema, e));
	TRY(find_same_schema(b, &schema, &found, &id, e));
	if (found)
		return OK;
	member_put_number(m->doc, json, "schema-id", id);
	yyjson_mut_arr_append(
	    metadata_list(m, "schemas"), yyjson_mut_val_mut_copy(m->doc, json));
	b->schema = (struct last_added){ true, id };
	b->changed = true;
	return OK;
}

/* ---- versions */
static struct str
dialect_of(const yyjson_mut_val *representation)
{
	return json_mut_str(member_find(representation, "dialect"));
}

static bool
is_sql(const yyjson_mut_val *representation)
{
	return str_eq_nocase(
	    json_mut_str(member_find(representation, "type")), STR("sql"));
}

static bool
has_dialect(yyjson_mut_val *version, struct str dialect)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(member_find(version, "representations"));
	yyjson_mut_val *r;

	while ((r = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (is_sql(r) && str_eq_nocase(dialect_of(r), dialect))
			return true;
	return false;
}

/* Kinds other than sql are for later readers and only kept. */
static enum err
check_representation(const yyjson_mut_val *r, struct error *e)
{
	struct str ignored;

	if (!member_is(r, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'representations' must hold objects");
	TRY(member_string(r, "type", &ignored, e));
	if (!is_sql(r))
		return OK;
	TRY(member_string(r, "sql", &ignored, e));
	return member_string(r, "dialect", &ignored, e);
}

static struct str
lower(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, 1, s.len + 1);

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		copy[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return (struct str){ copy, s.len };
}

/* The message is the reference implementation's: clients' tests match it. */
static enum err
check_dialects(struct arena *a, yyjson_mut_val *list, struct error *e)
{
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(list);
	struct str *names = ARENA_NEW(a, struct str, yyjson_mut_arr_size(list));
	yyjson_mut_val *r;
	size_t count = 0;

	while ((r = yyjson_mut_arr_iter_next(&it)) != NULL) {
		TRY(check_representation(r, e));
		if (is_sql(r))
			names[count++] = lower(a, dialect_of(r));
	}

	struct str twice = member_duplicate(names, count);

	if (twice.ptr != NULL)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Invalid view version: Cannot add multiple queries for "
		    "dialect " STR_FMT,
		    STR_ARG(twice));
	return OK;
}

static enum err
check_namespace(const yyjson_mut_val *version, struct error *e)
{
	yyjson_mut_val *levels = NULL, *level;

	TRY(member_get(version, "default-namespace", MEMBER_ARRAY, &levels, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(levels);

	while ((level = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (!member_is(level, MEMBER_STRING))
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'default-namespace' must hold strings");
	return OK;
}

static enum err
check_version(struct arena *a, const yyjson_mut_val *version, struct error *e)
{
	yyjson_mut_val *summary = NULL, *list = NULL, *ignored = NULL;
	int64_t timestamp;
	int32_t id;

	TRY(member_int(version, "version-id", &id, e));
	if (id < 1 || id == INT32_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'version-id' is out of range: %d", id);
	TRY(member_long(version, "timestamp-ms", &timestamp, e));
	TRY(member_get(version, "summary", MEMBER_OBJECT, &summary, e));
	TRY(member_strings_only(summary, "summary", e));
	TRY(member_optional(
	    version, "default-catalog", MEMBER_STRING, &ignored, e));
	TRY(check_namespace(version, e));
	TRY(member_get(version, "representations", MEMBER_ARRAY, &list, e));
	if (yyjson_mut_arr_size(list) == 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'representations' must not be empty");
	return check_dialects(a, list, e);
}

/* The schema that a version names, -1 resolved and written back. */
static enum err
settle_schema(struct view_builder *b, yyjson_mut_val *version, struct error *e)
{
	const struct metadata *m = b->metadata;
	int32_t id = 0;

	TRY(member_int(version, "schema-id", &id, e));
	if (id == -1 && !b->schema.any)
		return fail(e, ERR_VALIDATION,
		    "Cannot set last added schema: no schema has been added");
	if (id == -1)
		id = (int32_t)b->schema.id;
	if (metadata_entry(m, "schemas", "schema-id", id) == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot add version with unknown schema: %d", id);
	member_put_number(m->doc, version, "schema-id", id);
	return OK;
}

/* All that a version says save its number and time. */
static bool
says_the_same(const yyjson_mut_val *a, const yyjson_mut_val *b)
{
	static const char *const names[] = { "schema-id", "summary",
		"representations", "default-catalog", "default-namespace" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		yyjson_mut_val *x = member_find(a, names[i]);
		yyjson_mut_val *y = member_find(b, names[i]);
		bool there = member_is(x, MEMBER_ANY);

		if (there != member_is(y, MEMBER_ANY) ||
		    (there && !yyjson_mut_equals(x, y)))
			return false;
	}
	return true;
}

/* The version that says the same, or NULL and a number that is free. */
static yyjson_mut_val *
find_same_version(
    struct view_builder *b, const yyjson_mut_val *version, int64_t *ret_id)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, "versions"));
	int64_t free_id = member_number(member_find(version, "version-id"));
	yyjson_mut_val *other;

	while ((other = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(other, "version-id"));

		if (says_the_same(version, other)) {
			*ret_id = id;
			return other;
		}
		if (id >= free_id)
			free_id = id + 1;
	}
	*ret_id = free_id;
	return NULL;
}

enum err
view_add_version(
    struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *version = NULL;
	int64_t id = 0;

	TRY(member_get(update, "view-version", MEMBER_OBJECT, &version, e));
	TRY(check_version(m->arena, version, e));
	TRY(settle_schema(b, version, e));
	if (find_same_version(b, version, &id) == NULL) {
		if (id > INT32_MAX)
			return fail(e, ERR_VALIDATION,
			    "No version-id is left after %d", INT32_MAX);
		member_put_number(m->doc, version, "version-id", id);
		version = yyjson_mut_val_mut_copy(m->doc, version);
		yyjson_mut_arr_append(metadata_list(m, "versions"), version);
		*int_map_slot(&b->added, id, m->arena) = version;
		b->added_count++;
		b->changed = true;
	}
	b->version = (struct last_added){ true, id };
	return OK;
}

enum err
view_set_version(
    struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	int32_t id = 0;

	TRY(member_int(update, "view-version-id", &id, e));
	if (id == -1 && !b->version.any)
		return fail(e, ERR_VALIDATION,
		    "Cannot set last version id: no version has been added");
	if (id == -1)
		id = (int32_t)b->version.id;
	if (metadata_entry(m, "versions", "version-id", id) == NULL)
		return fail(e, ERR_VALIDATION,
		    "Cannot set current version to unknown version: %d", id);
	if (metadata_number(m, "current-version-id", -1) == id)
		return OK;
	metadata_put_number(m, "current-version-id", id);
	b->changed = true;
	return OK;
}

/* ---- at the end */
static void
log_current(struct view_builder *b, int64_t id)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *added = int_map_find(&b->added, id);
	yyjson_mut_val *entry =
	    yyjson_mut_arr_add_obj(m->doc, metadata_list(m, "version-log"));
	int64_t at = b->now_ms;

	if (added != NULL)
		at = member_number(member_find(added, "timestamp-ms"));
	member_put_number(m->doc, entry, "timestamp-ms", at);
	member_put_number(m->doc, entry, "version-id", id);
}

static enum err
check_no_dialect_lost(const struct view_builder *b, struct error *e)
{
	yyjson_mut_val *current = view_current(b->metadata), *r;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(member_find(b->before, "representations"));

	if (metadata_property_true(b->metadata, DROP_DIALECT))
		return OK;
	while ((r = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (is_sql(r) && !has_dialect(current, dialect_of(r)))
			return fail(e, ERR_VALIDATION,
			    "Cannot replace view due to loss of view dialects "
			    "(" DROP_DIALECT "=false): " STR_FMT,
			    STR_ARG(dialect_of(r)));
	return OK;
}

static enum err
history_size(const struct view_builder *b, size_t *ret, struct error *e)
{
	struct str text = metadata_property(b->metadata, HISTORY);
	int64_t n = HISTORY_DEFAULT;

	if (text.ptr != NULL && (!str_to_int(text, &n) || n < 1))
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    HISTORY " must be a number above 0: " STR_FMT,
		    STR_ARG(text));
	/* what one request brought is never cut by itself */
	*ret = n > b->added_count ? (size_t)n : b->added_count;
	return OK;
}

/* The oldest version that is not current. */
static size_t
oldest(const struct metadata *m)
{
	int64_t current = metadata_number(m, "current-version-id", -1);
	int64_t lowest = INT64_MAX;
	size_t index = 0, found = 0;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, "versions"));
	yyjson_mut_val *version;

	for (; (version = yyjson_mut_arr_iter_next(&it)) != NULL; index++) {
		int64_t id = member_number(member_find(version, "version-id"));

		if (id != current && id < lowest) {
			lowest = id;
			found = index;
		}
	}
	return found;
}

/* A log that names a version which is gone would have a hole: what is before
 * the hole goes too. */
static void
cut_log(struct metadata *m)
{
	yyjson_mut_val *log = metadata_list(m, "version-log"), *entry;
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(log);
	size_t index = 0, hole = 0;

	for (; (entry = yyjson_mut_arr_iter_next(&it)) != NULL; index++) {
		int64_t id = member_number(member_find(entry, "version-id"));

		if (metadata_entry(m, "versions", "version-id", id) == NULL)
			hole = index + 1;
	}
	(void)yyjson_mut_arr_remove_range(log, 0, hole);
}

enum err
view_versions_finish(struct view_builder *b, struct error *e)
{
	struct metadata *m = b->metadata;
	int64_t current = metadata_number(m, "current-version-id", -1);
	yyjson_mut_val *versions = metadata_list(m, "versions");
	size_t kept = 0;

	if (view_current(m) == NULL)
		return fail(
		    e, ERR_VALIDATION, "The view has no current version");
	if (b->before != view_current(m)) {
		TRY(check_no_dialect_lost(b, e));
		log_current(b, current);
	}
	TRY(history_size(b, &kept, e));
	if (yyjson_mut_arr_size(versions) <= kept)
		return OK;
	while (yyjson_mut_arr_size(versions) > kept)
		yyjson_mut_arr_remove(versions, oldest(m));
	cut_log(m);
	return OK;
}
