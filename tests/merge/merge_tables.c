/*
 * merge_tables.c - a merge of metadata files, for test_merge_tables.py.
 *
 *   merge_tables BASE SOURCE TARGET [FIELD=SIDE|FIELD==VALUE ...]
 *
 * All are paths.  It writes what the merge made and answers by a line of JSON:
 * `metadata` is the path of the new metadata file, null when nothing changed;
 * `conflicts` has kind, field, message and files of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "iceberg/table_merge.h"

#define SIDES 3

static struct str
path_of(struct str location)
{
	return str_starts_with(location, STR("file://")) ? str_skip(location, 7)
							 : location;
}

static enum err
read_file(void *self, struct str location, struct str *ret, struct error *e)
{
	struct arena *a = self;
	struct buf b = buf_in(a);
	FILE *f = fopen(arena_cstr(a, path_of(location)), "r");
	size_t got;

	if (f == NULL)
		return fail(e, ERR_NOT_FOUND, "There is no file " STR_FMT,
		    STR_ARG(location));
	do {
		got = fread(buf_reserve(&b, 65536), 1, 65536, f);
		b.len += got;
	} while (got != 0);
	(void)fclose(f);
	*ret = buf_str(&b);
	return OK;
}

static void
write_file(struct arena *a, struct str location, struct str bytes)
{
	FILE *f = fopen(arena_cstr(a, path_of(location)), "wx");

	if (f == NULL || fwrite(bytes.ptr, 1, bytes.len, f) != bytes.len ||
	    fclose(f) != 0) {
		perror("merge_tables");
		exit(1);
	}
}

static void
stop(const struct error *e)
{
	(void)printf("failed: %s\n", e->message);
	exit(1);
}

static struct metadata
metadata_at(struct arena *a, const char *path)
{
	struct metadata m = { 0 };
	struct str text = { 0 };
	struct error e;

	if (read_file(a, str_from(path), &text, &e) != OK ||
	    metadata_parse(a, text, &m, &e) != OK)
		stop(&e);
	return m;
}

static struct merge_choices
choices_of(struct arena *a, char **arguments, size_t count)
{
	struct merge_choice *all = ARENA_NEW(a, struct merge_choice, count);

	for (size_t i = 0; i < count; i++) {
		struct str rest = str_from(arguments[i]);

		all[i].field = str_cut(&rest, '=');
		all[i].side = MERGE_TARGET;
		if (str_eq(rest, STR("source")))
			all[i].side = MERGE_SOURCE;
		if (str_starts_with(rest, STR("=")))
			all[i] = (struct merge_choice){ all[i].field,
				MERGE_VALUE, str_skip(rest, 1) };
	}
	return (struct merge_choices){ all, count };
}

static void
add_member(struct buf *b, const char *name, struct str text, bool is_json)
{
	buf_printf(b, ",\"%s\":", name);
	if (text.ptr == NULL)
		buf_add(b, STR("null"));
	else if (is_json)
		buf_add(b, text);
	else
		buf_add_json(b, text);
}

static void
add_conflict(struct buf *b, const struct table_conflict *c)
{
	static const char *const kinds[] = { "schema", "metadata", "data" };

	buf_printf(b, "{\"kind\":\"%s\"", kinds[c->kind]);
	add_member(b, "field", c->field, false);
	add_member(b, "message", c->message, false);
	add_member(b, "base", c->base, true);
	add_member(b, "source", c->source, true);
	add_member(b, "target", c->target, true);
	buf_add(b, STR(",\"files\":["));
	for (size_t i = 0; i < c->files.count; i++) {
		if (i != 0)
			buf_add_char(b, ',');
		buf_add_json(b, c->files.at[i]);
	}
	buf_add(b, STR("]}"));
}

static void
answer(struct arena *a, const struct table_merge *merge, struct str metadata)
{
	struct buf b = buf_in(a);

	buf_add(&b, STR("{\"conflicts\":["));
	for (size_t i = 0; i < merge->conflicts.count; i++) {
		if (i != 0)
			buf_add_char(&b, ',');
		add_conflict(&b, &merge->conflicts.at[i]);
	}
	buf_add_char(&b, ']');
	add_member(&b, "metadata", metadata, false);
	buf_printf(&b, ",\"files\":%zu}", merge->files.count);
	(void)printf(STR_FMT "\n", STR_ARG(buf_str(&b)));
}

int
main(int argc, char **argv)
{
	struct work_budget budget =
	    work_until(clock_mono_us() + 60 * CLOCK_SECOND);
	struct arena *a = arena_new();
	struct metadata m[SIDES];
	struct str next = { 0 };
	struct table_merge merge;
	char uuid[ID_TEXT];
	struct error e;

	if (argc <= SIDES)
		return 2;
	for (int i = 0; i < SIDES; i++)
		m[i] = metadata_at(a, argv[1 + i]);

	struct table_merge_input in = { .base = &m[0],
		.source = &m[1],
		.target = &m[2],
		.target_file = str_from(argv[3]),
		.choices =
		    choices_of(a, argv + 1 + SIDES, (size_t)argc - 1 - SIDES),
		.now_ms = clock_now_us() / CLOCK_MS,
		.random = id_v4(),
		.reader = { read_file, a },
		.budget = &budget };

	if (table_merge(&in, &merge, &e) != OK)
		stop(&e);
	for (size_t i = 0; i < merge.files.count; i++)
		write_file(
		    a, merge.files.at[i].location, merge.files.at[i].bytes);
	id_format(id_v4(), uuid);
	if (merge.changed) {
		if (metadata_file_next(&merge.metadata, in.target_file,
			str_from(uuid), &next, &e) != OK)
			stop(&e);
		write_file(a, next, metadata_text(&merge.metadata));
		next = path_of(next);
	}
	answer(a, &merge, next);
	arena_free(a);
	return 0;
}
