/*
 * records.c - the writes of a run's units, in the transaction that judged them.
 *
 * The statement that judges cannot hold them, and they may fail their unit.
 * Nearly none does, so all are sent at once, and where one fails nothing is
 * kept: the units are judged again one by one, step by step.
 */
#include "run.h"
#include "statements.h"

/* The answers with which a write does not fail its unit. */
enum passes { ALWAYS, WITH_ROWS, WITHOUT_ROWS };

struct records {
	struct run *run;
	struct conn *conn;
	enum passes sent[CONN_FLIGHT]; /* since the last flush */
	struct query last;
	size_t count;
	struct attempted *ret;
};

static bool
has_passed(enum passes passes, PGresult *r)
{
	int64_t rows = 0;

	if (!str_to_int(str_from(PQcmdTuples(r)), &rows))
		rows = 0;
	return passes == ALWAYS || (rows != 0) == (passes == WITH_ROWS);
}

/* Its outcome, and why it failed: a unique index or a value beyond its field
 * say something of a unit. */
static bool
is_done(struct records *x, enum outcome outcome)
{
	struct attempted *ret = x->ret;

	ret->outcome = outcome;
	if (outcome == FAILED) {
		(void)conn_fail(x->conn, FAILED, x->run->call->error);
		memcpy(ret->state, x->conn->state, sizeof(ret->state));
	}
	return outcome == DONE;
}

/* The answers, the last first; slow together, they are told by the last. */
static void
take_answers(struct records *x, int64_t took_us)
{
	PGresult *last = NULL;

	for (size_t i = x->count; i-- != 0;) {
		PGresult *r = conn_take_last(x->conn);

		x->ret->clashed |= !has_passed(x->sent[i], r);
		if (last == NULL)
			last = r;
		else
			PQclear(r);
	}
	if (took_us != 0)
		explain_slow(x->run->call, x->conn, &x->last, last, took_us);
	PQclear(last);
}

static bool
flush_writes(struct records *x)
{
	const struct call *c = x->run->call;
	const struct store_watch *watch = ((struct postgres *)c->store)->watch;
	int64_t began, took;

	if (x->count == 0)
		return true;
	began = slow_begin(watch);
	if (is_done(x, conn_flush(x->conn, c->deadline_us))) {
		took = slow_end(watch, began);
		take_answers(x, took);
	} else {
		x->ret->clashed = x->ret->outcome == FAILED &&
				  (state_is_unique(x->ret->state) ||
				      state_is_bad_data(x->ret->state));
	}
	x->count = 0;
	return x->ret->outcome == DONE && !x->ret->clashed;
}

static bool
send(struct records *x, struct sql *sql, const struct asked *asked,
    enum passes passes)
{
	x->last = query_of(sql, asked);
	conn_send(x->conn, x->last.text, x->last.params);
	x->sent[x->count++] = passes;
	return x->count < CONN_FLIGHT || flush_writes(x);
}

/* Whether there is a row of this key that passes so many of the tests. */
static bool
send_test(struct records *x, const struct entity *t, const struct write *w,
    size_t test_count, enum passes passes)
{
	const struct asked asked = { "test", t, w->when, test_count };
	struct sql sql = sql_in(x->run->call->arena, &postgres_dialect);

	sql_find(&sql, t, w->row, w->when, test_count);
	sql_add(&sql, " FOR SHARE");
	return send(x, &sql, &asked, passes);
}

/* A row that was to be deleted and is still there did not pass. */
static bool
send_write(struct records *x, const struct write *w)
{
	const struct rowlog_store *s =
	    (const struct rowlog_store *)x->run->call->store;
	const struct entity *t = &s->schema->entities[w->entity];
	const struct asked asked = postgres_asked(t, w);
	struct sql sql = sql_in(x->run->call->arena, &postgres_dialect);

	if (w->op == WRITE_TEST)
		return w->when_count == 0 ||
		       send_test(x, t, w, w->when_count, WITH_ROWS);
	sql_write(&sql, t, w);
	if (!send(x, &sql, &asked, sql_must_change(w) ? WITH_ROWS : ALWAYS))
		return false;
	return w->op != WRITE_DELETE || w->when_count == 0 ||
	       send_test(x, t, w, 0, WITHOUT_ROWS);
}

static bool
send_all_writes(struct records *x)
{
	for (size_t i = 0; i < x->run->count; i++) {
		const struct unit *u = x->run->unit[i];

		if (u->verdict != VERDICT_APPLIED)
			continue;
		for (size_t k = 0; k < u->write_count; k++)
			if (!send_write(x, &u->writes[k]))
				return false;
	}
	return flush_writes(x);
}

static bool
judge(struct records *x, const struct query *q)
{
	const struct call *c = x->run->call;
	struct params lock = params_in(c->arena);
	PGresult *r = NULL;

	params_add_int(&lock, x->run->branch);
	conn_send(x->conn, "BEGIN ISOLATION LEVEL READ COMMITTED", NULL);
	conn_send(x->conn, statement_lock, &lock);
	conn_end_piece(x->conn);
	if (!is_done(x, ask_on(c, x->conn, q, &r)))
		return false;
	run_read_verdicts(x->run, r);
	PQclear(r);
	return true;
}

enum err
run_with_records(struct run *run, const struct query *q, struct attempted *ret)
{
	static const struct query commit = { { .verb = "commit" }, "COMMIT",
		NULL };
	const struct call *c = run->call;
	struct pool *pool = &((struct postgres *)c->store)->pool;
	struct records x = { .run = run, .ret = ret };
	PGresult *r = NULL;

	TRY(pool_borrow(pool, c->deadline_us, true, &x.conn, c->error));
	if (judge(&x, q) && send_all_writes(&x)) {
		ret->submitted = true;
		if (is_done(&x, ask_on(c, x.conn, &commit, &r)) &&
		    !has_committed(r)) {
			ret->outcome = FAILED;
			memcpy(ret->state, "40000", sizeof(ret->state));
		}
		PQclear(r);
	}
	pool_give_back(pool, x.conn);
	return OK;
}
