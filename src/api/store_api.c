/*
 * store_api.c - GET /api/v1/store/statements: the slow statements of the store.
 */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_ops.h"
#include "api/handlers.h"
#include "app/app.h"
#include "shm/statements.h"

static struct str
or_null(struct str s)
{
	return s.len != 0 ? s : (struct str){ 0 };
}

enum err
store_statements_get(struct request *r)
{
	struct call c = request_call(r);
	struct slow_statement_body *bodies;
	const struct statement_sum *sums;
	size_t count;

	if (c.nowait)
		return usage_would_block(&c, "There may be many plans.");
	sums = statements_list(r->app->statements, r->arena, &count);
	bodies = ARENA_NEW(r->arena, struct slow_statement_body, count);
	for (size_t i = 0; i < count; i++)
		bodies[i] = (struct slow_statement_body){
			.statement = sums[i].name,
			.count = sums[i].count,
			.total_us = sums[i].total_us,
			.max_us = sums[i].max_us,
			.last_us = sums[i].last_us,
			.rows = sums[i].rows,
			.last_at = sums[i].at_us,
			.plan = or_null(sums[i].plan),
			.advice = or_null(sums[i].advice),
		};
	reply_forms(r, &form_slow_statement, bodies, count);
	return OK;
}
