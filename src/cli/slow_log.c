#include "cli/slow_log.h"

#include "base/clock.h"
#include "base/log.h"

struct str
slow_log_advice(struct arena *a, const struct slow_statement *slow)
{
	if (slow->whole.len == 0 || slow->whole_rows <= ADVICE_ROWS)
		return (struct str){ 0 };
	return arena_printf(a,
	    "About %lld rows of " STR_FMT " are read to find %lld: no index "
	    "begins with what the statement asks for.",
	    (long long)slow->whole_rows, STR_ARG(slow->whole),
	    (long long)slow->rows);
}

static void
add_member(struct buf *line, const char *name, struct str text)
{
	buf_printf(line, ",\"%s\":", name);
	if (text.ptr == NULL)
		buf_add(line, STR("null"));
	else
		buf_add_json(line, text);
}

static void
log_run(struct arena *a, const struct statement_run *run, const char *request,
    bool with_plan)
{
	struct buf line = buf_in(a);

	log_begin(&line, LEVEL_WARN, STR("slow statement"));
	add_member(&line, "statement", run->name);
	buf_printf(&line, ",\"duration_us\":%lld,\"rows\":%lld",
	    (long long)run->duration_us, (long long)run->rows);
	add_member(&line, "request_id", str_from(request));
	if (with_plan)
		add_member(&line, "plan", run->plan);
	log_end(&line);
}

static void
log_advice(struct arena *a, const struct statement_run *run)
{
	struct buf line = buf_in(a);

	log_begin(&line, LEVEL_WARN, STR("index advice"));
	add_member(&line, "statement", run->name);
	add_member(&line, "advice", run->advice);
	log_end(&line);
}

static const struct slow_log *
log_of(const struct store_watch *watch)
{
	return (const struct slow_log *)watch;
}

static bool
wants_plan(const struct store_watch *watch, struct str name)
{
	return statements_want_plan(log_of(watch)->statements, name);
}

/* The part of a plan that is stored. */
static struct str
shortened(struct str plan)
{
	if (plan.len > STATEMENT_PLAN)
		plan.len = STATEMENT_PLAN;
	return plan;
}

static void
tell(const struct store_watch *watch, const struct call *c,
    const struct slow_statement *slow)
{
	struct statement_run run = {
		.name = slow->name,
		.duration_us = slow->duration_us,
		.rows = slow->rows,
		.at_us = clock_now_us(),
		.plan = shortened(slow->plan),
		.advice = slow_log_advice(c->arena, slow),
	};
	struct statement_news news =
	    statements_add(log_of(watch)->statements, &run);

	if (!log_wants(LEVEL_WARN))
		return;
	log_run(c->arena, &run, c->request, news.plan);
	if (news.advice)
		log_advice(c->arena, &run);
}

struct slow_log
slow_log_of(struct statements *statements, struct pool_counts *pool,
    const int64_t *slow_us)
{
	return (struct slow_log){
		.base = { slow_us, pool, wants_plan, tell },
		.statements = statements,
	};
}
