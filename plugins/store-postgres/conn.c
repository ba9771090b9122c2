#include "conn.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define SETTLE_WAIT CLOCK_SECOND

/* Milliseconds to the deadline, at least 0. */
static int
wait_ms(int64_t deadline_us)
{
	int64_t left = deadline_us - clock_mono_us();

	if (left <= 0)
		return 0;
	return left > 3600 * CLOCK_SECOND ? 3600000
					  : (int)((left + 999) / CLOCK_MS);
}

static bool
wait_for(const PGconn *pg, short events, int64_t deadline_us)
{
	struct pollfd p = { .fd = PQsocket(pg), .events = events };

	return p.fd >= 0 && poll(&p, 1, wait_ms(deadline_us)) != 0;
}

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* The URL may set what comes before it here, and not what comes behind. */
static PGconn *
start(const struct options *o)
{
	static const char *const keys[] = { "application_name",
		"tcp_user_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "dbname", "client_encoding", "gssencmode",
		NULL };
	const char *const values[] = { "pangolin", "5000", "10", "5", "3",
		o->url, "UTF8", "disable", NULL };

	return PQconnectStartParams(keys, values, 1);
}

static bool
connect_by(PGconn *pg, int64_t deadline_us)
{
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	while (PQstatus(pg) != CONNECTION_BAD && next != PGRES_POLLING_OK) {
		if (next == PGRES_POLLING_FAILED ||
		    !wait_for(pg,
			next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
			deadline_us) ||
		    clock_mono_us() >= deadline_us)
			return false;
		next = PQconnectPoll(pg);
	}
	return next == PGRES_POLLING_OK;
}

/*
 * A client that dies between lock and COMMIT gives up its branch in seconds,
 * also when its network dies: between two pieces by the time it is silent, in
 * the middle of one by the server's probes.  Generic plans with an index
 * wherever there is one: what is planned on an empty table stays good when it
 * is full.  A commit that was answered is on the disk, whatever the database's
 * default.
 */
static const char session[] =
    "SET default_transaction_isolation = 'read committed';"
    "SET idle_in_transaction_session_timeout = '2s';"
    "SET client_connection_check_interval = '1s';"
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2;"
    "SET tcp_keepalives_count = 3;"
    "SET plan_cache_mode = force_generic_plan;"
    "SET jit = off; SET enable_seqscan = off; SET enable_bitmapscan = off;"
    "SET enable_mergejoin = off;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off';";

/* The answer to the last of several statements of one text. */
static PGresult *
ask_plainly(struct conn *c, const char *text, int64_t deadline_us)
{
	PGresult *last = NULL, *r;

	if (PQsendQuery(c->pg, text) == 0)
		return NULL;
	for (;;) {
		while (PQisBusy(c->pg)) {
			if (!wait_for(c->pg, POLLIN, deadline_us) ||
			    PQconsumeInput(c->pg) == 0) {
				PQclear(last);
				return NULL;
			}
		}
		r = PQgetResult(c->pg);
		if (r == NULL)
			return last;
		PQclear(last);
		last = r;
		if (PQresultStatus(r) == PGRES_FATAL_ERROR)
			(void)snprintf(c->state, sizeof(c->state), "%s",
			    PQresultErrorField(r, PG_DIAG_SQLSTATE) != NULL
				? PQresultErrorField(r, PG_DIAG_SQLSTATE)
				: "");
	}
}

static enum err
set_up(struct conn *c, const struct options *o, int64_t deadline_us,
    struct error *e)
{
	struct arena *a = arena_new();
	struct str text = arena_printf(a,
	    "%s%s%s%s SELECT current_setting('server_encoding')", session,
	    o->schema[0] != '\0' ? "SET search_path = \"" : "", o->schema,
	    o->schema[0] != '\0' ? "\";" : "");
	PGresult *r = NULL;
	enum err err = OK;

	if (PQserverVersion(c->pg) < 140000)
		err = fail(e, ERR_UNAVAILABLE,
		    "The store needs PostgreSQL 14 or later.");
	else
		r = ask_plainly(c, text.ptr, deadline_us);
	if (err == OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		err = conn_fail(c, r != NULL ? FAILED : LOST, e);
	else if (err == OK && strcmp(PQgetvalue(r, 0, 0), "UTF8") != 0)
		err = fail(e, ERR_UNAVAILABLE,
		    "The store's database has the encoding %s, not UTF8.",
		    PQgetvalue(r, 0, 0));
	PQclear(r);
	arena_free(a);
	if (err == OK && (PQsetnonblocking(c->pg, 1) != 0 ||
			     PQenterPipelineMode(c->pg) != 1))
		err = conn_fail(c, LOST, e);
	return err;
}

/* For the operator: the first line of what the driver says. */
static enum err
no_connection(const PGconn *pg, struct error *e)
{
	struct str why = str_from(pg != NULL ? PQerrorMessage(pg) : NULL);

	why = str_cut(&why, '\n');
	return fail(e, ERR_UNAVAILABLE,
	    "The store's server cannot be reached: " STR_FMT,
	    STR_ARG(why.len != 0 ? why : STR("no answer in time")));
}

enum err
conn_open(const struct options *o, int64_t deadline_us, struct conn **ret,
    struct error *e)
{
	struct conn *c = calloc(1, sizeof(*c));
	enum err err;

	if (c == NULL)
		return fail(e, ERR_UNAVAILABLE, "The store has no memory.");
	c->pg = start(o);
	if (c->pg == NULL || !connect_by(c->pg, deadline_us)) {
		err = no_connection(c->pg, e);
	} else {
		(void)PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
		err = set_up(c, o, deadline_us, e);
	}
	if (err != OK) {
		conn_close(c);
		return err;
	}
	*ret = c;
	return OK;
}

static void
clear_answers(struct conn *c)
{
	while (c->answers != 0)
		PQclear(c->answer[--c->answers]);
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	clear_answers(c);
	for (size_t i = 0; i < CONN_STATEMENTS; i++)
		free(c->statements[i].text);
	PQfinish(c->pg);
	free(c);
}

/* Between two calls a server says nothing: a byte, or the end of them, means
 * that it has closed. */
bool
conn_is_open(const struct conn *c)
{
	struct pollfd p = { .fd = PQsocket(c->pg), .events = POLLIN };

	return !c->broken && PQstatus(c->pg) == CONNECTION_OK &&
	       poll(&p, 1, 0) == 0;
}

static struct statement *
statement_slot(struct conn *c, const char *text)
{
	uint32_t sum = 2166136261u;

	for (const char *p = text; *p != '\0'; p++)
		sum = (sum ^ (unsigned char)*p) * 16777619u;
	return &c->statements[(sum ^ sum >> 16) % CONN_STATEMENTS];
}

static void
enqueue(struct conn *c, int sent, struct statement *prepares, bool silent)
{
	if (sent == 0) {
		c->broken = true;
		return;
	}
	c->queue[c->queued].prepares = prepares;
	c->queue[c->queued].is_sync = false;
	c->queue[c->queued++].silent = silent;
}

void
conn_end_piece(struct conn *c)
{
	if (c->broken)
		return;
	enqueue(c, PQpipelineSync(c->pg), NULL, true);
	if (!c->broken)
		c->queue[c->queued - 1].is_sync = true;
}

static void
send_plain(struct conn *c, const char *text, bool silent)
{
	enqueue(c, PQsendQueryParams(c->pg, text, 0, NULL, NULL, NULL, NULL, 1),
	    NULL, silent);
}

static const char *
statement_name(const struct statement *s, char ret[16])
{
	(void)snprintf(ret, 16, "p%u", s->number);
	return ret;
}

static void
prepare(struct conn *c, struct statement *s, const char *text,
    const struct params *p)
{
	char name[16];

	if (s->text != NULL) {
		char close[32];

		(void)snprintf(close, sizeof(close), "DEALLOCATE %s",
		    statement_name(s, name));
		send_plain(c, close, true);
		free(s->text);
	}
	s->text = strdup(text);
	if (s->text == NULL)
		abort(); /* as the arena does without memory */
	s->number = ++c->last_number;
	enqueue(c,
	    PQsendPrepare(
		c->pg, statement_name(s, name), text, p->count, p->type),
	    s, true);
}

void
conn_send(struct conn *c, const char *text, const struct params *p)
{
	static const struct params none = { .count = 0 };
	struct statement *s = statement_slot(c, text);
	char name[16];

	if (p == NULL)
		p = &none;
	if (c->broken)
		return;
	if (s->text == NULL || strcmp(s->text, text) != 0)
		prepare(c, s, text, p);
	enqueue(c,
	    PQsendQueryPrepared(c->pg, statement_name(s, name), p->count,
		p->value, p->length, p->binary, 1),
	    NULL, false);
}

void
conn_send_once(struct conn *c, const char *text)
{
	if (!c->broken)
		send_plain(c, text, false);
}

bool
conn_knows(struct conn *c, const char *text, char ret_name[16])
{
	const struct statement *s = statement_slot(c, text);

	if (s->text == NULL || strcmp(s->text, text) != 0)
		return false;
	(void)statement_name(s, ret_name);
	return true;
}

/* Sends what waits and reads what came, until a result can be taken. */
static enum outcome
wait_for_result(struct conn *c, int64_t deadline_us)
{
	int unsent = PQflush(c->pg);

	while (unsent == 1 || PQisBusy(c->pg)) {
		if (unsent < 0)
			return LOST;
		if (!wait_for(c->pg, unsent == 1 ? POLLIN | POLLOUT : POLLIN,
			deadline_us))
			return LATE;
		if (PQconsumeInput(c->pg) == 0)
			return LOST;
		unsent = PQflush(c->pg);
	}
	return unsent < 0 ? LOST : DONE;
}

/* The server that shuts down, or is told to end a session, breaks it; one that
 * does not know what was prepared is another session, which ran what it could
 * without its BEGIN. */
static bool
state_is_end(const char *state)
{
	return strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 ||
	       strncmp(state, "26", 2) == 0;
}

static enum outcome
read_failure(struct conn *c, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

	if (state == NULL || state_is_end(state) ||
	    PQstatus(c->pg) != CONNECTION_OK)
		return LOST;
	if (c->state[0] == '\0') /* what fails next does so because of it */
		memcpy(c->state, state, sizeof(c->state));
	return FAILED;
}

static enum outcome
take_sync(struct conn *c, int64_t deadline_us)
{
	enum outcome outcome = wait_for_result(c, deadline_us);
	PGresult *r = outcome == DONE ? PQgetResult(c->pg) : NULL;

	if (outcome == DONE && PQresultStatus(r) != PGRES_PIPELINE_SYNC)
		outcome = LOST;
	PQclear(r);
	return outcome;
}

/* One queued statement's result, then the NULL that ends it. */
static enum outcome
take_result(struct conn *c, size_t at, int64_t deadline_us)
{
	enum outcome outcome = wait_for_result(c, deadline_us);
	PGresult *r, *end;
	ExecStatusType status;

	if (outcome != DONE)
		return outcome;
	r = PQgetResult(c->pg);
	status = PQresultStatus(r);
	if (status == PGRES_FATAL_ERROR)
		outcome = read_failure(c, r);
	else if (status == PGRES_PIPELINE_ABORTED)
		outcome = FAILED;
	else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		outcome = LOST;
	if (outcome != DONE && c->queue[at].prepares != NULL) {
		free(c->queue[at].prepares->text);
		c->queue[at].prepares->text = NULL;
	}
	if (outcome == DONE && !c->queue[at].silent)
		c->answer[c->answers++] = r;
	else
		PQclear(r);
	if (outcome == LOST || wait_for_result(c, deadline_us) != DONE)
		return LOST;
	end = PQgetResult(c->pg);
	PQclear(end);
	return end == NULL ? outcome : LOST;
}

enum outcome
conn_flush(struct conn *c, int64_t deadline_us)
{
	enum outcome outcome = DONE;

	clear_answers(c);
	c->state[0] = '\0';
	conn_end_piece(c);
	if (c->broken)
		outcome = LOST;
	for (size_t i = 0; i < c->queued && outcome <= FAILED; i++) {
		enum outcome one = c->queue[i].is_sync
				       ? take_sync(c, deadline_us)
				       : take_result(c, i, deadline_us);

		outcome = one > outcome ? one : outcome;
	}
	c->queued = 0;
	c->broken = outcome > FAILED;
	return outcome;
}

PGresult *
conn_take_last(struct conn *c)
{
	return c->answers != 0 ? c->answer[--c->answers] : NULL;
}

void
conn_settle(struct conn *c)
{
	if (!c->broken && PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
		conn_send(c, "ROLLBACK", NULL);
		if (conn_flush(c, clock_mono_us() + SETTLE_WAIT) != DONE)
			c->broken = true;
	}
	clear_answers(c);
}

static bool
is_one_of(const char *state, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strncmp(state, *list, strlen(*list)) == 0)
			return true;
	return false;
}

bool
state_is_unique(const char *state)
{
	return strcmp(state, "23505") == 0;
}

/* data of the wrong kind, one row twice, a value beyond the engine */
bool
state_is_bad_data(const char *state)
{
	static const char *const list[] = { "22", "21000", "54", NULL };

	return is_one_of(state, list);
}

/* serialization failure, deadlock, lock not available */
bool
state_is_passing(const char *state)
{
	static const char *const list[] = { "40", "55P03", NULL };

	return is_one_of(state, list);
}

enum err
conn_fail(const struct conn *c, enum outcome outcome, struct error *e)
{
	if (outcome == LATE ||
	    (outcome == FAILED && state_is_passing(c->state)))
		return fail(
		    e, ERR_SLOW_DOWN, "The store did not answer in time.");
	if (outcome == LOST)
		return fail(e, ERR_UNAVAILABLE,
		    "The connection to the store was lost.");
	if (strcmp(c->state, "25006") == 0)
		return fail(e, ERR_UNAVAILABLE,
		    "The store's server only reads: it is a standby.");
	if (state_is_bad_data(c->state))
		return fail(e, ERR_BAD_REQUEST,
		    "The store cannot hold or compare such a value.");
	return fail(e, ERR_UNAVAILABLE,
	    "The store cannot be asked now (SQLSTATE %s).", c->state);
}
