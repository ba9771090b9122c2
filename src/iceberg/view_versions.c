/*
 * view_versions.c - schemas and versions of a view (view spec, "Versions").
 *
 * Versions are immutable.  A version that exists already is used again; one
 * whose number another commit took first gets the next, so that two clients
 * that replace a view at once both succeed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/str_map.h"
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

/* Of the version's queries, in lower case. */
static struct str_map
dialects_of(struct arena *a, const yyjson_mut_val *version)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(member_find(version, "representations"));
	struct str_map dialects = str_map_in(a);
	yyjson_mut_val *r;

	while ((r = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (is_sql(r))
			*str_map_slot(&dialects, lower(a, dialect_of(r))) = r;
	return dialects;
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

/* The version that says the same, or NULL and a number that is free.  Members
 * that nobody here reads, such as storage-table, make another version too. */
static yyjson_mut_val *
find_same_version(
    struct view_builder *b, const yyjson_mut_val *version, int64_t *ret_id)
{
	static const char *const incidental[] = { "version-id", "timestamp-ms",
		NULL };
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(b->metadata, "versions"));
	int64_t free_id = member_number(member_find(version, "version-id"));
	yyjson_mut_val *other;

	while ((other = yyjson_mut_arr_iter_next(&it)) != NULL) {
		int64_t id = member_number(member_find(other, "version-id"));

		if (member_equal_but(
			b->metadata->arena, version, other, incidental)) {
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
	struct arena *a = b->metadata->arena;
	struct str_map kept = dialects_of(a, view_current(b->metadata));
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(member_find(b->before, "representations"));
	yyjson_mut_val *r;

	if (metadata_property_true(b->metadata, DROP_DIALECT))
		return OK;
	while ((r = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (is_sql(r) &&
		    str_map_find(&kept, lower(a, dialect_of(r))) == NULL)
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

static int64_t
version_id(const yyjson_mut_val *v)
{
	return member_number(member_find(v, "version-id"));
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The highest number of the `excess` oldest versions that are not current. */
static int64_t
newest_of_oldest(const struct metadata *m, size_t excess, int64_t current)
{
	yyjson_mut_val *versions = metadata_list(m, "versions"), *version;
	int64_t *ids =
	    ARENA_NEW(m->arena, int64_t, yyjson_mut_arr_size(versions));
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(versions);
	size_t count = 0;

	while ((version = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (version_id(version) != current)
			ids[count++] = version_id(version);
	qsort(ids, count, sizeof(*ids), by_number);
	return count >= excess ? ids[excess - 1] : INT64_MIN;
}

/* Of versions that are as old as each other all go. */
static void
drop_oldest(struct metadata *m, size_t excess)
{
	int64_t current = metadata_number(m, "current-version-id", -1);
	int64_t last = newest_of_oldest(m, excess, current);
	yyjson_mut_val *kept = yyjson_mut_arr(m->doc), *version;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, "versions"));

	/* the iterator has moved past `version` before append relinks it */
	for (version = yyjson_mut_arr_iter_next(&it); version != NULL;) {
		yyjson_mut_val *next = yyjson_mut_arr_iter_next(&it);

		if (version_id(version) > last ||
		    version_id(version) == current)
			yyjson_mut_arr_append(kept, version);
		version = next;
	}
	member_put(m->doc, m->root, "versions", kept);
}

/* A log that names a version which is gone would have a hole: what is before
 * the hole goes too. */
static void
cut_log(struct metadata *m)
{
	yyjson_mut_val *log = metadata_list(m, "version-log"), *v;
	yyjson_mut_arr_iter versions =
	    yyjson_mut_arr_iter_with(metadata_list(m, "versions"));
	yyjson_mut_arr_iter entries = yyjson_mut_arr_iter_with(log);
	struct int_map known = { 0 };
	size_t index = 0, hole = 0;

	while ((v = yyjson_mut_arr_iter_next(&versions)) != NULL)
		*int_map_slot(&known, version_id(v), m->arena) = v;
	for (; (v = yyjson_mut_arr_iter_next(&entries)) != NULL; index++)
		if (int_map_find(&known, version_id(v)) == NULL)
			hole = index + 1;
	(void)yyjson_mut_arr_remove_range(log, 0, hole);
}

enum err
view_versions_finish(struct view_builder *b, struct error *e)
{
	struct metadata *m = b->metadata;
	int64_t current = metadata_number(m, "current-version-id", -1);
	size_t size = yyjson_mut_arr_size(metadata_list(m, "versions"));
	size_t kept = 0;

	if (view_current(m) == NULL)
		return fail(
		    e, ERR_VALIDATION, "The view has no current version");
	if (b->before != view_current(m)) {
		TRY(check_no_dialect_lost(b, e));
		log_current(b, current);
	}
	TRY(history_size(b, &kept, e));
	if (size <= kept)
		return OK;
	drop_oldest(m, size - kept);
	cut_log(m);
	return OK;
}
