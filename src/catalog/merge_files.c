#include "catalog/merge_files.h"

#include "catalog/table_file.h"
#include "object/object.h"

static enum err
read_file(void *self, struct str location, struct str *ret, struct error *e)
{
	const struct merge_reading *r = self;
	struct call call = *r->call;

	call.error = e;
	TRY(location_guard(&call, r->branch, "Manifest", location));
	return object_read_most(&call, location, MERGE_FILE_MAX, ret);
}

struct file_reader
merge_reader(struct merge_reading *r)
{
	return (struct file_reader){ read_file, r };
}

void
merge_files_discard(const struct call *c, const struct new_files *files)
{
	/* the list first: without it nothing names the manifests */
	for (size_t i = files->count; i-- > 0;)
		table_file_discard(c, files->at[i].location);
}

static enum err
write_file(struct call *c, const struct branch *b, const struct new_file *file)
{
	TRY(location_guard(c, b, "Manifest", file->location));
	return object_create(c, file->location, file->bytes);
}

enum err
merge_files_write(
    struct call *c, const struct branch *b, const struct new_files *files)
{
	struct new_files written = { files->at, 0 };
	enum err err = OK;

	while (written.count < files->count && err == OK) {
		err = write_file(c, b, &files->at[written.count]);
		if (err == OK)
			written.count++;
	}
	if (err != OK)
		merge_files_discard(c, &written);
	return err;
}
