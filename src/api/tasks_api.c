/* tasks_api.c - tasks: submitting answers at once, a worker does the rest. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_tasks.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "app/app.h"
#include "base/clock.h"
#include "catalog/catalogs.h"
#include "config/settings.h"
#include "identity/principal.h"
#include "tasks/kinds.h"
#include "tasks/runner.h"
#include "tasks/tasks.h"

/* The length of a list when the query has no `limit`. */
#define TASKS_SHOWN 100
#define RESULTS_SHOWN 1000

static int64_t
time_or_none(int64_t us)
{
	return us != 0 ? us : FORM_NO_INT;
}

static struct task_progress
progress_of(struct arena *a, const struct task *t)
{
	struct task_progress p = { .done = t->done,
		.total = t->total >= 0 ? t->total : FORM_NO_INT,
		.eta_seconds = FORM_NO_INT };

	if (t->done == 0 || t->worked_us == 0)
		return p;

	double rate =
	    (double)t->done * (double)CLOCK_SECOND / (double)t->worked_us;

	p.rate = arena_printf(a, "%.1f", rate);
	if (t->state == TASK_RUNNING && t->total >= t->done)
		p.eta_seconds =
		    (int64_t)((double)(t->total - t->done) / rate + 0.5);
	return p;
}

static struct task_body
body_of(struct arena *a, const struct task *t)
{
	return (struct task_body){ .id = t->id,
		.kind = t->kind,
		.catalog = t->catalog,
		.state = (int)t->state - (int)TASK_PENDING,
		.progress = progress_of(a, t),
		.results = t->results,
		.created_us = t->created_us,
		.started_us = time_or_none(t->started_us),
		.finished_us = time_or_none(t->finished_us),
		.created_by = t->created_by,
		.error = t->error };
}

static enum err
check_kind(struct request *r, struct str name)
{
	const struct kind *found = kind_find(name);
	struct buf known = buf_in(r->arena);

	if (found != NULL && found->asked_by != NULL)
		return fail(&r->error, ERR_UNPROCESSABLE,
		    "/kind: a %s is asked for by %s", found->name,
		    found->asked_by);
	if (found != NULL)
		return OK;
	for (const struct kind *k = kinds; k->name != NULL; k++)
		if (k->asked_by == NULL)
			buf_printf(
			    &known, "%s%s", k == kinds ? "" : ", ", k->name);
	return fail(&r->error, ERR_UNPROCESSABLE,
	    "/kind: expected one of: " STR_FMT, STR_ARG(buf_str(&known)));
}

enum err
task_submit_post(struct request *r)
{
	struct call call = request_call(r);
	struct submit_task body;
	struct task_submitted answer;
	struct catalog catalog;

	TRY(body_decode(r, &form_submit_task, &body));
	TRY(check_kind(r, body.kind));
	TRY(catalogs_get(&call, request_tenant(r), body.catalog, &catalog));

	TRY(tasks_have_room(
	    &call, request_tenant(r), r->app->settings->tasks_open));

	const struct task new = { .tenant = request_tenant(r),
		.kind = body.kind,
		.catalog = body.catalog,
		.created_by = r->principal->id };

	TRY(tasks_submit(&call, &new, clock_now_us(), &answer.task_id));
	runner_wake(r->app->runner);
	r->reply.status = 202;
	reply_form(r, &form_task_submitted, &answer);
	return OK;
}

static enum err
query_filter(struct request *r, struct task_filter *ret)
{
	struct str state;

	*ret = (struct task_filter){ 0 };
	TRY(request_query(r, "kind", &ret->kind));
	TRY(request_query(r, "state", &state));
	if (state.ptr != NULL && !task_state_parse(state, &ret->state))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "state: expected pending, running, paused, completed, "
		    "failed or cancelled");
	return OK;
}

enum err
tasks_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct task_filter filter;
	struct task_list found;
	struct range page;

	TRY(query_filter(r, &filter));
	TRY(query_page(r, TASKS_SHOWN, LIST_ROWS_MAX, &page));
	TRY(tasks_list(&call, request_tenant(r), &filter, page.limit,
	    page.offset, &found));

	struct task_body *bodies =
	    ARENA_NEW(r->arena, struct task_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(r->arena, &found.at[i]);
	reply_forms(r, &form_task, bodies, found.count);
	reply_next(r, page, found.count, found.more);
	return OK;
}

static void
reply_task(struct request *r, const struct task *t)
{
	struct task_body body = body_of(r->arena, t);

	reply_form(r, &form_task, &body);
}

/* The task that the path names: to tenant-users those that they have begun are
 * there, and no others. */
static enum err
find_task(struct request *r, struct call *c, struct task *ret)
{
	const struct principal *p = r->principal;
	char text[ID_TEXT];
	struct id id;

	TRY(arg_id(r, 0, "task id", &id));
	TRY(tasks_get(c, request_tenant(r), id, ret));
	if (p->role != ROLE_TENANT_USER || id_eq(ret->created_by, p->id))
		return OK;
	id_format(id, text);
	return fail(&r->error, ERR_NOT_FOUND, "Task does not exist: %s", text);
}

enum err
task_get(struct request *r)
{
	struct call call = request_call(r);
	struct task found;

	TRY(find_task(r, &call, &found));
	reply_task(r, &found);
	return OK;
}

enum err
task_results_get(struct request *r)
{
	struct call call = request_call(r);
	struct buf body = buf_in(r->arena);
	struct task_rows rows;
	struct range page;
	struct task task;

	TRY(find_task(r, &call, &task));
	TRY(query_page(r, RESULTS_SHOWN, LIST_ROWS_MAX, &page));
	TRY(tasks_results(
	    &call, request_tenant(r), task.id, page.limit, page.offset, &rows));
	buf_add_char(&body, '[');
	for (size_t i = 0; i < rows.count; i++) {
		if (i != 0)
			buf_add_char(&body, ',');
		buf_add(&body, rows.at[i]);
	}
	buf_add_char(&body, ']');
	reply_part(r, buf_str(&body));
	reply_next(r, page, rows.count, rows.more);
	return OK;
}

static enum err
change(struct request *r, enum task_verb verb)
{
	struct call call = request_call(r);
	struct task task, changed;

	TRY(find_task(r, &call, &task));
	TRY(tasks_change(
	    &call, request_tenant(r), task.id, verb, clock_now_us(), &changed));
	if (verb == TASK_RESUME)
		runner_wake(r->app->runner);
	reply_task(r, &changed);
	return OK;
}

enum err
task_cancel_post(struct request *r)
{
	return change(r, TASK_CANCEL);
}

enum err
task_pause_post(struct request *r)
{
	return change(r, TASK_PAUSE);
}

enum err
task_resume_post(struct request *r)
{
	return change(r, TASK_RESUME);
}
