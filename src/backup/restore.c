/*
 * restore.c - restores a file into an empty store: marks, loads, compares.
 *
 * Every write may be made again, so an interrupted restore begins anew with the
 * same file.
 */
#include <sys/stat.h>

#include "backup/copy.h"
#include "backup/row_text.h"
#include "base/clock.h"
#include "record/restore_mark.h"

#define CALL_US (60 * CLOCK_SECOND)
#define LOAD_ROWS 500
#define RECORD_ROWS 100 /* written one by one in a transaction */
#define LOAD_BYTES ((int64_t)1024 * 1024)

struct restore {
	struct call *call; /* what lives as long as the restore */
	struct call part;  /* what lives until the rows are in the store */
	struct backup_file *from;
	const struct backup_watch *watch;
	int64_t total; /* rows of the file */

	/* rows that wait to be stored together */
	const struct entity *entity;
	uint16_t number; /* of the entity */
	bool of_logs;
	const struct value *row[LOAD_ROWS];
	size_t count;
	int64_t since; /* where in the file the first of them was */
};

static struct call *
in_time(struct call *c)
{
	c->deadline_us = clock_mono_us() + CALL_US;
	return c;
}

/* ---- the file */
/* Of the section that was just begun; false: there is no such one. */
static bool
find_entity(struct restore *r, const char *section)
{
	bool claims = strcmp(section, SECTION_CLAIMS) == 0;
	const char *name =
	    claims ? record_schema.entities[ENTITY_COMMITS].name : section;

	for (r->number = 0; r->number < record_schema.count; r->number++) {
		r->entity = &record_schema.entities[r->number];
		r->of_logs = r->number == ENTITY_COMMITS && !claims;
		if (strcmp(r->entity->name, name) == 0)
			return true;
	}
	r->entity = &version_entity;
	r->of_logs = true;
	return strcmp(r->entity->name, name) == 0;
}

static enum err
begin_section(struct restore *r)
{
	const char *name = r->from->section[r->from->section_count - 1].name;

	if (find_entity(r, name))
		return OK;
	(void)fail(r->call->error, ERR_BAD_REQUEST,
	    "this program knows no section %s", name);
	return backup_damaged(r->from, r->call->error);
}

static enum err
take_row(struct restore *r, yyjson_val *object, struct value **ret)
{
	*ret = ARENA_NEW(r->part.arena, struct value, r->entity->field_count);
	if (row_read(r->part.arena, r->entity, object, *ret, r->call->error) ==
	    OK)
		return OK;
	return backup_damaged(r->from, r->call->error);
}

static enum err
check_file(struct restore *r)
{
	enum backup_line line = BACKUP_SECTION;
	struct stat st = { 0 };

	(void)fstat(fileno(r->from->file), &st);
	TRY(backup_open(
	    r->from, record_schema.version, r->call->arena, r->call->error));
	while (line != BACKUP_COMPLETE) {
		yyjson_val *object = NULL;
		struct value *row;

		arena_reset(r->part.arena);
		TRY(backup_next(
		    r->from, r->part.arena, &line, &object, r->call->error));
		if (line == BACKUP_SECTION)
			TRY(begin_section(r));
		if (line == BACKUP_ROW)
			TRY(take_row(r, object, &row));
		if (r->from->line % LOAD_ROWS == 0)
			r->watch->moved(
			    r->watch->arg, "check", r->from->bytes, st.st_size);
	}
	return OK;
}

/* ---- an empty store, or one with a part of this file */
static enum err
check_empty(struct restore *r)
{
	struct buf found = buf_in(r->call->arena);

	for (uint16_t i = 0; i < record_schema.count; i++) {
		const struct scan scan = {
			.entity = i, .index = INDEX_KEY, .limit = 2
		};
		int64_t count;

		TRY(store_count(in_time(r->call), &scan, &count));
		if (i == ENTITY_SECRETS) { /* the mark does not count */
			struct id mark;

			TRY(restore_mark_find(in_time(r->call), &mark));
			count -= !id_is_nil(mark);
		}
		if (count != 0)
			buf_printf(&found, "%s%lld %s",
			    found.len != 0 ? ", " : "", (long long)count,
			    record_schema.entities[i].name);
	}
	if (found.len == 0)
		return OK;
	return fail(r->call->error, ERR_CONFLICT,
	    "The store is not empty, it has " STR_FMT
	    ": restore into a new one",
	    STR_ARG(buf_str(&found)));
}

/* Looked at once more behind the mark, which keeps a server that starts just
 * now from making its first rows. */
static enum err
claim_store(struct restore *r)
{
	bool mine = false;
	struct id mark;

	TRY(restore_mark_find(in_time(r->call), &mark));
	if (id_eq(mark, r->from->id))
		return OK;
	if (!id_is_nil(mark))
		return fail(r->call->error, ERR_CONFLICT,
		    "The store has a part of another backup: empty it, or "
		    "restore that one to the end");
	TRY(check_empty(r));
	TRY(restore_mark_put(in_time(r->call), r->from->id, &mine));
	if (!mine)
		return fail(r->call->error, ERR_CONFLICT,
		    "Another restore has just begun");

	enum err err = check_empty(r);

	if (err == ERR_CONFLICT) {
		const struct error why = *r->call->error;

		TRY(restore_mark_remove(in_time(r->call)));
		*r->call->error = why;
	}
	return err;
}

/* ---- rows */
static enum err
put_records(struct restore *r)
{
	struct call *c = in_time(&r->part);
	struct write *w = ARENA_NEW(c->arena, struct write, r->count);
	struct unit unit = { .writes = w, .write_count = r->count };
	enum err err;

	for (size_t i = 0; i < r->count; i++)
		w[i] = (struct write){ .entity = r->number,
			.op = WRITE_PUT,
			.row = r->row[i],
			.set = FIELDS_ALL(r->entity->field_count) };
	do
		err = store_apply(c, 0, &unit, 1);
	while (err == ERR_COMMIT_UNKNOWN && clock_mono_us() < c->deadline_us);
	TRY(err);
	if (unit.verdict == VERDICT_APPLIED)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "The store refuses rows of %s that end in line %lld",
	    r->entity->name, (long long)r->from->line);
}

static enum err
load(struct restore *r, int64_t log, const struct history *h)
{
	struct call *c = in_time(&r->part);
	enum err err;

	do
		err = store_load(c, log, h);
	while (err == ERR_COMMIT_UNKNOWN && clock_mono_us() < c->deadline_us);
	return err;
}

/* The rows that wait are of one log. */
static enum err
load_log(struct restore *r)
{
	int64_t log = r->row[0][0].as.i;
	struct history h = { .commits = r->row, .commit_count = r->count };
	struct version *v;

	if (r->number == ENTITY_COMMITS)
		return load(r, log, &h);
	v = ARENA_NEW(r->part.arena, struct version, r->count);
	for (size_t i = 0; i < r->count; i++)
		v[i] = version_of_values(r->row[i]);
	h = (struct history){ .versions = v, .version_count = r->count };
	return load(r, log, &h);
}

static enum err
store_rows(struct restore *r)
{
	if (r->count != 0)
		TRY(r->of_logs ? load_log(r) : put_records(r));
	r->watch->moved(r->watch->arg, "restore", r->from->rows, r->total);
	r->count = 0;
	r->since = r->from->bytes;
	arena_reset(r->part.arena);
	return OK;
}

static bool
is_full(const struct restore *r)
{
	return r->count == (r->of_logs ? LOAD_ROWS : RECORD_ROWS) ||
	       r->from->bytes - r->since > LOAD_BYTES;
}

static enum err
add_row(struct restore *r, yyjson_val *object)
{
	struct value *row;

	TRY(take_row(r, object, &row));
	if (r->count != 0 && r->of_logs && r->row[0][0].as.i != row[0].as.i) {
		TRY(load_log(r));
		r->count = 0;
	}
	r->row[r->count++] = row;
	return is_full(r) ? store_rows(r) : OK;
}

static enum err
load_file(struct restore *r)
{
	enum backup_line line = BACKUP_SECTION;

	TRY(backup_open(
	    r->from, record_schema.version, r->call->arena, r->call->error));
	while (line != BACKUP_COMPLETE) {
		yyjson_val *object = NULL;

		TRY(backup_next(
		    r->from, r->part.arena, &line, &object, r->call->error));
		if (line == BACKUP_SECTION)
			TRY(begin_section(r));
		if (line == BACKUP_ROW)
			TRY(add_row(r, object));
		if (line == BACKUP_END)
			TRY(store_rows(r));
	}
	return OK;
}

/* ---- the store, read back */
static const struct section *
find_section(const struct backup_file *f, const char *name)
{
	for (size_t i = 0; i < f->section_count; i++)
		if (strcmp(f->section[i].name, name) == 0)
			return &f->section[i];
	return NULL;
}

/* An older file has not every section. */
static enum err
compare(struct restore *r)
{
	struct backup_file *back =
	    ARENA_NEW(r->call->arena, struct backup_file, 1);

	back->name = "the store";
	TRY(backup_store(r->call, back, r->watch));
	for (size_t i = 0; i < back->section_count; i++) {
		const struct section *is = &back->section[i];
		const struct section *was = find_section(r->from, is->name);
		int64_t rows = was != NULL ? was->rows : 0;

		if (is->rows == rows &&
		    (rows == 0 || strcmp(is->sha256, was->sha256) == 0))
			continue;
		return fail(r->call->error, ERR_INTERNAL,
		    "The store is not as %s has it: %lld %s instead of %lld, "
		    "or other ones",
		    r->from->name, (long long)is->rows, is->name,
		    (long long)rows);
	}
	return OK;
}

static enum err
restore(struct restore *r)
{
	TRY(claim_store(r));
	TRY(load_file(r));
	TRY(compare(r));
	return restore_mark_remove(in_time(r->call));
}

static struct restore *
begin(
    struct call *c, struct backup_file *from, const struct backup_watch *watch)
{
	struct restore *r = ARENA_NEW(c->arena, struct restore, 1);

	r->call = c;
	r->part = *c;
	r->part.arena = arena_new();
	r->from = from;
	r->watch = watch;
	r->total = from->rows;
	return r;
}

enum err
restore_check(
    struct backup_file *from, const struct backup_watch *watch, struct error *e)
{
	struct call c = { .arena = arena_new(), .error = e };
	struct restore *r = begin(&c, from, watch);
	enum err err = check_file(r);

	arena_free(r->part.arena);
	arena_free(c.arena);
	return err;
}

enum err
restore_store(
    struct call *c, struct backup_file *from, const struct backup_watch *watch)
{
	struct restore *r = begin(c, from, watch);
	enum err err = restore(r);

	arena_free(r->part.arena);
	return err;
}
