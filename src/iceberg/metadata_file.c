/* metadata_file.c - file names and the metadata-log. */
#include "iceberg/metadata_file.h"

#include <inttypes.h>

#include "iceberg/member.h"

#define KEPT_DEFAULT 100

int64_t
metadata_file_version(struct str file)
{
	int64_t version = 0;

	for (size_t i = file.len; i-- > 0;)
		if (file.ptr[i] == '/') {
			file = str_skip(file, i + 1);
			break;
		}

	struct str number = str_cut(&file, '-');

	if (file.ptr == NULL || !str_to_int(number, &version) || version < 0 ||
	    version >= INT32_MAX)
		return -1;
	return version;
}

bool
metadata_file_is_named_so(struct str file)
{
	return str_ends_with(file, STR(".metadata.json")) ||
	       metadata_file_is_gzip(file);
}

bool
metadata_file_is_gzip(struct str file)
{
	return str_ends_with(file, STR(".gz.metadata.json")) ||
	       str_ends_with(file, STR(".metadata.json.gz"));
}

static struct str
without_slashes(struct str path)
{
	while (path.len != 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	return path;
}

struct str
metadata_file_directory(const struct metadata *m)
{
	struct str path = metadata_property(m, "write.metadata.path");

	if (path.len != 0)
		return without_slashes(path);
	return arena_printf(m->arena, STR_FMT "/metadata",
	    STR_ARG(without_slashes(metadata_location(m))));
}

static enum err
extension(const struct metadata *m, const char **ret, struct error *e)
{
	struct str codec =
	    metadata_property(m, "write.metadata.compression-codec");

	/* as the reference does: views are packed unless told otherwise,
	 * tables when told */
	if (codec.ptr == NULL && metadata_list(m, "view-uuid") != NULL)
		codec = STR("gzip");
	if (codec.ptr == NULL || str_eq_nocase(codec, STR("none")))
		*ret = ".metadata.json";
	else if (str_eq_nocase(codec, STR("gzip")))
		*ret = ".gz.metadata.json";
	else
		return fail(e, ERR_BAD_REQUEST, "Invalid codec name: " STR_FMT,
		    STR_ARG(codec));
	return OK;
}

enum err
metadata_file_next(const struct metadata *m, struct str current,
    struct str uuid, struct str *ret, struct error *e)
{
	const char *ext = NULL;

	TRY(extension(m, &ext, e));
	*ret = arena_printf(m->arena, STR_FMT "/%05" PRId64 "-" STR_FMT "%s",
	    STR_ARG(metadata_file_directory(m)),
	    metadata_file_version(current) + 1, STR_ARG(uuid), ext);
	return OK;
}

struct file_names
metadata_manifest_lists(const struct metadata *m)
{
	yyjson_mut_val *snapshots = metadata_list(m, "snapshots");
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(snapshots);
	size_t size = yyjson_mut_arr_size(snapshots);
	struct file_names names = { ARENA_NEW(m->arena, struct str, size), 0 };
	yyjson_mut_val *snapshot;

	while ((snapshot = yyjson_mut_arr_iter_next(&it)) != NULL) {
		struct str file =
		    json_mut_str(member_find(snapshot, "manifest-list"));

		if (file.ptr != NULL)
			names.at[names.count++] = file;
	}
	return names;
}

/* Remove the oldest entries until `kept` are left. */
static void
trim(struct metadata *m, yyjson_mut_val *log, size_t kept,
    struct file_names *ret_dropped)
{
	size_t size = yyjson_mut_arr_size(log);
	size_t excess = size > kept ? size - kept : 0;

	*ret_dropped =
	    (struct file_names){ ARENA_NEW(m->arena, struct str, excess), 0 };
	while (excess-- > 0) {
		yyjson_mut_val *oldest = yyjson_mut_arr_remove_first(log);

		ret_dropped->at[ret_dropped->count++] =
		    json_mut_str(member_find(oldest, "metadata-file"));
	}
}

void
metadata_log_push(struct metadata *m, struct str file, int64_t last_updated_ms,
    struct file_names *ret_dropped)
{
	yyjson_mut_val *log = metadata_list(m, "metadata-log");
	yyjson_mut_val *entry = yyjson_mut_arr_add_obj(m->doc, log);
	int64_t kept = metadata_property_number(
	    m, "write.metadata.previous-versions-max", KEPT_DEFAULT);

	member_put_number(m->doc, entry, "timestamp-ms", last_updated_ms);
	member_put_string(m->doc, entry, "metadata-file", file);
	trim(m, log, kept > 1 ? (size_t)kept : 1, ret_dropped);
	if (!metadata_property_true(
		m, "write.metadata.delete-after-commit.enabled"))
		ret_dropped->count = 0;
}
