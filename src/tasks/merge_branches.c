#include "tasks/merge_branches.h"

#include "base/buf.h"
#include "catalog/idempotency_keys.h"
#include "identity/authorize.h"
#include "identity/sign_in.h"
#include "record/pairs.h"
#include "tasks/heartbeat.h"
#include "versions/merges.h"

/* A step may wait so long for the store: the unit of a large merge is one. */
#define STEP_US (10 * 60 * CLOCK_SECOND)

/* ---- what is asked for: the cursor, which stays as it is */
static void
add(struct buf *b, const char *name, struct str value)
{
	if (value.ptr == NULL)
		return;
	buf_printf(b, "%s\"%s\":", b->len == 0 ? "{" : ",", name);
	buf_add_json(b, value);
}

static void
add_id(struct buf *b, const char *name, struct id id)
{
	char text[ID_TEXT];

	if (id_is_nil(id))
		return;
	id_format(id, text);
	add(b, name, str_from(text));
}

static struct str
ask_text(struct arena *a, const struct merge_ask *ask, struct str author)
{
	struct buf b = buf_in(a);

	add(&b, "source", ask->source);
	add(&b, "target", ask->target);
	add(&b, "author", author);
	add(&b, "message", ask->message);
	if (ask->squash)
		add(&b, "squash", STR("true"));
	add_id(&b, "expected_source", ask->expected_source);
	add_id(&b, "expected_target", ask->expected_target);
	buf_add_char(&b, '}');
	return buf_str(&b);
}

static struct id
find_id(struct pairs pairs, struct str name)
{
	struct id id = { { 0 } };
	struct str text = pairs_find(pairs, name);

	if (text.ptr == NULL || !id_parse(text, &id))
		return (struct id){ { 0 } };
	return id;
}

static enum err
read_ask(struct work *w, struct merge_ask *ret, struct str *ret_author)
{
	struct pairs pairs;

	if (w->progress.cursor.ptr == NULL)
		return fail(w->call->error, ERR_BAD_REQUEST,
		    "A merge is asked for by POST /api/v1/branches/merge");
	TRY(pairs_parse(w->call, w->progress.cursor, &pairs));
	*ret_author = pairs_find(pairs, STR("author"));
	*ret = (struct merge_ask){ .source = pairs_find(pairs, STR("source")),
		.target = pairs_find(pairs, STR("target")),
		.message = pairs_find(pairs, STR("message")),
		.squash = pairs_find(pairs, STR("squash")).ptr != NULL,
		.expected_source = find_id(pairs, STR("expected_source")),
		.expected_target = find_id(pairs, STR("expected_target")),
		.asked_by = w->task->created_by };
	return OK;
}

/* ---- the merge */
/* A merge may wait for long, and whoever manages tasks can let it go on: it is
 * made with the rights that its author has by then. */
static enum err
check_rights(struct work *w)
{
	const struct task *t = w->task;
	struct principal author;

	TRY(principal_now(w->call, t->created_by, t->tenant, &author));
	return authorize(&author, ACTION_BRANCH_MERGE, w->call->error);
}

static enum err
go_on(void *arg, bool is_last)
{
	struct heartbeat *h = arg;
	struct call *c = h->work->call;

	c->deadline_us = clock_mono_us() + STEP_US;
	if (is_last) {
		TRY(check_rights(h->work));
		TRY(heartbeat_look(h));
	}
	if (!atomic_load(&h->unwanted))
		return OK;
	return fail(c->error, ERR_CONFLICT, "The task is not wanted any more");
}

/* By this task before it was killed, or by a worker that was thought dead. */
static enum err
find_made(struct work *w, struct merge_operation *ret, bool *ret_any)
{
	struct call *c = w->call;
	enum err err = operations_get(c, w->task->tenant, w->task->id, ret);

	*ret_any = err == OK;
	if (err == ERR_NOT_FOUND) {
		*c->error = (struct error){ 0 };
		return OK;
	}
	return err;
}

static enum err
make(struct work *w, struct heartbeat *h, struct merge_operation *ret)
{
	const struct merge_watch watch = { go_on, h };
	struct idempotency_key key = { .id = w->task->id };
	struct merge_ask ask;
	struct branch in;
	struct str author;
	bool any;

	memcpy(key.hash, key.id.b, sizeof(key.id.b));
	TRY(check_rights(w));
	TRY(read_ask(w, &ask, &author));
	ask.watch = &watch;
	TRY(branch_open(w->call, w->task->tenant, w->task->catalog, &in));
	in.writer = (struct writer){ .author = author, .idempotency = &key };

	enum err err = merges_start(w->call, &in, &ask, ret);
	struct error why = *w->call->error;

	if (err != ERR_ANSWERED && err != ERR_CONFLICT)
		return err;
	/* another worker was faster: with the commit, or with its conflicts */
	TRY(find_made(w, ret, &any));
	if (any)
		return OK;
	*w->call->error = why;
	return err;
}

static void
tell(struct work *w, const struct merge_operation *op)
{
	struct buf b = buf_in(w->call->arena);
	bool made = op->status != STATUS_CONFLICTED;

	add(&b, "status", made ? STR("Completed") : STR("conflicted"));
	if (op->revision != 0 || !made)
		add_id(&b, "operation_id", op->id);
	add_id(&b, "result_commit_id", op->result);
	if (!made)
		buf_printf(&b, ",\"conflicts\":%lld", (long long)op->conflicts);
	buf_add_char(&b, '}');
	work_result(w, buf_str(&b));
	w->progress.done = w->progress.total = 1;
	w->progress.finished = w->progress.is_final = true;
}

enum err
merge_branches(struct work *w)
{
	struct heartbeat *h = ARENA_NEW(w->call->arena, struct heartbeat, 1);
	struct merge_operation op;
	bool made;

	w->call->deadline_us = clock_mono_us() + STEP_US;
	TRY(find_made(w, &op, &made));
	if (!made && w->task->wish != TASK_WISH_NONE)
		return OK;
	if (!made) {
		TRY(heartbeat_start(h, w));

		enum err err = make(w, h, &op);

		heartbeat_stop(h);
		if (err != OK && atomic_load(&h->unwanted))
			return OK; /* the next step sees why */
		TRY(err);
	}
	tell(w, &op);
	return OK;
}

/* ---- asking for it */
enum err
merge_submit(struct call *c, const struct branch *in,
    const struct merge_ask *ask, struct id *ret_task)
{
	const struct task new = { .tenant = in->catalog.tenant,
		.kind = STR("merge"),
		.catalog = in->catalog.name,
		.cursor = ask_text(c->arena, ask, in->writer.author),
		.created_by = ask->asked_by };

	return tasks_submit(c, &new, clock_now_us(), ret_task);
}
