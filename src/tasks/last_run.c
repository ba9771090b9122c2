#include "tasks/last_run.h"

#include "base/buf.h"
#include "catalog/table_file.h"
#include "object/object.h"

static struct str
place_of(const struct call *c, struct str state_dir)
{
	return arena_printf(
	    c->arena, "file://" STR_FMT "/" LAST_RUN_FILE, STR_ARG(state_dir));
}

static bool
fits_a_line(struct str location)
{
	return memchr(location.ptr, '\n', location.len) == NULL;
}

void
last_run_save(struct call *c, struct hot_files *hot, struct str state_dir)
{
	struct hot_list list = hot_files_list(hot, c->arena);
	struct str place = place_of(c, state_dir);
	struct buf text = buf_in(c->arena);

	for (size_t i = 0; i < list.count; i++)
		if (fits_a_line(list.at[i])) {
			buf_add(&text, list.at[i]);
			buf_add_char(&text, '\n');
		}
	if (text.len == 0)
		return;
	/* what is lost between the two is a hint */
	if (object_delete(c, place) == OK)
		(void)!object_create(c, place, buf_str(&text));
}

struct hot_list
last_run_list(struct call *c, struct str state_dir)
{
	struct hot_list list = { ARENA_NEW(c->arena, struct str, HOT_FILES_MAX),
		0 };
	struct str text;

	if (object_read(c, place_of(c, state_dir), &text) != OK)
		return list;
	while (text.ptr != NULL && list.count < HOT_FILES_MAX) {
		struct str line = str_cut(&text, '\n');

		if (line.len != 0)
			list.at[list.count++] = line;
	}
	return list;
}

void
last_run_warm(struct call *c, struct str location)
{
	table_file_warm(c, location);
}
