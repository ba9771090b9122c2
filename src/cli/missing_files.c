#include "cli/missing_files.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str_map.h"
#include "calls/usage.h"
#include "object/object.h"
#include "record/batch.h"
#include "tasks/catalog_walk.h"

#define PAGE 100 /* branches */
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

/* One catalog; a file that several branches show is looked at once. */
struct search {
	FILE *out;
	struct str catalog;
	struct str_map seen; /* locations */
	struct files_found *found;
};

static void
look(struct call *c, struct search *s, const struct version *v)
{
	struct error why = { 0 };
	struct call quiet = *in_time(c);
	void **seen = str_map_slot(&s->seen, v->location);
	bool there = false;
	enum err err;

	if (*seen != NULL)
		return;
	*seen = s;
	quiet.error = &why;
	err = object_exists(&quiet, v->location, &there);
	s->found->looked++;
	if (err == OK && there)
		return;
	s->found->missing++;

	struct str name = name_of(c->arena, s->catalog, v);

	(void)fprintf(s->out, "%s " STR_FMT " of " STR_FMT "\n",
	    err == OK ? "missing" : "unreadable", STR_ARG(v->location),
	    STR_ARG(name));
}

static enum err
look_at_branch(struct call *c, struct search *s, const struct branch *b)
{
	struct walk walk;
	struct versions page;

	TRY(walk_begin(in_time(c), b, &walk));
	walk.with_views = true;
	do {
		TRY(walk_page(in_time(c), &walk, &page));
		for (size_t i = 0; i < page.count; i++) {
			look(c, s, &page.at[i]);
			walk.name = page.at[i].key.name;
		}
	} while (page.count != 0);
	return OK;
}

/* Of its live branches. */
static enum err
look_at_catalog(
    struct call *c, FILE *out, const struct value *row, struct files_found *io)
{
	const struct catalog catalog = {
		.id = value_id_or_nil(row[CATALOG_ID]),
		.tenant = value_id_or_nil(row[CATALOG_TENANT]),
		.name = value_str_or_absent(row[CATALOG_NAME]),
	};
	struct search search = { out, catalog.name, str_map_in(c->arena), io };
	struct ref_list refs = { .more = true };

	for (int64_t skip = 0; refs.more; skip += (int64_t)refs.count) {
		TRY(refs_list(
		    in_time(c), &catalog, REF_BRANCH, PAGE, skip, &refs));
		for (size_t i = 0; i < refs.count; i++) {
			struct branch b = { .catalog = catalog,
				.id = refs.at[i].id };

			TRY(chain_of(in_time(c), &catalog,
			    (struct point){ b.id, SEQ_HEAD }, &b.chain));
			TRY(look_at_branch(c, &search, &b));
		}
	}
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
		struct usage usage = { .tenant = value_id_or_nil(
					   catalogs.row[i][CATALOG_TENANT]) };
		struct call of_catalog = *c;
		enum err err;

		of_catalog.usage = &usage; /* its buckets */
		of_catalog.arena = arena_new();
		err =
		    look_at_catalog(&of_catalog, out, catalogs.row[i], &found);
		arena_free(of_catalog.arena);
		TRY(err);
	}
	*ret = found;
	return OK;
}
