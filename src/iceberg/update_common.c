#include "iceberg/update_common.h"

#include "base/uuid.h"
#include "iceberg/member.h"

enum err
updates_own(struct metadata *m, const yyjson_val *updates, yyjson_mut_val **ret,
    struct error *e)
{
	yyjson_mut_val *copy =
	    yyjson_val_mut_copy(m->doc, (yyjson_val *)(uintptr_t)updates);

	if (member_is(copy, MEMBER_ANY) && !member_is(copy, MEMBER_ARRAY))
		return fail(
		    e, ERR_BAD_REQUEST, "Field 'updates' must be an array");
	TRY(member_names_unique(m->arena, copy, e));
	*ret = copy;
	return OK;
}

enum err
update_uuid(const yyjson_mut_val *update, struct str *ret, struct error *e)
{
	struct id id;

	TRY(member_string(update, "uuid", ret, e));
	if (id_parse(*ret, &id))
		return OK;
	return fail(e, ERR_BAD_REQUEST,
	    "Field 'uuid' must be a UUID: '" STR_FMT "'", STR_ARG(*ret));
}

enum err
update_location(struct metadata *m, const yyjson_mut_val *update,
    bool *io_changed, struct error *e)
{
	struct str location;

	TRY(member_string(update, "location", &location, e));
	while (str_ends_with(location, STR("/")))
		location.len--;
	if (location.len == 0)
		return fail(
		    e, ERR_BAD_REQUEST, "Field 'location' must not be empty");
	if (str_eq(location, metadata_location(m)))
		return OK;
	member_put_string(m->doc, m->root, "location", location);
	*io_changed = true;
	return OK;
}

/* A member under its name of today or the one of before. */
static enum err
renamed_member(const yyjson_mut_val *update, const char *name,
    const char *legacy, enum member_kind kind, yyjson_mut_val **ret,
    struct error *e)
{
	if (member_find(update, name) == NULL &&
	    member_find(update, legacy) != NULL)
		name = legacy;
	return member_get(update, name, kind, ret, e);
}

static enum err
check_lengths(yyjson_mut_val *updates, struct error *e)
{
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(updates);
	yyjson_mut_val *key;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		if (yyjson_mut_get_len(key->next) > JSON_TEXT_MAX)
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'updates." STR_FMT
			    "' is longer than %d bytes",
			    STR_ARG(json_mut_str(key)), JSON_TEXT_MAX);
	return OK;
}

enum err
update_properties(struct metadata *m, const yyjson_mut_val *update,
    bool *io_changed, struct error *e)
{
	yyjson_mut_val *updates = NULL;

	TRY(renamed_member(
	    update, "updates", "updated", MEMBER_OBJECT, &updates, e));
	TRY(member_strings_only(updates, "updates", e));
	TRY(check_lengths(updates, e));
	if (properties_set(m, updates))
		*io_changed = true;
	return OK;
}

enum err
update_removals(struct metadata *m, const yyjson_mut_val *update,
    bool *io_changed, struct error *e)
{
	yyjson_mut_val *removals = NULL, *name;

	TRY(renamed_member(
	    update, "removals", "removed", MEMBER_ARRAY, &removals, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(removals);

	while ((name = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (!yyjson_mut_is_str(name))
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'removals' must hold strings");
	if (properties_remove(m, removals))
		*io_changed = true;
	return OK;
}
