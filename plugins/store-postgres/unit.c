/* unit.c - applies units that write records, step by step in a transaction. */
#include "base/clock.h"
#include "plugins/rowlog/steps.h"
#include "postgres.h"
#include "statements.h"

#define STARTED                                                                \
	"(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint"

/* The transaction's number, and when the server was started. */
static const char statement_number[] =
    "SELECT pg_current_xact_id()::text::bigint, " STARTED;

/* $1 that number, $2 that time, $3 how long ago, in microseconds: what became
 * of it; 0: the server is another one, or has crashed since, which resets its
 * statistics. */
static const char statement_outcome[] =
    "SELECT pg_xact_status($1::text::xid8), (" STARTED " = $2 AND"
    "  coalesce(stats_reset < clock_timestamp()"
    "    - $3 * interval '1 microsecond', true))::int::bigint"
    " FROM pg_stat_bgwriter";

struct attempt {
	struct call *call;
	int64_t branch;
	struct unit *units;
	size_t count;
	struct conn *conn;
	int64_t number;   /* of the transaction: outlives the connection */
	int64_t server;   /* when it was started: which one it is */
	int64_t begun_us; /* the transaction */
	bool doubtful;    /* an earlier attempt may have been kept */
	struct unit_result *results;
};

/* The step behind an attempt. */
enum next { STOP, TRY_AGAIN, ASK_WHAT_BECAME };

static enum err
failed(
    struct attempt *t, enum outcome outcome, enum err err, enum next *ret_next)
{
	bool again = outcome == LOST ||
		     (outcome == FAILED && state_is_passing(t->conn->state));

	*ret_next = again ? TRY_AGAIN : STOP;
	return err;
}

static void
note_number(struct attempt *t, PGresult *r)
{
	t->number = field_int(r, 0, 0);
	t->server = field_int(r, 0, 1);
	PQclear(r);
}

static enum err
ask_number(struct attempt *t, enum next *ret_next)
{
	enum outcome outcome;
	PGresult *r = NULL;

	outcome = ask_on(
	    t->call, t->conn, &QUERY("begin", statement_number, NULL), &r);
	if (outcome != DONE)
		return failed(t, outcome,
		    conn_fail(t->conn, outcome, t->call->error), ret_next);
	note_number(t, r);
	return OK;
}

/* The lock is a statement of its own: what looks behind it sees all that was
 * committed before.  Without one all travels with the first write. */
static enum err
open_transaction(
    struct attempt *t, struct postgres_engine *g, enum next *ret_next)
{
	struct params branch = params_in(t->call->arena);

	t->begun_us = clock_mono_us();
	conn_send(t->conn, "BEGIN ISOLATION LEVEL READ COMMITTED", NULL);
	if (t->branch == 0) {
		g->before = statement_number;
		return OK;
	}
	params_add_int(&branch, t->branch);
	conn_send(t->conn, statement_lock, &branch);
	return ask_number(t, ret_next);
}

/* The locks of commit ids: a unit that is submitted again waits for its first
 * attempt behind the branch's lock, and learns its verdict. */
static bool
leave_ids(const struct attempt *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->units[i].put_count == 0)
			return false;
	return t->branch != 0;
}

static bool
any_applied(const struct attempt *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->results[i].verdict == VERDICT_APPLIED)
			return true;
	return false;
}

static enum err
commit(struct attempt *t, enum next *ret_next)
{
	enum outcome outcome;
	PGresult *r = NULL;
	bool kept;

	if (!any_applied(t))
		return OK; /* rolled back when the connection is given back */
	outcome =
	    ask_on(t->call, t->conn, &QUERY("commit", "COMMIT", NULL), &r);
	kept = outcome == DONE && has_committed(r);
	PQclear(r);
	if (kept)
		return OK;
	if (outcome == DONE) {
		*ret_next = TRY_AGAIN;
		return fail(t->call->error, ERR_SLOW_DOWN,
		    "The store has rolled the write back.");
	}
	if (outcome == FAILED)
		return failed(t, outcome,
		    conn_fail(t->conn, outcome, t->call->error), ret_next);
	t->doubtful = true;
	*ret_next = leave_ids(t) ? TRY_AGAIN : ASK_WHAT_BECAME;
	return OK;
}

static enum err
attempt(struct attempt *t, enum next *ret_next)
{
	struct call *c = t->call;
	const struct schema *schema = ((struct rowlog_store *)c->store)->schema;
	struct postgres_engine g = {
		.base = { .ops = &postgres_engine_ops,
		    .schema = schema,
		    .arena = c->arena,
		    .error = c->error },
		.call = c,
		.conn = t->conn,
		.alone = t->count == 1,
	};
	enum err err;

	t->number = t->server = 0;
	TRY(open_transaction(t, &g, ret_next));
	err = rowlog_apply(&g.base, t->branch, t->units, t->count, &t->results);
	if (g.first != NULL)
		note_number(t, g.first);
	if (err != OK)
		return failed(t, g.outcome, err, ret_next);
	/* the answer of a write that was explained has gone, and its number */
	if (t->number == 0 && any_applied(t))
		TRY(ask_number(t, ret_next));
	return commit(t, ret_next);
}

/*
 * The answer to COMMIT was lost; the server knows what became of it.  One that
 * crashed or was replaced meanwhile gives numbers that it has forgotten to
 * others: it may take their commit for this one.
 */
static void
ask_what_became(struct attempt *t, enum next *ret_next)
{
	struct params p = params_in(t->call->arena);
	int tries = 0;

	params_add_int(&p, t->number);
	params_add_int(&p, t->server);
	params_add_int(&p, clock_mono_us() - t->begun_us + CLOCK_SECOND);
	*ret_next = STOP;
	while (clock_mono_us() < t->call->deadline_us) {
		struct value said;
		PGresult *r = NULL;
		bool same;

		if (ask(t->call,
			&QUERY("status of a write", statement_outcome, &p),
			&r) != OK)
			return;
		said = field_value(t->call->arena, r, 0, 0, VALUE_TEXT);
		same = field_int(r, 0, 1) != 0;
		PQclear(r);
		if (said.type == VALUE_NULL)
			return;
		if (str_eq(said.as.s, STR("committed"))) {
			t->doubtful = !same;
			return;
		}
		if (str_eq(said.as.s, STR("aborted"))) {
			t->doubtful = false;
			*ret_next = TRY_AGAIN;
			return;
		}
		rest_a_while(&tries);
	}
}

/* One attempt on a connection of its own. */
static enum err
attempt_anew(struct attempt *t, enum next *ret_next)
{
	struct pool *pool = &((struct postgres *)t->call->store)->pool;
	enum err err;

	*ret_next = STOP;
	TRY(pool_borrow(
	    pool, t->call->deadline_us, true, &t->conn, t->call->error));
	err = attempt(t, ret_next);
	pool_give_back(pool, t->conn);
	if (*ret_next == ASK_WHAT_BECAME)
		ask_what_became(t, ret_next);
	else if (*ret_next == STOP && err == OK)
		t->doubtful = false;
	return err;
}

enum err
apply_by_steps(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct attempt t = {
		.call = c, .branch = branch, .units = units, .count = count
	};
	enum next next = TRY_AGAIN;
	enum err err = OK;
	int tries = 0;

	while (next == TRY_AGAIN) {
		err = attempt_anew(&t, &next);
		if (next == TRY_AGAIN)
			rest_a_while(&tries);
	}
	if (t.doubtful)
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store did not tell whether the write was kept.");
	for (size_t i = 0; i < count && err == OK; i++) {
		units[i].verdict = t.results[i].verdict;
		units[i].failed = t.results[i].failed;
		units[i].seq = t.results[i].seq;
		units[i].first_hash = t.results[i].first_hash;
	}
	return err;
}
