/* unit.c - units that write records, judged step by step in a transaction. */
#include "base/clock.h"
#include "plugins/log/steps.h"
#include "postgres.h"
#include "statements.h"

struct attempt {
	struct call *call;
	int64_t branch;
	struct unit *units;
	size_t count;
	struct conn *conn;
	int64_t number; /* of the transaction: outlives the connection */
	struct judgement *judgements;
};

/* What to do behind an attempt. */
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

/* The lock is a statement of its own: what looks behind it sees all that was
 * committed before. */
static enum err
open_transaction(struct attempt *t, enum next *ret_next)
{
	struct params branch = params_in(t->call->arena);
	enum outcome outcome;
	PGresult *r = NULL;

	params_add_int(&branch, t->branch);
	conn_send(t->conn, "BEGIN ISOLATION LEVEL READ COMMITTED", NULL);
	if (t->branch != 0)
		conn_send(t->conn, statement_lock, &branch);
	outcome = ask_on(t->call, t->conn,
	    &QUERY("begin", "SELECT pg_current_xact_id()::text::bigint", NULL),
	    &r);
	if (outcome != DONE)
		return failed(t, outcome,
		    conn_fail(t->conn, outcome, t->call->error), ret_next);
	t->number = field_int(r, 0, 0);
	PQclear(r);
	return OK;
}

static bool
any_applied(const struct attempt *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->judgements[i].verdict == VERDICT_APPLIED)
			return true;
	return false;
}

static enum err
commit(struct attempt *t, enum next *ret_next)
{
	enum outcome outcome;
	PGresult *r = NULL;

	if (!any_applied(t))
		return OK; /* rolled back when the connection is given back */
	outcome =
	    ask_on(t->call, t->conn, &QUERY("commit", "COMMIT", NULL), &r);
	PQclear(r);
	if (outcome == DONE)
		return OK;
	if (outcome == FAILED)
		return failed(t, outcome,
		    conn_fail(t->conn, outcome, t->call->error), ret_next);
	*ret_next = ASK_WHAT_BECAME;
	return OK;
}

static enum err
attempt(struct attempt *t, enum next *ret_next)
{
	struct call *c = t->call;
	const struct schema *schema = ((struct engine_store *)c->store)->schema;
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

	TRY(open_transaction(t, ret_next));
	err = engine_apply(
	    &g.base, t->branch, t->units, t->count, &t->judgements);
	if (err != OK)
		return failed(t, g.outcome, err, ret_next);
	return commit(t, ret_next);
}

/* The answer to COMMIT was lost; the server knows what became of it. */
static enum err
ask_what_became(struct attempt *t, enum next *ret_next)
{
	struct params number = params_in(t->call->arena);
	int tries = 0;

	params_add_int(&number, t->number);
	while (clock_mono_us() < t->call->deadline_us) {
		struct value said;
		PGresult *r = NULL;

		if (ask(t->call,
			&QUERY("status of a write",
			    "SELECT pg_xact_status($1::text::xid8)", &number),
			&r) != OK)
			break;
		said = field_value(t->call->arena, r, 0, 0, VALUE_TEXT);
		PQclear(r);
		if (said.type == VALUE_NULL)
			break;
		*ret_next = STOP;
		if (str_eq(said.as.s, STR("committed")))
			return OK;
		*ret_next = TRY_AGAIN;
		if (str_eq(said.as.s, STR("aborted")))
			return OK;
		rest_a_while(&tries);
	}
	*ret_next = STOP;
	return fail(t->call->error, ERR_COMMIT_UNKNOWN,
	    "The store did not tell whether the write was kept.");
}

enum err
apply_by_steps(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct pool *pool = &((struct postgres *)c->store)->pool;
	struct attempt t = {
		.call = c, .branch = branch, .units = units, .count = count
	};
	enum next next = TRY_AGAIN;
	enum err err = OK;
	int tries = 0;

	while (next == TRY_AGAIN) {
		next = STOP;
		TRY(pool_borrow(pool, c->deadline_us, true, &t.conn, c->error));
		err = attempt(&t, &next);
		pool_give_back(pool, t.conn);
		if (next == ASK_WHAT_BECAME)
			err = ask_what_became(&t, &next);
		if (next == TRY_AGAIN)
			rest_a_while(&tries);
	}
	for (size_t i = 0; i < count && err == OK; i++) {
		units[i].verdict = t.judgements[i].verdict;
		units[i].failed = t.judgements[i].failed;
		units[i].seq = t.judgements[i].seq;
		units[i].first_hash = t.judgements[i].first_hash;
	}
	return err;
}
