/* explain.c - explains how the server found the rows of a slow statement. */
#include "base/clock.h"
#include "plan.h"
#include "postgres.h"

/* A plan may take so long; a server that is slow to plan is left alone. */
#define PLAN_WAIT CLOCK_SECOND

/* The lines of an EXPLAIN; ptr NULL: there is none. */
static struct str
explain(const struct call *c, struct conn *conn, const char *statement)
{
	struct buf lines = buf_in(c->arena);
	PGresult *r;

	conn_send_once(conn, statement);
	if (conn_flush(conn, clock_mono_us() + PLAN_WAIT) != DONE)
		return (struct str){ 0 };
	r = conn_take_last(conn);
	for (int i = 0; i < PQntuples(r); i++)
		buf_printf(&lines, "%s%.*s", i != 0 ? "\n" : "",
		    PQgetlength(r, i, 0), PQgetvalue(r, i, 0));
	PQclear(r);
	return buf_str(&lines);
}

/* The plan is the generic one of the statement that was prepared: it has the
 * places of the arguments, and no argument. */
static struct str
plan_of(const struct call *c, struct conn *conn, const struct query *q)
{
	int count = q->params != NULL ? q->params->count : 0;
	struct buf text = buf_in(c->arena);
	char name[16];

	if (!conn_knows(conn, q->text, name))
		return (struct str){ 0 };
	buf_printf(&text, "EXPLAIN (COSTS OFF) EXECUTE %s", name);
	for (int i = 0; i < count; i++)
		buf_printf(&text, "%sNULL", i == 0 ? "(" : ", ");
	buf_printf(&text, "%s", count != 0 ? ")" : "");
	return explain(c, conn, arena_cstr(c->arena, buf_str(&text)));
}

/* As the planner guesses it, by the size of its file. */
static int64_t
rows_of(const struct call *c, struct conn *conn, struct str table)
{
	struct str text = arena_printf(
	    c->arena, "EXPLAIN SELECT FROM " STR_FMT, STR_ARG(table));

	return postgres_plan_rows(explain(c, conn, text.ptr));
}

static void
add_plan(const struct call *c, struct conn *conn, const struct query *q,
    struct slow_statement *io)
{
	const struct schema *schema = ((struct rowlog_store *)c->store)->schema;
	struct str table, rest;

	io->plan = rest = plan_of(c, conn, q);
	while ((table = postgres_whole_table(schema, &rest)).ptr != NULL) {
		int64_t rows = rows_of(c, conn, table);

		if (rows <= io->whole_rows)
			continue;
		io->whole = table;
		io->whole_rows = rows;
	}
}

/* "SELECT 3" and "UPDATE 3"; BEGIN has none. */
static int64_t
row_count(PGresult *r)
{
	int64_t count = 0;

	return str_to_int(str_from(PQcmdTuples(r)), &count) ? count : 0;
}

void
explain_slow(const struct call *c, struct conn *conn, const struct query *q,
    PGresult *r, int64_t took_us)
{
	const struct store_watch *watch = ((struct postgres *)c->store)->watch;
	struct slow_statement told = {
		.name = asked_name(c->arena, &q->asked),
		.duration_us = took_us,
		.rows = r != NULL ? row_count(r) : 0,
	};

	/* behind a failure the connection is left as it is */
	if (r != NULL && watch->wants_plan(watch, told.name))
		add_plan(c, conn, q, &told);
	watch->tell(watch, c, &told);
}
