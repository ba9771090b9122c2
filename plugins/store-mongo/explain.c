/*
 * explain.c - names slow commands, and explains how the server finds their
 * rows.
 *
 * Names are made of the names in a command: its first, those of the fields it
 * tests, those of its stages.
 */
#include "base/buf.h"
#include "plan.h"
#include "rows.h"

/* A plan may take so long; a server that is slow to plan is left alone. */
#define PLAN_WAIT_MS 1000

/* ---- names */

static void
add_field(struct buf *name, const struct entity *t, const char *path)
{
	bool is_key = strcmp(path, "_id") == 0;

	buf_add(name, str_from(is_key ? t->fields[0].name : path));
}

/* The fields of a filter; of alternatives, which test the same, the first. */
static void
add_filter(struct buf *name, const struct entity *t, bson_iter_t at)
{
	const char *before = " where ";
	bson_iter_t first, inside;

	while (bson_iter_next(&at)) {
		if (bson_iter_key(&at)[0] != '$') {
			buf_printf(name, "%s", before);
			add_field(name, t, bson_iter_key(&at));
			before = ", ";
		} else if (before[0] == ' ' && bson_iter_recurse(&at, &first) &&
			   bson_iter_next(&first) &&
			   bson_iter_recurse(&first, &inside)) {
			add_filter(name, t, inside);
			before = ", ";
		}
	}
}

/* The names of the stages, what comes again once. */
static void
add_stages(struct buf *name, bson_iter_t at)
{
	const char *last = "";
	bson_iter_t stage;

	while (bson_iter_next(&at)) {
		if (!bson_iter_recurse(&at, &stage) || !bson_iter_next(&stage))
			continue;
		if (strcmp(last, bson_iter_key(&stage)) != 0)
			buf_printf(name, " %s", bson_iter_key(&stage));
		last = bson_iter_key(&stage);
	}
}

static bool
enter(const bson_t *command, const char *key, bson_iter_t *ret)
{
	bson_iter_t at;

	return bson_iter_init_find(&at, command, key) &&
	       bson_iter_recurse(&at, ret);
}

static struct str
name_of(struct arena *a, const struct entity *t, const bson_t *command)
{
	struct buf name = buf_in(a);
	bson_iter_t at;

	if (bson_iter_init(&at, command) && bson_iter_next(&at))
		buf_printf(&name, "%s %s", bson_iter_key(&at), t->name);
	if (enter(command, "filter", &at) || enter(command, "query", &at))
		add_filter(&name, t, at);
	else if (enter(command, "pipeline", &at))
		add_stages(&name, at);
	return buf_str(&name);
}

/* ---- plans */

static int64_t
rows_of(struct mongo_engine *m, const struct entity *t)
{
	mongoc_collection_t *c = mongoc_client_get_collection(
	    m->client, m->store->database, t->name);
	int64_t rows = mongoc_collection_estimated_document_count(
	    c, NULL, NULL, NULL, NULL);

	mongoc_collection_destroy(c);
	return rows;
}

/* Outside of any transaction, in which nothing can be explained. */
static void
add_plan(struct mongo_engine *m, const struct entity *t, const bson_t *command,
    struct slow_statement *io)
{
	DOCUMENT question = BSON_INITIALIZER;
	DOCUMENT answer;
	struct buf plan = buf_in(m->base.arena);

	bson_append_document(&question, "explain", -1, command);
	bson_append_utf8(&question, "verbosity", -1, "queryPlanner", -1);
	bson_append_int64(&question, "maxTimeMS", -1, PLAN_WAIT_MS);
	if (!mongoc_client_command_simple(
		m->client, m->store->database, &question, NULL, &answer, NULL))
		return;
	if (mongo_plan_read(&answer, &plan)) {
		io->whole = str_from(t->name);
		io->whole_rows = rows_of(m, t);
	}
	if (plan.len != 0)
		io->plan = buf_str(&plan);
}

static bool
finds_rows(const bson_t *command)
{
	return bson_has_field(command, "filter") ||
	       bson_has_field(command, "query") ||
	       bson_has_field(command, "pipeline");
}

void
mongo_tell_slow(struct mongo_engine *m, const struct entity *t,
    const bson_t *command, int64_t rows, int64_t took_us)
{
	const struct store_watch *watch = m->store->watch;
	struct slow_statement told = {
		.name = name_of(m->base.arena, t, command),
		.duration_us = took_us,
		.rows = rows,
	};

	if (finds_rows(command) && watch->wants_plan(watch, told.name))
		add_plan(m, t, command, &told);
	watch->tell(watch, m->call, &told);
}
