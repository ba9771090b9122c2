/*
 * requirements.c - the table of table requirements.
 *
 * The messages are the reference implementation's: clients' tests match them.
 */
#include "iceberg/requirements.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str_map.h"
#include "iceberg/member.h"

#define FAILED "Requirement failed: "

/* The table that is there. */
struct base {
	const struct metadata *metadata; /* NULL, in assert-create: none is */
	struct str_map refs;             /* filled when first asked */
};

typedef enum err check_function(
    struct base *, const yyjson_mut_val *requirement, struct error *);

static enum err
check_create(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	(void)requirement;
	if (base->metadata != NULL)
		return fail(
		    e, ERR_COMMIT_FAILED, FAILED "table already exists");
	return OK;
}

static enum err
check_uuid(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	struct str uuid, own = metadata_uuid(base->metadata);

	TRY(member_string(requirement, "uuid", &uuid, e));
	if (!str_eq_nocase(uuid, own))
		return fail(e, ERR_COMMIT_FAILED,
		    FAILED "UUID does not match: expected " STR_FMT
			   " != " STR_FMT,
		    STR_ARG(own), STR_ARG(uuid));
	return OK;
}

/* A client may ask for as many refs as there are. */
static yyjson_mut_val *
find_ref(struct base *base, struct str name)
{
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(base->metadata, "refs"));
	yyjson_mut_val *key;

	if (base->refs.count == 0)
		while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
			*str_map_slot(&base->refs, json_mut_str(key)) =
			    key->next;
	return str_map_find(&base->refs, name);
}

/* A null snapshot-id is not an omission: the ref must not exist. */
static enum err
check_ref(struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	yyjson_mut_val *expected = NULL;
	struct str name;

	TRY(member_string(requirement, "ref", &name, e));
	TRY(member_optional(
	    requirement, "snapshot-id", MEMBER_LONG, &expected, e));

	yyjson_mut_val *ref = find_ref(base, name);
	bool exists = ref != NULL;
	int64_t id = member_number(member_find(ref, "snapshot-id"));
	struct str type = json_mut_str(member_find(ref, "type"));
	const char *kind =
	    str_eq_nocase(type, STR("branch")) ? "branch" : "tag";

	if (!exists && expected != NULL)
		return fail(e, ERR_COMMIT_FAILED,
		    FAILED "branch or tag " STR_FMT
			   " is missing, expected %" PRId64,
		    STR_ARG(name), member_number(expected));
	if (exists && expected == NULL)
		return fail(e, ERR_COMMIT_FAILED,
		    FAILED "%s " STR_FMT " was created concurrently", kind,
		    STR_ARG(name));
	if (exists && member_number(expected) != id)
		return fail(e, ERR_COMMIT_FAILED,
		    FAILED "%s " STR_FMT " has changed: expected id %" PRId64
			   " != %" PRId64,
		    kind, STR_ARG(name), member_number(expected), id);
	return OK;
}

/* An id of the request against one of the table. */
static enum err
check_number(struct base *base, const yyjson_mut_val *requirement,
    const char *name, const char *base_name, const char *what, struct error *e)
{
	int32_t expected = 0;
	int64_t actual = metadata_number(base->metadata, base_name, -1);

	TRY(member_int(requirement, name, &expected, e));
	if (expected != actual)
		return fail(e, ERR_COMMIT_FAILED,
		    FAILED "%s changed: expected id %" PRId32 " != %" PRId64,
		    what, expected, actual);
	return OK;
}

static enum err
check_last_field(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	return check_number(base, requirement, "last-assigned-field-id",
	    "last-column-id", "last assigned field id", e);
}

static enum err
check_schema(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	return check_number(base, requirement, "current-schema-id",
	    "current-schema-id", "current schema", e);
}

static enum err
check_last_partition(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	return check_number(base, requirement, "last-assigned-partition-id",
	    "last-partition-id", "last assigned partition id", e);
}

static enum err
check_spec(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	return check_number(base, requirement, "default-spec-id",
	    "default-spec-id", "default partition spec", e);
}

static enum err
check_order(
    struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	return check_number(base, requirement, "default-sort-order-id",
	    "default-sort-order-id", "default sort order", e);
}

#define ASSERT_CREATE "assert-create"

/* clang-format off */
static const struct {
	const char *type;
	check_function *check;
} rows[] = {
	{ ASSERT_CREATE,                    check_create },
	{ "assert-table-uuid",              check_uuid },
	{ "assert-ref-snapshot-id",         check_ref },
	{ "assert-last-assigned-field-id",  check_last_field },
	{ "assert-current-schema-id",       check_schema },
	{ "assert-last-assigned-partition-id", check_last_partition },
	{ "assert-default-spec-id",         check_spec },
	{ "assert-default-sort-order-id",   check_order },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static enum err
check_one(struct base *base, const yyjson_mut_val *requirement, struct error *e)
{
	struct str type;
	size_t row = 0;

	if (!member_is(requirement, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST, "must be an object");
	TRY(member_within(
	    member_string(requirement, "type", &type, e), "/type", e));
	while (row < ROWS && !str_eq_nocase(type, str_from(rows[row].type)))
		row++;
	if (row == ROWS)
		return fail(e, ERR_BAD_REQUEST,
		    "/type: Cannot parse unknown table requirement: " STR_FMT,
		    STR_ARG(type));
	if (base->metadata == NULL && rows[row].check != check_create)
		return fail(e, ERR_COMMIT_FAILED,
		    FAILED "the table of %s does not exist", rows[row].type);
	return rows[row].check(base, requirement, e);
}

static enum err
check_array(const yyjson_val *requirements, struct error *e)
{
	yyjson_val *v = (yyjson_val *)(uintptr_t)requirements;

	if (v != NULL && !yyjson_is_null(v) && !yyjson_is_arr(v))
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'requirements' must be an array");
	return OK;
}

enum err
requirements_has_create(
    const yyjson_val *requirements, bool *ret, struct error *e)
{
	yyjson_val *all = (yyjson_val *)(uintptr_t)requirements, *one;
	yyjson_arr_iter it = yyjson_arr_iter_with(all);
	bool create = false;

	TRY(check_array(requirements, e));
	while ((one = yyjson_arr_iter_next(&it)) != NULL)
		if (str_eq_nocase(json_str(json_member(one, STR("type"))),
			STR(ASSERT_CREATE)))
			create = true;
	if (create && yyjson_arr_size(all) > 1)
		return fail(e, ERR_BAD_REQUEST,
		    "Invalid create requirements: " ASSERT_CREATE
		    " must be the only one of %zu",
		    yyjson_arr_size(all));
	*ret = create;
	return OK;
}

enum err
requirements_check(struct arena *a, const yyjson_val *requirements,
    const struct metadata *metadata, struct error *e)
{
	struct base base = { metadata, str_map_in(a) };
	yyjson_mut_doc *doc = json_new(a);
	yyjson_mut_val *requirement;
	size_t index = 0;
	char where[32];

	TRY(check_array(requirements, e));

	yyjson_mut_val *all =
	    yyjson_val_mut_copy(doc, (yyjson_val *)(uintptr_t)requirements);
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(all);

	TRY(member_names_unique(a, all, e));
	for (; (requirement = yyjson_mut_arr_iter_next(&it)) != NULL; index++) {
		if (metadata != NULL)
			TRY(metadata_in_time(metadata, e));
		(void)snprintf(
		    where, sizeof(where), "/requirements/%zu", index);
		TRY(member_within(check_one(&base, requirement, e), where, e));
	}
	return OK;
}
