/*
 * view_updates.c - the table of view updates, the one view requirement, and the
 * first metadata of a view.
 */
#include <stdio.h>

#include "base/uuid.h"
#include "iceberg/member.h"
#include "iceberg/update_common.h"
#include "iceberg/view.h"
#include "iceberg/view_builder.h"

/* ---- updates of the view as a whole */
static enum err
assign_uuid(struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	struct str uuid;

	TRY(update_uuid(update, &uuid, e));
	if (str_eq_nocase(uuid, view_uuid(b->metadata)))
		return OK;
	return fail(e, ERR_VALIDATION,
	    "Cannot reassign uuid: the view has " STR_FMT,
	    STR_ARG(view_uuid(b->metadata)));
}

/* There is only one version so far, and each view has it. */
static enum err
upgrade_format_version(
    struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	int current = metadata_format_version(b->metadata);
	int32_t version = 0;

	TRY(member_int(update, "format-version", &version, e));
	if (version > VIEW_VERSION_MAX)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot upgrade view to unsupported format version: v%d "
		    "(supported: v%d)",
		    version, VIEW_VERSION_MAX);
	if (version < current)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot downgrade v%d view to v%d", current, version);
	return OK;
}

static enum err
set_location(struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	return update_location(b->metadata, update, &b->changed, e);
}

static enum err
set_properties(struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	return update_properties(b->metadata, update, &b->changed, e);
}

static enum err
remove_properties(
    struct view_builder *b, yyjson_mut_val *update, struct error *e)
{
	return update_removals(b->metadata, update, &b->changed, e);
}

/* ---- the table */
/* clang-format off */
static const struct {
	const char *action;
	view_update_function *apply;
	unsigned most_per_request; /* as in updates.c; 0: no bound */
} rows[] = {
	{ "assign-uuid",              assign_uuid,            0 },
	{ "upgrade-format-version",   upgrade_format_version, 0 },
	{ "add-schema",               view_add_schema,        100 },
	{ "set-location",             set_location,           0 },
	{ "set-properties",           set_properties,         1000 },
	{ "remove-properties",        remove_properties,      1000 },
	{ "add-view-version",         view_add_version,       100 },
	{ "set-current-view-version", view_set_version,       1000 },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static enum err
apply_one(struct view_builder *b, yyjson_mut_val *update, unsigned counts[ROWS],
    struct error *e)
{
	struct str action;
	size_t row = 0;

	if (!member_is(update, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST, "must be an object");
	TRY(member_within(
	    member_string(update, "action", &action, e), "/action", e));
	while (row < ROWS && !str_eq_nocase(action, str_from(rows[row].action)))
		row++;
	if (row == ROWS)
		return fail(e, ERR_BAD_REQUEST,
		    "/action: Cannot parse unknown view update: " STR_FMT,
		    STR_ARG(action));
	if (rows[row].most_per_request != 0 &&
	    ++counts[row] > rows[row].most_per_request)
		return fail(e, ERR_BAD_REQUEST,
		    "more than %u updates '%s' in one request",
		    rows[row].most_per_request, rows[row].action);
	return member_within(
	    rows[row].apply(b, update, e), rows[row].action, e);
}

enum err
view_updates_apply(struct metadata *m, const yyjson_val *updates,
    int64_t now_ms, bool *ret_changed, struct error *e)
{
	struct view_builder b = {
		.metadata = m, .now_ms = now_ms, .before = view_current(m)
	};
	unsigned counts[ROWS] = { 0 };
	yyjson_mut_val *copy = NULL, *update;
	size_t index = 0;
	char where[32];

	TRY(updates_own(m, updates, &copy, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(copy);

	for (; (update = yyjson_mut_arr_iter_next(&it)) != NULL; index++) {
		TRY(metadata_in_time(m, e));
		(void)snprintf(where, sizeof(where), "/updates/%zu", index);
		TRY(member_within(apply_one(&b, update, counts, e), where, e));
	}
	if (b.changed)
		TRY(view_versions_finish(&b, e));
	*ret_changed = b.changed;
	return OK;
}

/* ---- the requirement */
static enum err
check_requirement(const yyjson_mut_val *requirement,
    const struct metadata *base, struct error *e)
{
	struct str type, uuid;

	if (!member_is(requirement, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST, "must be an object");
	TRY(member_within(
	    member_string(requirement, "type", &type, e), "/type", e));
	if (!str_eq_nocase(type, STR("assert-view-uuid")))
		return fail(e, ERR_BAD_REQUEST,
		    "/type: Cannot parse unknown view requirement: " STR_FMT,
		    STR_ARG(type));
	TRY(member_string(requirement, "uuid", &uuid, e));
	if (str_eq_nocase(uuid, view_uuid(base)))
		return OK;
	return fail(e, ERR_COMMIT_FAILED,
	    "Requirement failed: view UUID does not match: expected " STR_FMT
	    " != " STR_FMT,
	    STR_ARG(view_uuid(base)), STR_ARG(uuid));
}

enum err
view_requirements_check(struct arena *a, const yyjson_val *requirements,
    const struct metadata *base, struct error *e)
{
	yyjson_mut_val *copy = yyjson_val_mut_copy(
	    json_new(a), (yyjson_val *)(uintptr_t)requirements);
	yyjson_mut_val *requirement;
	size_t index = 0;
	char where[32];

	if (member_is(copy, MEMBER_ANY) && !member_is(copy, MEMBER_ARRAY))
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'requirements' must be an array");

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(copy);

	TRY(member_names_unique(a, copy, e));
	for (; (requirement = yyjson_mut_arr_iter_next(&it)) != NULL; index++) {
		TRY(metadata_in_time(base, e));
		(void)snprintf(
		    where, sizeof(where), "/requirements/%zu", index);
		TRY(member_within(
		    check_requirement(requirement, base, e), where, e));
	}
	return OK;
}

/* ---- a new view */
static struct metadata
new_metadata(struct arena *a, struct str uuid, struct str location)
{
	static const char *const lists[] = { "schemas", "versions",
		"version-log" };
	yyjson_mut_doc *doc = json_new(a);
	struct metadata m = {
		.arena = a, .doc = doc, .root = yyjson_mut_obj(doc)
	};

	yyjson_mut_doc_set_root(doc, m.root);
	member_put_string(doc, m.root, "view-uuid", uuid);
	metadata_put_number(&m, "format-version", VIEW_VERSION_MAX);
	member_put_string(doc, m.root, "location", location);
	member_put(doc, m.root, "properties", yyjson_mut_obj(doc));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		member_put(doc, m.root, lists[i], yyjson_mut_arr(doc));
	return m;
}

/* The first version has the first number and schema, whatever numbers the
 * request has for them. */
static enum err
number_first(struct view_builder *b, yyjson_mut_val *version, struct error *e)
{
	yyjson_mut_val *given = NULL;

	TRY(member_optional(version, "version-id", MEMBER_INT, &given, e));
	TRY(member_optional(version, "schema-id", MEMBER_INT, &given, e));
	member_put_number(b->metadata->doc, version, "version-id", 1);
	member_put_number(b->metadata->doc, version, "schema-id", b->schema.id);
	return OK;
}

static enum err
add_first(struct view_builder *b, yyjson_mut_val *request, struct error *e)
{
	yyjson_mut_val *version = NULL;

	TRY(view_add_schema(b, request, e));
	TRY(member_get(request, "view-version", MEMBER_OBJECT, &version, e));
	TRY(number_first(b, version, e));
	TRY(view_add_version(b, request, e));
	metadata_put_number(b->metadata, "current-version-id", b->version.id);
	return view_versions_finish(b, e);
}

enum err
view_create(struct arena *a, const yyjson_val *request,
    const struct table_seed *seed, struct metadata *ret, struct error *e)
{
	struct metadata m = new_metadata(a, seed->uuid, seed->location);
	yyjson_mut_val *copy =
	    yyjson_val_mut_copy(m.doc, (yyjson_val *)(uintptr_t)request);
	struct view_builder b = { .metadata = &m, .now_ms = seed->now_ms };
	yyjson_mut_val *properties = NULL, *location = NULL;

	TRY(member_names_unique(a, copy, e));
	TRY(member_optional(copy, "location", MEMBER_STRING, &location, e));
	TRY(member_optional(copy, "properties", MEMBER_OBJECT, &properties, e));
	if (location != NULL)
		TRY(update_location(&m, copy, &b.changed, e));
	if (properties != NULL) {
		TRY(member_strings_only(properties, "properties", e));
		(void)properties_set(&m, properties);
	}
	TRY(add_first(&b, copy, e));
	*ret = m;
	return OK;
}
