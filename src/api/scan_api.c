/*
 * scan_api.c - the routes of the Iceberg REST spec that plan scans.
 *
 * A small plan is in the first answer.  A large one is answered by plan tasks,
 * each a token that says which part to plan.  A client that sends "Prefer:
 * respond-async" (RFC 7240, 4.1) gets a plan-id at once, and the work is done
 * when the plan is fetched.
 */
#include "api/delegation.h"
#include "api/forms_scan.h"
#include "api/handlers.h"
#include "api/plan_token.h"
#include "api/request_target.h"
#include "app/app.h"
#include "app/freshness.h"
#include "base/clock.h"
#include "catalog/idempotency_keys.h"
#include "catalog/plan.h"
#include "http/router.h"
#include "identity/principal.h"

enum { ARG_PLAN_ID = ARG_RELATION + 1 };

#define PLAN_ID_ROOM 4096 /* a longer plan-id does not fit a target */
#define TASKS_ROOM ((size_t)4 << 20) /* bytes of all plan tasks of a plan */
#define TASKS_MAX 4096

struct target {
	struct call call;
	struct branch branch;
	struct version table;
	struct plan_owner owner;
};

/* Planning writes nothing, by whichever method it is asked for. */
static enum err
open_target(struct request *r, struct target *t)
{
	struct ident ident;

	if (r->method != METHOD_DELETE)
		reads_may_use(r->app, r->came_ns, &r->usage);
	TRY(target_relation(r, KIND_TABLE, &t->call, &t->branch, &ident));
	TRY(catalogs_get(&t->call, request_tenant(r), t->branch.catalog.name,
	    &t->branch.catalog)); /* with the places of its files */
	TRY(relation_get(&t->call, &t->branch, KIND_TABLE, ident, &t->table));
	t->owner = (struct plan_owner){ t->branch.id, t->table.object };
	return OK;
}

static struct names
names_of(struct form_texts texts)
{
	return (struct names){ texts.at, texts.count };
}

/* An absent number of the form is an absent snapshot of the request. */
static enum err
read_request(struct request *r, struct str body, struct scan_request *ret)
{
	struct plan_table_scan_request form;

	TRY(form_decode(
	    &form_plan_table_scan_request, r->arena, body, &form, &r->error));
	*ret = (struct scan_request){ .snapshot_id = form.snapshot_id,
		.start_snapshot_id = form.start_snapshot_id,
		.end_snapshot_id = form.end_snapshot_id,
		.stats_fields = names_of(form.stats_fields),
		.filter = form.filter,
		.case_sensitive = form.case_sensitive != FORM_FALSE,
		.use_snapshot_schema = form.use_snapshot_schema == FORM_TRUE };
	if (form.min_rows_requested == FORM_NO_INT)
		return OK;
	if (form.min_rows_requested < 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/min-rows-requested: must not be below 0");
	ret->min_rows = form.min_rows_requested;
	return OK;
}

/* ---- answers */
static void
add_plan_tasks(struct request *r, const struct target *t,
    const struct plan_token *token, struct scan_ranges parts, struct buf *b)
{
	buf_add(b, STR("\"plan-tasks\":["));
	for (size_t i = 0; i < parts.count; i++) {
		struct plan_token task = *token;

		task.from = parts.at[i].from;
		task.to = parts.at[i].to;
		if (i != 0)
			buf_add_char(b, ',');
		buf_add_json(
		    b, plan_token_write(r, PLAN_TASK, t->owner, &task));
	}
	buf_add_char(b, ']');
}

/* How many plan tasks may be told of: each has the whole request in it. */
static size_t
most_tasks(const struct plan_token *token)
{
	size_t each = token->request.len + token->metadata_location.len + 256;
	size_t most = TASKS_ROOM / (2 * each);

	if (most > TASKS_MAX)
		return TASKS_MAX;
	return most != 0 ? most : 1;
}

/* Files where one part has them all, else plan tasks. */
static enum err
add_scan_tasks(struct request *r, const struct target *t, struct plan *plan,
    const struct plan_token *token, struct buf *b)
{
	struct scan_ranges parts = scan_plan_cut(plan->scan, most_tasks(token));

	if (parts.count > 1)
		add_plan_tasks(r, t, token, parts, b);
	else if (parts.count == 1)
		return plan_part(plan, parts.at[0], b);
	else
		buf_add(b, STR("\"file-scan-tasks\":[],\"delete-files\":[]"));
	return OK;
}

static void
send(struct request *r, const struct buf *b)
{
	reply_part(r, buf_str(b));
}

/* The id that the plan can be gone on with from, or one of its name alone. */
static struct str
plan_id_of(struct request *r, const struct target *t,
    const struct plan_token *token, bool *ret_whole)
{
	const struct plan_token name = { .plan = token->plan,
		.expires_s = token->expires_s };
	struct str whole = plan_token_write(r, PLAN_ID, t->owner, token);

	*ret_whole = whole.len <= PLAN_ID_ROOM;
	if (*ret_whole)
		return whole;
	return plan_token_write(r, PLAN_ID, t->owner, &name);
}

static bool
prefers_async(const struct request *r)
{
	struct str rest = request_header(r, STR("Prefer"));

	while (rest.ptr != NULL)
		if (str_eq_nocase(
			str_trim(str_cut(&rest, ',')), STR("respond-async")))
			return true;
	return false;
}

/* To read the files that the plan names. */
static enum err
add_credentials(struct request *r, const struct target *t, struct buf *b)
{
	struct call call = t->call;

	return delegation_add(r, &call, &t->branch, t->table.body, b);
}

/* ---- routes */
static enum err
answer_plan(struct request *r, const struct target *t, struct plan *plan,
    const struct plan_token *token)
{
	struct buf b = buf_in(r->arena);
	bool whole;
	struct str id = plan_id_of(r, t, token, &whole);
	bool later = whole && prefers_async(r);

	buf_printf(&b, "{\"status\":\"%s\",\"plan-id\":\"" STR_FMT "\"",
	    later ? "submitted" : "completed", STR_ARG(id));
	if (later) {
		reply_header(r, "Preference-Applied", STR("respond-async"));
	} else {
		buf_add_char(&b, ',');
		TRY(add_scan_tasks(r, t, plan, token, &b));
		TRY(add_credentials(r, t, &b));
	}
	buf_add_char(&b, '}');
	send(r, &b);
	return OK;
}

enum err
table_plan_post(struct request *r)
{
	struct scan_request request;
	struct target t;
	struct plan plan;

	TRY(open_target(r, &t));
	TRY(read_request(r, r->body, &request));
	TRY(plan_open(&t.call, &t.branch, t.table.location, &request, &plan));

	const struct plan_token token = { .plan = id_v7(),
		.expires_s = clock_now_us() / CLOCK_SECOND + PLAN_LIFE_S,
		.metadata_location = t.table.location,
		.request = r->body };

	return answer_plan(r, &t, &plan, &token);
}

static enum err
go_on(struct request *r, struct target *t, const struct plan_token *token,
    struct plan *ret)
{
	struct scan_request request;

	TRY(read_request(r, token->request, &request));
	return plan_open(
	    &t->call, &t->branch, token->metadata_location, &request, ret);
}

static enum err
completed(struct request *r, struct target *t, const struct plan_token *token)
{
	struct buf b = buf_in(r->arena);
	struct plan plan;

	TRY(go_on(r, t, token, &plan));
	buf_add(&b, STR("{\"status\":\"completed\","));
	TRY(add_scan_tasks(r, t, &plan, token, &b));
	TRY(add_credentials(r, t, &b));
	buf_add_char(&b, '}');
	send(r, &b);
	return OK;
}

/* A plan that is cancelled has had its answer: none. */
static enum err
is_cancelled(struct target *t, struct id plan, bool *ret)
{
	const struct idempotency_key plan_key = { .id = plan };
	struct answer answer;

	return idempotency_find(&t->call, &plan_key, &answer, ret);
}

/* An error that would be there the next time too is the plan's result. */
static enum err
failed(struct request *r, enum err err)
{
	struct buf b = buf_in(r->arena);

	if (err_http(err) >= 500 || err == ERR_SLOW_DOWN)
		return err;
	buf_printf(&b,
	    "{\"status\":\"failed\",\"error\":{\"type\":\"%s\","
	    "\"code\":%d,\"message\":",
	    err_type(err), err_http(err));
	buf_add_json(&b, str_from(r->error.message));
	buf_add(&b, STR("}}"));
	send(r, &b);
	return OK;
}

enum err
table_plan_get(struct request *r)
{
	struct plan_token token;
	struct target t;
	bool cancelled;

	TRY(open_target(r, &t));
	TRY(plan_token_read(r, PLAN_ID, t.owner, r->arg[ARG_PLAN_ID], &token));
	TRY(is_cancelled(&t, token.plan, &cancelled));
	if (cancelled) {
		reply_part(r, STR("{\"status\":\"cancelled\"}"));
		return OK;
	}
	if (token.metadata_location.ptr == NULL)
		return plan_token_unknown(r, PLAN_ID);

	enum err err = completed(r, &t, &token);

	return err == OK ? OK : failed(r, err);
}

/* Cancelling again is no error. */
enum err
table_plan_delete(struct request *r)
{
	const struct answer none = { .code = OK };
	struct plan_token token;
	struct target t;
	bool first;

	TRY(open_target(r, &t));
	TRY(plan_token_read(r, PLAN_ID, t.owner, r->arg[ARG_PLAN_ID], &token));

	const struct idempotency_key plan = { .id = token.plan };

	return idempotency_remember(
	    &t.call, &plan, &none, token.expires_s * CLOCK_SECOND, &first);
}

enum err
table_tasks_post(struct request *r)
{
	struct fetch_scan_tasks_request body;
	struct buf b = buf_in(r->arena);
	struct plan_token token;
	struct target t;
	struct plan plan;
	bool cancelled;

	TRY(open_target(r, &t));
	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(plan_token_read(r, PLAN_TASK, t.owner, body.plan_task, &token));
	TRY(is_cancelled(&t, token.plan, &cancelled));
	if (cancelled)
		return plan_token_unknown(r, PLAN_TASK);
	TRY(go_on(r, &t, &token, &plan));
	buf_add_char(&b, '{');
	TRY(plan_part(&plan, (struct scan_range){ token.from, token.to }, &b));
	buf_add_char(&b, '}');
	send(r, &b);
	return OK;
}
