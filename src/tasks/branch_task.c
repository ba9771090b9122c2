#include "tasks/branch_task.h"

#include "catalog/idempotency_keys.h"
#include "identity/authorize.h"
#include "identity/sign_in.h"
#include "tasks/heartbeat.h"

/* A step may wait so long for the store: the unit of a large merge is one. */
#define STEP_US (10 * 60 * CLOCK_SECOND)

/* ---- objects of texts */
void
object_add(struct buf *b, const char *name, struct str value)
{
	if (value.ptr == NULL)
		return;
	buf_printf(b, "%s\"%s\":", b->len == 0 ? "{" : ",", name);
	buf_add_json(b, value);
}

void
object_add_id(struct buf *b, const char *name, struct id id)
{
	char text[ID_TEXT];

	if (id_is_nil(id))
		return;
	id_format(id, text);
	object_add(b, name, str_from(text));
}

struct str
object_end(struct buf *b)
{
	buf_add_char(b, '}');
	return buf_str(b);
}

struct id
object_id(struct pairs pairs, struct str name)
{
	struct id id = { { 0 } };
	struct str text = pairs_find(pairs, name);

	if (text.ptr == NULL || !id_parse(text, &id))
		return (struct id){ { 0 } };
	return id;
}

/* ---- the deed */
/* It may wait for long, and whoever manages tasks can let it go on: it is done
 * with the rights that its author has by then. */
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

static enum err
make(struct branch_task *t, const struct branch_deed *deed, void *done)
{
	struct work *w = t->work;
	struct idempotency_key key = { .id = w->task->id };
	bool any;

	memcpy(key.hash, key.id.b, sizeof(key.id.b));
	TRY(check_rights(w));
	TRY(branch_open(w->call, w->task->tenant, w->task->catalog, &t->in));
	t->in.writer =
	    (struct writer){ .author = pairs_find(t->ask, STR("author")),
		    .idempotency = &key };

	enum err err = deed->make(t, done);
	struct error why = *w->call->error;

	if (err != ERR_ANSWERED && err != ERR_CONFLICT)
		return err;
	/* another worker was faster: with the commit, or with its conflicts */
	TRY(deed->find(t, done, &any));
	if (any)
		return OK;
	*w->call->error = why;
	return err;
}

enum err
branch_task_run(
    struct work *w, const struct branch_deed *deed, void *done, bool *ret_done)
{
	struct heartbeat *h = ARENA_NEW(w->call->arena, struct heartbeat, 1);
	struct branch_task t = { .work = w, .watch = { go_on, h } };

	*ret_done = false;
	w->call->deadline_us = clock_mono_us() + STEP_US;
	if (w->progress.cursor.ptr == NULL)
		return fail(w->call->error, ERR_BAD_REQUEST,
		    "Such a task is asked for by a request of its own");
	TRY(pairs_parse(w->call, w->progress.cursor, &t.ask));
	TRY(deed->find(&t, done, ret_done));
	if (*ret_done || w->task->wish != TASK_WISH_NONE)
		return OK;
	TRY(heartbeat_start(h, w));

	enum err err = make(&t, deed, done);

	heartbeat_stop(h);
	if (err != OK && atomic_load(&h->unwanted))
		return OK; /* the next step sees why */
	*ret_done = err == OK;
	return err;
}

void
branch_task_end(struct work *w, struct str row)
{
	work_result(w, row);
	w->progress.done = w->progress.total = 1;
	w->progress.finished = w->progress.is_final = true;
}

/* ---- asking for it */
struct task
branch_task_new(const struct branch *in, const char *kind, struct id asked_by,
    struct buf *object)
{
	object_add(object, "author", in->writer.author);
	return (struct task){ .tenant = in->catalog.tenant,
		.kind = str_from(kind),
		.catalog = in->catalog.name,
		.cursor = object_end(object),
		.created_by = asked_by };
}
