/* engine.c - reads and writes rows through one connection. */
#include "sqlite.h"

#include "base/list.h"

static struct db *
db_of(struct engine *g)
{
	return ((struct sqlite_engine *)g)->db;
}

static enum err
scan_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    const struct value *after, struct rows *ret)
{
	struct sql sql = sql_in(g->arena, &sqlite_dialect);
	struct rows rows = { .count = 0 };
	size_t room = 0;
	STATEMENT stmt;
	int code;

	sql_scan(&sql, t, scan, after);
	code = db_first(db_of(g), &sql, &stmt);
	while (code == SQLITE_ROW) {
		LIST_RESERVE(g->arena, rows.row, rows.count, room, 1);
		rows.row[rows.count++] = column_row(g->arena, stmt, t);
		TRY(arena_check(g->arena, g->error));
		code = sqlite3_step(stmt);
	}
	if (code != SQLITE_DONE)
		return db_fail(code, g->error);
	db_of(g)->rows += (int64_t)rows.count;
	*ret = rows;
	return OK;
}

static enum err
count_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    int64_t *ret)
{
	struct sql sql = sql_in(g->arena, &sqlite_dialect);
	STATEMENT stmt;
	int code;

	sql_count(&sql, t, scan);
	code = db_first(db_of(g), &sql, &stmt);
	if (code != SQLITE_ROW)
		return db_fail(code, g->error);
	*ret = sqlite3_column_int64(stmt, 0);
	return OK;
}

/* Is there a row of this key that passes? */
static enum err
row_passes(struct engine *g, const struct entity *t, const struct write *w,
    size_t test_count, bool *ret)
{
	struct sql sql = sql_in(g->arena, &sqlite_dialect);
	STATEMENT stmt;
	int code;

	sql_find(&sql, t, w->row, w->when, test_count);
	code = db_first(db_of(g), &sql, &stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return db_fail(code, g->error);
	*ret = code == SQLITE_ROW;
	return OK;
}

static enum err
change_rows(struct engine *g, const struct entity *t, const struct write *w,
    int *ret_changes, enum verdict *ret)
{
	struct sql sql = sql_in(g->arena, &sqlite_dialect);
	STATEMENT stmt;
	int code;

	sql_write(&sql, t, w);
	code = db_first(db_of(g), &sql, &stmt);
	switch (code) {
	case SQLITE_DONE:
		*ret_changes = sqlite3_changes(db_of(g)->handle);
		db_of(g)->rows += *ret_changes;
		return OK;
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		*ret = VERDICT_CONFLICT;
		return OK;
	case SQLITE_CONSTRAINT_DATATYPE: /* a sum beyond 64 bits */
	case SQLITE_TOOBIG:
		*ret = VERDICT_INVALID;
		return OK;
	default:
		return db_fail(code, g->error);
	}
}

static enum err
write_row(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	bool absent = w->when_count != 0 && w->when[0].op == TEST_ABSENT;
	bool holds = true, found = false;
	int changes = 0;

	*ret = VERDICT_NONE;
	if (w->op == WRITE_TEST) {
		TRY(row_passes(g, t, w, absent ? 0 : w->when_count, &found));
		holds = w->when_count == 0 || found != absent;
	} else {
		TRY(change_rows(g, t, w, &changes, ret));
	}
	if (*ret != VERDICT_NONE || changes != 0)
		return OK;
	if (sql_must_change(w))
		holds = false;
	if (w->op == WRITE_DELETE && w->when_count != 0) {
		/* not there is well; there, it did not pass */
		TRY(row_passes(g, t, w, 0, &found));
		holds = !found;
	}
	if (!holds)
		*ret = VERDICT_CONFLICT;
	return OK;
}

static enum err
run(struct engine *g, struct str sql)
{
	int code = db_exec(db_of(g), sql);

	return code == SQLITE_OK ? OK : db_fail(code, g->error);
}

static enum err
mark(struct engine *g)
{
	return run(g, STR("SAVEPOINT unit"));
}

static enum err
settle(struct engine *g, bool keep)
{
	if (!keep)
		TRY(run(g, STR("ROLLBACK TO unit")));
	return run(g, STR("RELEASE unit"));
}

const struct engine_ops sqlite_engine_ops = {
	.begin = pool_begin,
	.end = pool_end,
	.scan = scan_rows,
	.count = count_rows,
	.write = write_row,
	.mark = mark,
	.settle = settle,
};
