/*
 * restore_api.c - the routes that pick or revert a commit, or reset a branch.
 */
#include "api/form_body.h"
#include "api/forms_merges.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "api/later.h"
#include "api/merge_target.h"
#include "api/target_access.h"
#include "identity/principal.h"
#include "tasks/restore_branch.h"
#include "versions/reverts.h"

static void
reply_restored(struct request *r, struct id commit, bool changed)
{
	const struct restore_body body = {
		changed ? STR("completed") : STR("unchanged"), r->arg[0], commit
	};

	reply_form(r, &form_restored, &body);
}

static enum err
restore_later(struct request *r, struct call *c, const struct branch *in,
    const struct restore_ask *ask)
{
	struct task new;

	TRY(restore_check_ask(c, in, ask));
	new = restore_task(c, in, ask, r->principal->id);
	return later_submit(r, c, &new);
}

static enum err
handle(struct request *r, enum restore_kind kind)
{
	struct call call = request_call(r);
	struct restore_request body;
	struct restored done;
	struct branch in;

	TRY(body_decode(r, &form_restore_request, &body));
	TRY(merge_message_check(r, &body.message));
	TRY(merge_catalog(r, &call, body.catalog, r->arg[0], &in));
	if (kind == RESTORE_PICK) /* a commit of any branch */
		TRY(merge_source(r, &in, REF_EVERY));

	const struct restore_ask ask = { .kind = kind,
		.branch = r->arg[0],
		.commit = body.commit,
		.message = body.message };

	if (body.as_task == FORM_TRUE)
		return restore_later(r, &call, &in, &ask);
	TRY(restore(&call, &in, &ask, &done));
	reply_restored(r, done.commit, done.changed);
	return OK;
}

/* The commit has the id of the key. */
enum err
restore_again(struct request *r, struct call *call, const struct answer *first)
{
	(void)call;
	if (later_again(r, first))
		return OK;
	reply_restored(r, r->idempotency->id, true);
	return OK;
}

enum err
branch_reset_post(struct request *r)
{
	return handle(r, RESTORE_RESET);
}

enum err
branch_revert_post(struct request *r)
{
	return handle(r, RESTORE_REVERT);
}

enum err
branch_pick_post(struct request *r)
{
	return handle(r, RESTORE_PICK);
}
