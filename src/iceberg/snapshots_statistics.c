/* snapshots_statistics.c - statistics files, at most one of each kind for a
 * snapshot (Iceberg table spec, "Table Statistics"). */
#include "iceberg/builder.h"
#include "iceberg/member.h"

static enum err
check_blob(const yyjson_mut_val *blob, struct error *e)
{
	yyjson_mut_val *fields = NULL, *field, *properties = NULL;
	struct str type;
	int64_t number = 0;

	if (!member_is(blob, MEMBER_OBJECT))
		return fail(e, ERR_BAD_REQUEST,
		    "Field 'blob-metadata' must hold objects");
	TRY(member_string(blob, "type", &type, e));
	TRY(member_long(blob, "snapshot-id", &number, e));
	TRY(member_long(blob, "sequence-number", &number, e));
	TRY(member_get(blob, "fields", MEMBER_ARRAY, &fields, e));
	TRY(member_optional(blob, "properties", MEMBER_OBJECT, &properties, e));
	TRY(member_strings_only(properties, "properties", e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(fields);

	while ((field = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (!member_is(field, MEMBER_INT))
			return fail(e, ERR_BAD_REQUEST,
			    "Field 'fields' must hold 32-bit integers");
	return OK;
}

static enum err
check_file(const yyjson_mut_val *file, int64_t *ret_id, struct error *e)
{
	struct str path;
	int64_t number = 0;

	TRY(member_long(file, "snapshot-id", ret_id, e));
	TRY(member_string(file, "statistics-path", &path, e));
	return member_long(file, "file-size-in-bytes", &number, e);
}

/* Record a file for its snapshot, unless the very same is there. */
static void
put_file(
    struct builder *b, struct id_list *list, int64_t id, yyjson_mut_val *file)
{
	yyjson_mut_val *old = id_list_find(list, id);

	if (old != NULL && member_equal(b->metadata->arena, old, file))
		return;
	id_list_put(list, id, file);
	b->changed = true;
}

enum err
set_statistics(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	yyjson_mut_val *file = NULL, *blobs = NULL, *blob;
	int64_t id = 0, number = 0;

	TRY(member_get(update, "statistics", MEMBER_OBJECT, &file, e));
	TRY(check_file(file, &id, e));
	TRY(member_long(file, "file-footer-size-in-bytes", &number, e));
	TRY(member_get(file, "blob-metadata", MEMBER_ARRAY, &blobs, e));

	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(blobs);

	while ((blob = yyjson_mut_arr_iter_next(&it)) != NULL)
		TRY(check_blob(blob, e));
	put_file(b, &b->statistics, id, file);
	return OK;
}

enum err
set_partition_statistics(
    struct builder *b, yyjson_mut_val *update, struct error *e)
{
	yyjson_mut_val *file = NULL;
	int64_t id = 0;

	TRY(member_get(
	    update, "partition-statistics", MEMBER_OBJECT, &file, e));
	TRY(check_file(file, &id, e));
	put_file(b, &b->partition_statistics, id, file);
	return OK;
}

static enum err
remove_file(struct builder *b, struct id_list *list,
    const yyjson_mut_val *update, struct error *e)
{
	int64_t id = 0;

	TRY(member_long(update, "snapshot-id", &id, e));
	if (id_list_remove(list, id))
		b->changed = true;
	return OK;
}

enum err
remove_statistics(struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return remove_file(b, &b->statistics, update, e);
}

enum err
remove_partition_statistics(
    struct builder *b, yyjson_mut_val *update, struct error *e)
{
	return remove_file(b, &b->partition_statistics, update, e);
}
