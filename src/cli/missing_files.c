#include "cli/missing_files.h"

#include "base/buf.h"
#include "base/clock.h"
#include "object/object.h"
#include "record/batch.h"
#include "tasks/catalog_walk.h"

#define CALL_US (60 * CLOCK_SECOND)

static struct call *
in_time(struct call *c)
{
	c->deadline_us = clock_mono_us() + CALL_US;
	return c;
}

/* "catalog.level.level.name", as people say it */
static struct str
name_of(struct arena *a, struct str catalog, const struct version *v)
{
	struct buf name = buf_in(a);
	struct str path = v->key.ns;

	buf_add(&name, catalog);
	while (path.ptr != NULL) {
		buf_add_char(&name, '.');
		buf_add(&name, str_cut(&path, LEVEL_SEPARATOR));
	}
	buf_add_char(&name, '.');
	buf_add(&name, v->key.name);
	return buf_str(&name);
}

static void
look(struct call *c, FILE *out, struct str catalog, const struct version *v,
    struct files_found *io)
{
	struct error why = { 0 };
	struct call quiet = *in_time(c);
	bool there = false;
	enum err err;

	quiet.error = &why;
	err = object_exists(&quiet, v->location, &there);
	io->looked++;
	if (err == OK && there)
		return;
	io->missing++;

	struct str name = name_of(c->arena, catalog, v);

	(void)fprintf(out, "%s " STR_FMT " of " STR_FMT "\n",
	    err == OK ? "missing" : "unreadable", STR_ARG(v->location),
	    STR_ARG(name));
}

static enum err
look_at_catalog(
    struct call *c, FILE *out, const struct value *row, struct files_found *io)
{
	const struct branch branch = { .id =
					   value_int_or(row[CATALOG_MAIN], 0) };
	struct str catalog = value_str_or_absent(row[CATALOG_NAME]);
	struct walk walk;
	struct versions page;

	TRY(walk_begin(in_time(c), &branch, &walk));
	walk.with_views = true;
	do {
		TRY(walk_page(in_time(c), &walk, &page));
		for (size_t i = 0; i < page.count; i++) {
			look(c, out, catalog, &page.at[i], io);
			walk.name = page.at[i].key.name;
		}
	} while (page.count != 0);
	return OK;
}

enum err
missing_files(struct call *c, FILE *out, struct files_found *ret)
{
	const struct scan all = { .entity = ENTITY_CATALOGS,
		.index = INDEX_KEY };
	struct files_found found = { 0, 0 };
	struct rows catalogs;

	TRY(record_list(in_time(c), &all, 0, 0, &catalogs));
	for (size_t i = 0; i < catalogs.count; i++) {
		struct call of_catalog = *c;
		enum err err;

		of_catalog.arena = arena_new();
		err =
		    look_at_catalog(&of_catalog, out, catalogs.row[i], &found);
		arena_free(of_catalog.arena);
		TRY(err);
	}
	*ret = found;
	return OK;
}
