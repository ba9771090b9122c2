/* builder_table.c - updates of the table as a whole: identity, version,
 * location, properties, encryption keys. */
#include "iceberg/builder.h"
#include "iceberg/member.h"
#include "iceberg/update_common.h"

enum err
assign_uuid(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	struct str uuid, current = metadata_uuid(m);

	TRY(update_uuid(update, &uuid, e));
	if (str_eq_nocase(uuid, current))
		return OK;
	if (current.ptr != NULL && !b->context->create)
		return fail(e, ERR_VALIDATION,
		    "Cannot reassign uuid: the table has " STR_FMT,
		    STR_ARG(current));
	member_put_string(m->doc, m->root, "table-uuid", uuid);
	b->changed = true;
	return OK;
}

enum err
upgrade_format_version(
    struct builder *b, yyjson_mut_val *update, struct error *e)
{
	int current = metadata_format_version(b->metadata);
	int32_t version = 0;

	TRY(member_int(update, "format-version", &version, e));
	if (version > METADATA_VERSION_MAX)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot upgrade table to unsupported format version: v%d "
		    "(supported: v%d)",
		    version, METADATA_VERSION_MAX);
	if (version < current)
		return fail(e, ERR_ILLEGAL_ARGUMENT,
		    "Cannot downgrade v%d table to v%d", current, version);
	if (version == current)
		return OK;
	metadata_put_number(b->metadata, "format-version", version);
	metadata_fit_version(b->metadata);
	b->changed = true;
	return OK;
}

enum err
set_location(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return update_location(b->metadata, update, &b->changed, e);
}

enum err
set_properties(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return update_properties(b->metadata, update, &b->changed, e);
}

enum err
remove_properties(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return update_removals(b->metadata, update, &b->changed, e);
}

static size_t
key_index(const yyjson_mut_val *keys, struct str id)
{
	size_t index = 0;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with((yyjson_mut_val *)(uintptr_t)keys);
	yyjson_mut_val *key;

	for (; (key = yyjson_mut_arr_iter_next(&it)) != NULL; index++)
		if (str_eq(json_mut_str(member_find(key, "key-id")), id))
			break;
	return index;
}

enum err
add_encryption_key(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	struct metadata *m = b->metadata;
	yyjson_mut_val *key = NULL, *ignored = NULL;
	struct str id, content;

	TRY(member_get(update, "encryption-key", MEMBER_OBJECT, &key, e));
	TRY(member_string(key, "key-id", &id, e));
	TRY(member_string(key, "encrypted-key-metadata", &content, e));
	TRY(member_optional(
	    key, "encrypted-by-id", MEMBER_STRING, &ignored, e));
	TRY(member_optional(key, "properties", MEMBER_OBJECT, &ignored, e));
	TRY(member_strings_only(ignored, "properties", e));

	yyjson_mut_val *keys = metadata_list(m, "encryption-keys");

	if (keys == NULL) {
		keys = yyjson_mut_arr(m->doc);
		member_put(m->doc, m->root, "encryption-keys", keys);
	}
	if (key_index(keys, id) != yyjson_mut_arr_size(keys))
		return OK;
	yyjson_mut_arr_append(keys, yyjson_mut_val_mut_copy(m->doc, key));
	b->changed = true;
	return OK;
}

enum err
remove_encryption_key(
    struct builder *b, yyjson_mut_val *update, struct error *e)
{
	yyjson_mut_val *keys = metadata_list(b->metadata, "encryption-keys");
	struct str id;

	TRY(member_string(update, "key-id", &id, e));

	size_t index = key_index(keys, id);

	if (index == yyjson_mut_arr_size(keys))
		return OK;
	yyjson_mut_arr_remove(keys, index);
	b->changed = true;
	return OK;
}
