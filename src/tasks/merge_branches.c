#include "tasks/merge_branches.h"

#include "tasks/branch_task.h"
#include "versions/merges.h"

/* nil: a new merge, whose operation has the task's id. */
static struct id
asked_operation(const struct branch_task *t)
{
	return object_id(t->ask, STR("operation"));
}

static struct merge_ask
ask_of(const struct branch_task *t)
{
	return (struct merge_ask){ .source = pairs_find(t->ask, STR("source")),
		.target = pairs_find(t->ask, STR("target")),
		.message = pairs_find(t->ask, STR("message")),
		.squash = pairs_find(t->ask, STR("squash")).ptr != NULL,
		.expected_source = object_id(t->ask, STR("expected_source")),
		.expected_target = object_id(t->ask, STR("expected_target")),
		.asked_by = t->work->task->created_by,
		.watch = &t->watch };
}

static enum err
find_made(struct branch_task *t, void *done, bool *ret_any)
{
	const struct task *task = t->work->task;
	struct call *c = t->work->call;
	struct id asked = asked_operation(t);
	struct merge_operation *op = done;
	enum err err = operations_get(
	    c, task->tenant, id_is_nil(asked) ? task->id : asked, op);

	*ret_any =
	    err == OK && (id_is_nil(asked) || op->status == STATUS_COMPLETED);
	if (err == ERR_NOT_FOUND && id_is_nil(asked)) {
		*c->error = (struct error){ 0 };
		return OK;
	}
	return err;
}

/* New conflicts are the result, whichever worker has found them: all were
 * decided when the task was asked for. */
static enum err
complete(struct branch_task *t, struct merge_operation *io)
{
	struct call *c = t->work->call;
	enum err err = merges_complete(c, &t->in, &t->watch, io);

	if (err != ERR_BAD_REQUEST || io->status == STATUS_ABORTED ||
	    merges_check_ready(c, io) == OK)
		return err;
	*c->error = (struct error){ 0 };
	io->status = STATUS_CONFLICTED;
	return OK;
}

static enum err
make(struct branch_task *t, void *done)
{
	struct merge_operation *op = done;

	op->id = asked_operation(t);
	if (!id_is_nil(op->id))
		return complete(t, op);

	const struct merge_ask ask = ask_of(t);

	return merges_start(t->work->call, &t->in, &ask, op);
}

static void
tell(struct work *w, const struct merge_operation *op)
{
	struct buf b = buf_in(w->call->arena);
	bool made = op->status != STATUS_CONFLICTED;

	object_add(&b, "status", made ? STR("Completed") : STR("conflicted"));
	if (op->revision != 0 || !made)
		object_add_id(&b, "operation_id", op->id);
	object_add_id(&b, "result_commit_id", op->result);
	if (!made)
		buf_printf(&b, ",\"conflicts\":%lld", (long long)op->conflicts);
	branch_task_end(w, object_end(&b));
}

enum err
merge_branches(struct work *w)
{
	static const struct branch_deed deed = { find_made, make };
	struct merge_operation op = { 0 };
	bool done;

	TRY(branch_task_run(w, &deed, &op, &done));
	if (done)
		tell(w, &op);
	return OK;
}

/* ---- asking for it */
struct task
merge_task(struct call *c, const struct branch *in, const struct merge_ask *ask)
{
	struct buf b = buf_in(c->arena);

	object_add(&b, "source", ask->source);
	object_add(&b, "target", ask->target);
	object_add(&b, "message", ask->message);
	if (ask->squash)
		object_add(&b, "squash", STR("true"));
	object_add_id(&b, "expected_source", ask->expected_source);
	object_add_id(&b, "expected_target", ask->expected_target);
	return branch_task_new(in, "merge", ask->asked_by, &b);
}

struct task
merge_complete_task(struct call *c, const struct branch *in,
    struct id operation, struct id asked_by)
{
	struct buf b = buf_in(c->arena);

	object_add_id(&b, "operation", operation);
	return branch_task_new(in, "merge", asked_by, &b);
}
