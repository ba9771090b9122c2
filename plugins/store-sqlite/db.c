#include "db.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "plan.h"

#define WAIT_MIN_US 50
#define WAIT_MAX_US 2000
/* Of SQLite's machine, between two looks at the clock: some 20 us. */
#define PROMPT_STEPS 1000

#define MIGRATE_WAIT (60 * CLOCK_SECOND)

const struct dialect sqlite_dialect = {
	.placeholder = '?',
	.type = { [VALUE_NULL] = "BLOB",
	    [VALUE_INT] = "INTEGER",
	    [VALUE_TEXT] = "TEXT",
	    [VALUE_BYTES] = "BLOB",
	    [VALUE_ID] = "BLOB" },
	.tail = " WITHOUT ROWID, STRICT",
	.ascending = "",
	.descending = " DESC",
};

/* SQLite's own busy timeout knows no deadline.  Naps grow, so that a short
 * wait stays short; they are uneven, so that waiters do not march in step. */
static int
wait_for_lock(void *arg, int tries)
{
	const struct db *db = arg;
	int64_t now = clock_mono_us(), left = db->deadline_us - now;
	int64_t nap = WAIT_MIN_US << (tries < 5 ? tries : 5);

	if (left <= 0)
		return 0;
	nap += now % nap;
	if (nap > WAIT_MAX_US)
		nap = WAIT_MAX_US;
	if (nap > left)
		nap = left;
	(void)nanosleep(&(struct timespec){ .tv_nsec = nap * 1000 }, NULL);
	return 1;
}

/* FULL: a commit that was answered is on the disk. */
static struct str
settings_of(enum db_use use)
{
	switch (use) {
	case DB_READ:
	case DB_PROMPT:
		return STR("PRAGMA query_only = 1");
	case DB_WRITE:
		return STR("PRAGMA synchronous = FULL;"
			   "PRAGMA journal_size_limit = 67108864;"
			   "PRAGMA cache_size = -16384");
	case DB_MIGRATE:
		break;
	}
	return STR("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
}

/* SQLite counts the steps of a statement over all its runs: time it is. */
static int
takes_too_long(void *arg)
{
	const struct db *db = arg;

	return clock_mono_us() > db->stop_us;
}

/* When two connections switch a file to WAL at once SQLite refuses one, without
 * a busy handler. */
static int
configure(struct db *db, enum db_use use)
{
	const char *sql = settings_of(use).ptr;
	int code, tries = 0;

	do
		code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	while ((code & 0xFF) == SQLITE_BUSY && wait_for_lock(db, tries++));
	return code;
}

enum err
db_open(const char *path, enum db_use use, struct db **ret, struct error *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	struct db *db = calloc(1, sizeof(*db));
	int code;

	if (db == NULL)
		return fail(e, ERR_UNAVAILABLE, "The store has no memory.");
	if (use == DB_MIGRATE)
		flags |= SQLITE_OPEN_CREATE;
	db->deadline_us = clock_mono_us() + MIGRATE_WAIT;
	db->stop_us = INT64_MAX;
	code = sqlite3_open_v2(path, &db->handle, flags, NULL);
	if (code == SQLITE_OK) {
		(void)sqlite3_extended_result_codes(db->handle, 1);
		(void)sqlite3_busy_handler(db->handle, wait_for_lock, db);
		code = configure(db, use);
	}
	if (code == SQLITE_OK && use == DB_PROMPT) {
		(void)sqlite3_busy_handler(db->handle, NULL, NULL);
		sqlite3_progress_handler(
		    db->handle, PROMPT_STEPS, takes_too_long, db);
	}
	if (code != SQLITE_OK) {
		enum err err = db_fail(code, e);

		db_close(db);
		return err;
	}
	*ret = db;
	return OK;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < DB_CACHE; i++)
		(void)sqlite3_finalize(db->cache[i].stmt);
	(void)sqlite3_close(db->handle);
	free(db);
}

enum err
db_fail(int code, struct error *e)
{
	if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED)
		return fail(
		    e, ERR_SLOW_DOWN, "The store was not reached in time.");
	if (code == SQLITE_INTERRUPT) /* by DB_PROMPT */
		return fail(
		    e, ERR_WOULD_BLOCK, "The store cannot answer at once.");
	if ((code & 0xFF) == SQLITE_FULL)
		return fail(e, ERR_DISK_FULL,
		    "The disk of the store is full; nothing was written.");
	return fail(e, ERR_UNAVAILABLE,
	    "The store cannot be asked now (SQLite error %d).", code);
}

static struct db_statement *
cache_slot(struct db *db, struct str sql)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < sql.len; i++)
		sum = (sum ^ (unsigned char)sql.ptr[i]) * 16777619u;
	return &db->cache[(sum ^ sum >> 16) % DB_CACHE];
}

/* Rows that it went by in scans from end to end, since it was asked last. */
static int
steps_of_scans(sqlite3_stmt *stmt)
{
	return sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);
}

int
db_prepare(struct db *db, struct str sql, sqlite3_stmt **ret)
{
	struct db_statement *slot = cache_slot(db, sql);
	sqlite3_stmt *stmt = slot->stmt;

	*ret = NULL;
	if (stmt == NULL || !str_eq(str_from(sqlite3_sql(stmt)), sql)) {
		int code = sqlite3_prepare_v3(db->handle, sql.ptr, (int)sql.len,
		    SQLITE_PREPARE_PERSISTENT, &stmt, NULL);

		if (code != SQLITE_OK)
			return code;
		(void)sqlite3_finalize(slot->stmt);
		slot->stmt = stmt;
	} else if (slot->used_in != db->call) {
		(void)steps_of_scans(stmt);
	}
	slot->used_in = db->call;
	*ret = stmt;
	return SQLITE_OK;
}

void
db_finish(sqlite3_stmt **stmt)
{
	if (*stmt == NULL)
		return; /* it was not prepared */
	(void)sqlite3_reset(*stmt);
	(void)sqlite3_clear_bindings(*stmt);
}

int
db_exec(struct db *db, struct str sql)
{
	STATEMENT stmt;
	int code = db_prepare(db, sql, &stmt);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static int
bind_bytes(sqlite3_stmt *stmt, int at, const void *p, size_t len)
{
	return sqlite3_bind_blob64(stmt, at, p, len, SQLITE_STATIC);
}

/* Of length 0 a NULL pointer would be stored as NULL, not as nothing. */
static int
bind_value(sqlite3_stmt *stmt, int at, const struct value *v)
{
	struct str s = v->as.s;

	switch (v->type) {
	case VALUE_INT:
		return sqlite3_bind_int64(stmt, at, v->as.i);
	case VALUE_TEXT:
		return sqlite3_bind_text64(stmt, at, s.len != 0 ? s.ptr : "",
		    s.len, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BYTES:
		return bind_bytes(stmt, at, s.len != 0 ? s.ptr : "", s.len);
	case VALUE_ID:
		return bind_bytes(stmt, at, v->as.id.b, sizeof(v->as.id.b));
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, at);
}

int
db_first(struct db *db, const struct sql *sql, sqlite3_stmt **ret)
{
	int code = db_prepare(db, buf_str(&sql->text), ret);

	for (size_t i = 0; i < sql->bind_count && code == SQLITE_OK; i++)
		code = bind_value(*ret, (int)i + 1, sql->bind[i]);
	return code == SQLITE_OK ? sqlite3_step(*ret) : code;
}

/* Blob, not text: of an empty text SQLite gives no address. */
static struct str
column_bytes(struct arena *a, sqlite3_stmt *stmt, int at)
{
	const char *p = sqlite3_column_blob(stmt, at);
	size_t len = (size_t)sqlite3_column_bytes(stmt, at);

	return arena_copy(a, (struct str){ p != NULL ? p : "", len });
}

static struct id
column_id(sqlite3_stmt *stmt, int at)
{
	const void *p = sqlite3_column_blob(stmt, at);
	struct id id = { 0 };

	if (p != NULL && sqlite3_column_bytes(stmt, at) == sizeof(id.b))
		memcpy(id.b, p, sizeof(id.b));
	return id;
}

static struct value
column_value(struct arena *a, sqlite3_stmt *stmt, int at, enum value_type type)
{
	struct value v = { .type = VALUE_NULL };

	if (sqlite3_column_type(stmt, at) == SQLITE_NULL)
		return v;
	v.type = type;
	switch (type) {
	case VALUE_INT:
		v.as.i = sqlite3_column_int64(stmt, at);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		v.as.s = column_bytes(a, stmt, at);
		break;
	case VALUE_ID:
		v.as.id = column_id(stmt, at);
		break;
	case VALUE_NULL:
		break;
	}
	return v;
}

const struct value *
column_row(struct arena *a, sqlite3_stmt *stmt, const struct entity *t)
{
	struct value *row = ARENA_NEW(a, struct value, t->field_count);

	for (uint16_t i = 0; i < t->field_count; i++)
		row[i] = column_value(a, stmt, i, t->fields[i].type);
	return row;
}

/* The lines of one plan, as the shell of SQLite shows them. */
static void
add_plan(struct db *db, const char *sql, int64_t steps, struct buf *plan,
    struct slow_statement *ret)
{
	struct str text = arena_printf(
	    plan->arena, "EXPLAIN QUERY PLAN %s", sql != NULL ? sql : "");
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(
		db->handle, text.ptr, (int)text.len, &stmt, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		struct str line = column_bytes(plan->arena, stmt, 3);
		struct str table = sqlite_scanned_table(line);

		buf_printf(plan, "%s" STR_FMT, plan->len != 0 ? "\n" : "",
		    STR_ARG(line));
		if (table.len != 0 && steps > ret->whole_rows) {
			ret->whole = table;
			ret->whole_rows = steps;
		}
	}
	(void)sqlite3_finalize(stmt);
}

void
db_explain(struct db *db, struct arena *a, struct slow_statement *ret)
{
	struct buf plan = buf_in(a);

	for (size_t i = 0; i < DB_CACHE; i++) {
		struct db_statement *slot = &db->cache[i];

		if (slot->stmt != NULL && slot->used_in == db->call)
			add_plan(db, sqlite3_sql(slot->stmt),
			    steps_of_scans(slot->stmt), &plan, ret);
	}
	if (plan.len != 0)
		ret->plan = buf_str(&plan);
}
