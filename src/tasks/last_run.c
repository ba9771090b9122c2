#include "tasks/last_run.h"

#include "base/buf.h"
#include "base/private_file.h"
#include "calls/usage.h"
#include "catalog/table_file.h"

#define TEXT_MAX ((size_t)HOT_FILES_MAX * (HOT_LOCATION_MAX + 1))

static bool
fits_a_line(struct str location)
{
	return memchr(location.ptr, '\n', location.len) == NULL;
}

void
last_run_note(const struct call *c, struct hot_files *hot, struct str location)
{
	char text[ID_TEXT + HOT_LOCATION_MAX];

	if (location.len > HOT_LOCATION_MAX - ID_TEXT)
		return;
	id_format(usage_tenant(c), text);
	text[ID_TEXT - 1] = ' ';
	memcpy(text + ID_TEXT, location.ptr, location.len);
	hot_files_note(hot, (struct str){ text, ID_TEXT + location.len });
}

void
last_run_save(struct call *c, struct hot_files *hot, struct str state_dir)
{
	struct hot_list list = hot_files_list(hot, c->arena);
	struct buf text = buf_in(c->arena);

	for (size_t i = 0; i < list.count; i++)
		if (fits_a_line(list.at[i])) {
			buf_add(&text, list.at[i]);
			buf_add_char(&text, '\n');
		}
	/* what cannot be written is a hint that is lost */
	if (text.len != 0)
		(void)!private_file_replace(
		    state_dir, LAST_RUN_FILE, buf_str(&text));
}

struct hot_list
last_run_list(struct call *c, struct str state_dir)
{
	struct hot_list list = { ARENA_NEW(c->arena, struct str, HOT_FILES_MAX),
		0 };
	struct str text =
	    private_file_read(c->arena, state_dir, LAST_RUN_FILE, TEXT_MAX);

	while (text.ptr != NULL && list.count < HOT_FILES_MAX) {
		struct str line = str_cut(&text, '\n');

		if (line.len != 0)
			list.at[list.count++] = line;
	}
	return list;
}

void
last_run_warm(struct call *c, struct str line)
{
	struct str location = line, tenant = str_cut(&location, ' ');

	/* lines of older releases are locations */
	if (id_parse(tenant, &c->usage->tenant))
		table_file_warm(c, location);
	else
		table_file_warm(c, line);
}
