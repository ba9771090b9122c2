#include "tasks/restore_branch.h"

#include "catalog/idempotency_keys.h"
#include "tasks/branch_task.h"
#include "versions/reverts.h"

static const char *const words[] = { [RESTORE_PICK] = "pick",
	[RESTORE_REVERT] = "revert",
	[RESTORE_RESET] = "reset" };

static enum restore_kind
asked_kind(const struct branch_task *t)
{
	struct str word = pairs_find(t->ask, STR("kind"));
	enum restore_kind kind = RESTORE_PICK;

	while (kind != RESTORE_RESET && !str_eq(word, str_from(words[kind])))
		kind++;
	return kind;
}

/* Its commit has the task's id. */
static enum err
find_made(struct branch_task *t, void *done, bool *ret_any)
{
	struct idempotency_key key = { .id = t->work->task->id };
	struct answer answer;

	memcpy(key.hash, key.id.b, sizeof(key.id.b));
	*(struct restored *)done = (struct restored){ key.id, true };
	return idempotency_find(t->work->call, &key, &answer, ret_any);
}

static enum err
make(struct branch_task *t, void *done)
{
	const struct restore_ask ask = { .kind = asked_kind(t),
		.branch = pairs_find(t->ask, STR("branch")),
		.commit = object_id(t->ask, STR("commit")),
		.message = pairs_find(t->ask, STR("message")),
		.watch = &t->watch };

	return restore(t->work->call, &t->in, &ask, done);
}

enum err
restore_branch(struct work *w)
{
	static const struct branch_deed deed = { find_made, make };
	struct buf b = buf_in(w->call->arena);
	struct restored made;
	bool done;

	TRY(branch_task_run(w, &deed, &made, &done));
	if (!done)
		return OK;
	object_add(
	    &b, "status", made.changed ? STR("completed") : STR("unchanged"));
	object_add_id(&b, "commit_id", made.commit);
	branch_task_end(w, object_end(&b));
	return OK;
}

struct task
restore_task(struct call *c, const struct branch *in,
    const struct restore_ask *ask, struct id asked_by)
{
	struct buf b = buf_in(c->arena);

	object_add(&b, "kind", str_from(words[ask->kind]));
	object_add(&b, "branch", ask->branch);
	object_add_id(&b, "commit", ask->commit);
	object_add(&b, "message", ask->message);
	return branch_task_new(in, "restore", asked_by, &b);
}
