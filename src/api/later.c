#include "api/later.h"

#include "api/form_body.h"
#include "api/forms_tasks.h"
#include "app/app.h"
#include "base/clock.h"
#include "config/settings.h"
#include "record/batch.h"
#include "tasks/runner.h"

#define TASK_SHOWN "task " /* before the id, in a stored answer */

enum err
later_asked(struct request *r, bool *ret)
{
	struct str text;

	TRY(request_query(r, "async", &text));
	*ret = str_eq(text, STR("true"));
	if (text.ptr == NULL || *ret || str_eq(text, STR("false")))
		return OK;
	return fail(&r->error, ERR_BAD_REQUEST,
	    "async must be true or false: " STR_FMT, STR_ARG(text));
}

static void
reply(struct request *r, struct id task)
{
	const struct task_submitted answer = { task };

	reply_form(r, &form_task_submitted, &answer);
	r->reply.status = 202;
}

static void
keep_answer(struct request *r, struct batch *b, struct id task)
{
	int64_t lifetime = r->app->settings->idempotency_lifetime_us;
	char text[ID_TEXT];

	id_format(task, text);

	const struct answer answer = { .location = arena_printf(
					   r->arena, TASK_SHOWN "%s", text) };

	idempotency_put(b, r->idempotency, &answer, clock_now_us() + lifetime);
}

enum err
later_submit(struct request *r, struct call *c, const struct task *new)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;
	struct id id;

	TRY(tasks_have_room(c, new->tenant, r->app->settings->tasks_open));
	id = tasks_put_asked(&b, new, clock_now_us());
	if (r->idempotency != NULL)
		keep_answer(r, &b, id);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict != VERDICT_APPLIED && failed == 0)
		return fail(&r->error, ERR_NOT_FOUND, "Tenant not found");
	if (verdict != VERDICT_APPLIED)
		return fail(&r->error, ERR_ANSWERED,
		    "An earlier request had this Idempotency-Key");
	if (r->idempotency != NULL)
		r->idempotency->committed = true;
	runner_wake(r->app->runner);
	reply(r, id);
	return OK;
}

bool
later_again(struct request *r, const struct answer *first)
{
	struct id task;

	if (!str_starts_with(first->location, STR(TASK_SHOWN)) ||
	    !id_parse(str_skip(first->location, sizeof(TASK_SHOWN) - 1), &task))
		return false;
	reply(r, task);
	return true;
}
