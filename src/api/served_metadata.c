#include "api/served_metadata.h"

#include "calls/bulkheads.h"
#include "catalog/table_file.h"
#include "iceberg/properties.h"

static void
keep_files(struct metadata *m)
{
	yyjson_mut_val *kept = yyjson_mut_obj(m->doc);

	(void)yyjson_mut_obj_add_str(m->doc, kept, "gc.enabled", "false");
	(void)yyjson_mut_obj_add_str(m->doc, kept,
	    "write.metadata.delete-after-commit.enabled", "false");
	(void)properties_set(m, kept);
}

enum err
served_metadata(struct call *c, unsigned served, struct str *io)
{
	struct metadata metadata;
	size_t bytes = io->len;

	if (served == 0)
		return OK;
	TRY(cpu_enter(c, bytes));

	enum err err = table_file_parse(c, *io, &metadata);

	if (err == OK) {
		if ((served & SERVED_REFS) != 0)
			metadata_refs_only(&metadata);
		if ((served & SERVED_SHARED) != 0)
			keep_files(&metadata);
		*io = metadata_text(&metadata);
		err = arena_check(c->arena, c->error);
	}
	cpu_leave(c, bytes);
	return err;
}
