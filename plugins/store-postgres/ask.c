/* ask.c - runs one statement, or one under a lock, on a borrowed connection. */
#include <time.h>

#include "base/clock.h"
#include "plugins/contract/check.h"
#include "postgres.h"
#include "statements.h"

#define NAP_US (2 * CLOCK_MS)

static struct pool *
pool_of(const struct call *c)
{
	return &((struct postgres *)c->store)->pool;
}

void
rest_a_while(int *io_tries)
{
	int64_t nap = NAP_US << (*io_tries < 6 ? (*io_tries)++ : 6);

	nap = nap / 2 + clock_mono_us() % nap;
	(void)nanosleep(&(struct timespec){ .tv_nsec = nap * 1000 }, NULL);
}

static enum err
may_wait(const struct call *c)
{
	TRY(check_deadline(c));
	if (c->nowait)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot answer without waiting.");
	return OK;
}

static const struct store_watch *
watch_of(const struct call *c)
{
	return ((struct postgres *)c->store)->watch;
}

enum outcome
ask_on(const struct call *c, struct conn *conn, const struct query *q,
    PGresult **ret)
{
	PGresult *r = NULL;
	enum outcome outcome;
	int64_t began, took;

	conn_send(conn, q->text, q->params);
	began = slow_begin(watch_of(c));
	outcome = conn_flush(conn, c->deadline_us);
	took = slow_end(watch_of(c), began);
	if (outcome == DONE)
		*ret = r = conn_take_last(conn);
	if (took != 0)
		explain_slow(c, conn, q, r, took);
	return outcome;
}

bool
has_committed(PGresult *r)
{
	return strcmp(PQcmdStatus(r), "COMMIT") == 0;
}

struct query
query_of(const struct sql *sql, const struct asked *asked)
{
	struct arena *a = sql->text.arena;
	struct params *p = ARENA_NEW(a, struct params, 1);

	*p = params_in(a);
	for (size_t i = 0; i < sql->bind_count; i++)
		params_add(p, sql->bind[i]);
	return (struct query){ *asked, arena_cstr(a, buf_str(&sql->text)), p };
}

/* A connection that was lost meanwhile is no reason to fail a read. */
enum err
ask(const struct call *c, const struct query *q, PGresult **ret)
{
	int tries = 0;

	for (;;) {
		struct conn *conn;
		enum outcome outcome;
		enum err err = OK;

		TRY(may_wait(c));
		TRY(pool_borrow(
		    pool_of(c), c->deadline_us, false, &conn, c->error));
		outcome = ask_on(c, conn, q, ret);
		if (outcome != DONE)
			err = conn_fail(conn, outcome, c->error);
		pool_give_back(pool_of(c), conn);
		if (outcome != LOST)
			return err;
		rest_a_while(&tries);
	}
}

enum err
ask_locked(const struct call *c, int64_t branch, const struct query *q,
    PGresult **ret, enum outcome *ret_outcome, char state[6])
{
	struct params lock = params_in(c->arena);
	PGresult *r = NULL;
	struct conn *conn;
	int64_t began, took;

	TRY(may_wait(c));
	TRY(pool_borrow(pool_of(c), c->deadline_us, true, &conn, c->error));
	params_add_int(&lock, branch);
	conn_send(conn, "BEGIN ISOLATION LEVEL READ COMMITTED", NULL);
	conn_send(conn, statement_lock, &lock);
	conn_end_piece(conn); /* a process that dies here gives up the branch */
	conn_send(conn, q->text, q->params);
	conn_end_piece(conn);
	conn_send(conn, "COMMIT", NULL);
	began = slow_begin(watch_of(c));
	*ret_outcome = conn_flush(conn, c->deadline_us);
	took = slow_end(watch_of(c), began);
	if (*ret_outcome == DONE) {
		PQclear(conn_take_last(conn));
		*ret = r = conn_take_last(conn);
	} else if (*ret_outcome == FAILED) {
		(void)conn_fail(conn, FAILED, c->error);
		memcpy(state, conn->state, 6);
	}
	if (took != 0)
		explain_slow(c, conn, q, r, took);
	pool_give_back(pool_of(c), conn);
	return OK;
}

enum err
ask_until_told(
    const struct call *c, int64_t branch, const struct query *q, PGresult **ret)
{
	int tries = 0;

	for (;;) {
		enum outcome outcome = LOST;
		char state[6];

		TRY(ask_locked(c, branch, q, ret, &outcome, state));
		if (outcome == DONE)
			return OK;
		if (outcome == LATE)
			return fail(c->error, ERR_COMMIT_UNKNOWN,
			    "The store did not answer in time.");
		if (outcome == FAILED && !state_is_passing(state))
			return c->error->code;
		rest_a_while(&tries);
	}
}
