/*
 * engine.c - reads and writes rows one after the other.
 *
 * A statement that fails ends its transaction, or the part of it after the last
 * savepoint: the unit is over then.  A unit that is alone needs no savepoint.
 */
#include <stdlib.h>

#include "plugins/contract/check.h"
#include "postgres.h"
#include "statements.h"

const struct dialect postgres_dialect = {
	.placeholder = '$',
	.type = { [VALUE_NULL] = "text",
	    [VALUE_INT] = "bigint",
	    [VALUE_TEXT] = "text COLLATE \"C\"",
	    [VALUE_BYTES] = "bytea",
	    [VALUE_ID] = "uuid" },
	.tail = "",
	.ascending = " NULLS FIRST",
	.descending = " DESC NULLS LAST",
};

static struct postgres_engine *
postgres_of(struct engine *g)
{
	return (struct postgres_engine *)g;
}

static enum err
run(struct engine *engine, const struct asked *asked, const struct sql *sql,
    PGresult **ret)
{
	struct postgres_engine *g = postgres_of(engine);
	const struct query q = query_of(sql, asked);

	if (g->conn == NULL)
		return ask(g->call, &q, ret);
	if (g->before != NULL)
		conn_send(g->conn, g->before, NULL);
	g->outcome = ask_on(g->call, g->conn, &q, ret);
	if (g->outcome != DONE)
		return conn_fail(g->conn, g->outcome, g->base.error);
	if (g->before != NULL)
		g->first = conn_take_last(g->conn);
	g->before = NULL;
	return OK;
}

static enum err
begin(const struct call *c, bool write, struct engine **ret)
{
	struct postgres_engine *g =
	    ARENA_NEW(c->arena, struct postgres_engine, 1);

	(void)write; /* reads alone come here */
	g->base = (struct engine){ .ops = &postgres_engine_ops,
		.schema = ((struct rowlog_store *)c->store)->schema,
		.arena = c->arena,
		.error = c->error };
	g->call = c;
	*ret = &g->base;
	return OK;
}

static enum err
end(struct engine *g, bool commit)
{
	(void)g;
	(void)commit;
	return OK;
}

static enum err
scan_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    const struct value *after, struct rows *ret)
{
	const struct asked asked = { "scan", t, scan->where,
		scan->where_count };
	struct sql sql = sql_in(g->arena, &postgres_dialect);
	PGresult *r = NULL;

	sql_scan(&sql, t, scan, after);
	TRY(run(g, &asked, &sql, &r));
	*ret = result_rows(g->arena, r, t);
	PQclear(r);
	return OK;
}

static enum err
count_rows(struct engine *g, const struct entity *t, const struct scan *scan,
    int64_t *ret)
{
	const struct asked asked = { "count", t, scan->where,
		scan->where_count };
	struct sql sql = sql_in(g->arena, &postgres_dialect);
	PGresult *r = NULL;

	sql_count(&sql, t, scan);
	TRY(run(g, &asked, &sql, &r));
	*ret = field_int(r, 0, 0);
	PQclear(r);
	return OK;
}

struct asked
postgres_asked(const struct entity *t, const struct write *w)
{
	static const char *const verb[] = {
		[WRITE_PUT] = "put",
		[WRITE_ADD] = "add",
		[WRITE_DELETE] = "delete",
		[WRITE_PURGE] = "purge",
		[WRITE_TEST] = "test",
	};

	return (struct asked){ verb[w->op], t, w->when, w->when_count };
}

/* Writes a row; verdicts are what its failure says of the data. */
static enum err
change(struct engine *engine, const struct entity *t, const struct write *w,
    int64_t *ret_rows, enum verdict *ret)
{
	struct postgres_engine *g = postgres_of(engine);
	const struct asked asked = postgres_asked(t, w);
	struct sql sql = sql_in(g->base.arena, &postgres_dialect);
	PGresult *r = NULL;
	enum err err;

	sql_write(&sql, t, w);
	err = run(engine, &asked, &sql, &r);

	if (err == OK) {
		if (!str_to_int(str_from(PQcmdTuples(r)), ret_rows))
			*ret_rows = 0;
		PQclear(r);
		return OK;
	}
	if (g->outcome == FAILED && state_is_unique(g->conn->state))
		*ret = VERDICT_CONFLICT;
	else if (g->outcome == FAILED && state_is_bad_data(g->conn->state))
		*ret = VERDICT_INVALID;
	return *ret != VERDICT_NONE ? OK : err;
}

/* Is there a row of this key that passes?  It stays so until COMMIT. */
static enum err
row_passes(struct engine *g, const struct entity *t, const struct write *w,
    size_t test_count, bool *ret)
{
	const struct asked asked = { "test", t, w->when, test_count };
	struct sql sql = sql_in(g->arena, &postgres_dialect);
	PGresult *r = NULL;

	sql_find(&sql, t, w->row, w->when, test_count);
	sql_add(&sql, " FOR SHARE");
	TRY(run(g, &asked, &sql, &r));
	*ret = PQntuples(r) != 0;
	PQclear(r);
	return OK;
}

/* A row that is put and taken away again keeps others from putting one. */
static enum err
row_is_absent(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	struct write put = *w, delete = *w;
	int64_t rows = 0;

	put.op = WRITE_PUT;
	put.set = 0;
	TRY(change(g, t, &put, &rows, ret));
	if (*ret != VERDICT_NONE)
		return OK;
	if (rows == 0) {
		*ret = VERDICT_CONFLICT;
		return OK;
	}
	delete.op = WRITE_DELETE;
	delete.when_count = 0;
	return change(g, t, &delete, &rows, ret);
}

static enum err
test_row(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	bool passes = true;

	if (w->when_count != 0 && w->when[0].op == TEST_ABSENT)
		return row_is_absent(g, t, w, ret);
	if (w->when_count != 0)
		TRY(row_passes(g, t, w, w->when_count, &passes));
	if (!passes)
		*ret = VERDICT_CONFLICT;
	return OK;
}

/* The branch's lock: commits under way were judged by the row as it was, and
 * are seen before it changes.  It travels with the next statement. */
static void
wait_for_commits(struct engine *g, int64_t branch)
{
	struct params p = params_in(g->arena);

	params_add_int(&p, branch);
	conn_send(postgres_of(g)->conn, statement_lock, &p);
}

static enum err
write_row(struct engine *g, const struct entity *t, const struct write *w,
    enum verdict *ret)
{
	bool found = false;
	int64_t rows = 0;

	*ret = VERDICT_NONE;
	if (w->op == WRITE_TEST)
		return test_row(g, t, w, ret);
	if (closes_branch(g->schema, t, w))
		wait_for_commits(g, w->row[REF_ID].as.i);
	TRY(change(g, t, w, &rows, ret));
	if (*ret != VERDICT_NONE || rows != 0)
		return OK;
	/* of DELETE: not there is well; there, it did not pass */
	if (w->op == WRITE_DELETE && w->when_count != 0)
		TRY(row_passes(g, t, w, 0, &found));
	if (found || sql_must_change(w))
		*ret = VERDICT_CONFLICT;
	return OK;
}

/* Travels with the unit's first statement. */
static enum err
mark(struct engine *g)
{
	if (!postgres_of(g)->alone)
		conn_send(postgres_of(g)->conn, "SAVEPOINT unit", NULL);
	return OK;
}

static enum err
settle(struct engine *engine, bool keep)
{
	struct postgres_engine *g = postgres_of(engine);

	if (g->alone)
		return OK;
	if (!keep)
		conn_send(g->conn, "ROLLBACK TO SAVEPOINT unit", NULL);
	conn_send(g->conn, "RELEASE SAVEPOINT unit", NULL);
	g->outcome = conn_flush(g->conn, g->call->deadline_us);
	if (g->outcome != DONE)
		return conn_fail(g->conn, g->outcome, g->base.error);
	return OK;
}

const struct engine_ops postgres_engine_ops = {
	.begin = begin,
	.end = end,
	.scan = scan_rows,
	.count = count_rows,
	.write = write_row,
	.mark = mark,
	.settle = settle,
};
