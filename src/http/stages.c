/* stages.c - runs each stage and undoes one that would block. */
#include "http/stages.h"

#include "base/clock.h"
#include "base/fault.h"
#include "http/coding.h"
#include "http/streaming.h"

/* Handling a body takes about so many times its bytes, and so many bytes for
 * each of its values.  Smaller bodies need no reservation. */
#define BODY_TIMES 4
#define VALUE_BYTES 200
#define BODY_COUNTED ((size_t)8 * 1024)

/* A body of more bytes is taken for the reason why a request needs too much. */
#define BODY_IS_LARGE ((size_t)64 * 1024)

bool
stages_are_optimistic(const struct request *r)
{
	return r->error.code == OK && method_is_safe(r->method) &&
	       (r->route->flags & (ROUTE_PUBLIC | ROUTE_ON_LOOP)) == 0 &&
	       r->body.len == 0;
}

static struct call
call_of(struct request *r)
{
	return (struct call){ .arena = r->arena,
		.error = &r->error,
		.deadline_us = r->deadline_us,
		.nowait = r->nowait,
		.usage = &r->usage };
}

/* All values of a list or an object but the last have a comma behind them. */
static size_t
memory_of(struct str body)
{
	size_t values = 0;

	if (body.len < BODY_COUNTED)
		return 0;
	for (size_t i = 0; i < body.len; i++)
		values += body.ptr[i] == ',';
	return body.len * BODY_TIMES + values * VALUE_BYTES;
}

/* Only a few requests that may write run at a time: they wait for each other,
 * for tickets and for the leader of a group commit, and would take all threads
 * with them. */
static enum err
handle(const struct stages *stages, struct request *r)
{
	struct call c = call_of(r);

	if ((r->route->flags & ROUTE_ON_LOOP) == 0)
		TRY(memory_enter(&c, memory_of(r->body)));
	if (r->reply.streaming != NULL)
		return streaming_go_on(r);
	if (request_reads(r) || (r->route->flags & ROUTE_PUBLIC) != 0)
		return r->route->handle(r);
	TRY(bulkhead_enter(&c, BULKHEAD_WRITE));

	enum err err = bulkhead_leave(&c, BULKHEAD_WRITE,
	    stages->handle != NULL ? stages->handle(r) : r->route->handle(r));

	FAULT_POINT("before_reply");
	return err;
}

/* A reply that cannot be packed in time, or for which there is no memory, goes
 * out as it is. */
static enum err
pack(struct request *r)
{
	struct error ignored;
	struct call c = call_of(r);
	size_t bytes;

	if (r->route == NULL || (r->route->flags & ROUTE_ON_LOOP) != 0)
		return OK;
	bytes = coding_packs(r);
	c.error = &ignored;
	if (bytes > LOOP_BYTES &&
	    (bytes > arena_room(r->arena) || !arena_reserve(r->arena, bytes)))
		return OK;
	if (cpu_enter(&c, bytes) != OK)
		return r->usage.refused ? ERR_WOULD_BLOCK : OK;
	coding_pack(r);
	cpu_leave(&c, bytes);
	return OK;
}

static enum err
run_stage(struct exchange *x)
{
	struct request *r = &x->request;
	const struct server_settings *settings = x->front->settings;
	unsigned flags = r->error.code == OK ? r->route->flags : 0;

	switch (x->stage) {
	case STAGE_IDENTIFY:
		if (r->error.code != OK)
			return r->error.code;
		if ((flags & ROUTE_PUBLIC) != 0)
			return OK;
		TRY(settings->stages.identify(r));
		return bodies_identified(
		    &x->front->bodies, settings->limits, r);
	case STAGE_AUTHORIZE:
		return (flags & ROUTE_PUBLIC) != 0
			   ? OK
			   : settings->stages.authorize(r);
	case STAGE_UNPACK: /* of GET a body means nothing (RFC 9110, 9.3.1) */
		return (flags & (ROUTE_ON_LOOP | ROUTE_PUBLIC)) != 0 ||
			       method_is_safe(r->method)
			   ? OK
			   : coding_unpack(
				 r, settings->limits, &x->front->bodies);
	case STAGE_HANDLE:
		TRY(handle(&settings->stages, r));
		if (r->principal != NULL && !r->is_authorized)
			return fail(&r->error, ERR_INTERNAL,
			    "Nobody has authorized this request");
		return OK;
	case STAGE_PACK:
		return pack(r);
	case STAGE_DONE:
		break;
	}
	return OK;
}

/* Once a change was handed to the store, nobody knows what was done. */
static enum err
memory_error(struct request *r, enum err code)
{
	if (r->usage.submitted)
		return ERR_COMMIT_UNKNOWN;
	if (code == ERR_UNAVAILABLE)
		return code;
	return r->body.len > BODY_IS_LARGE ? ERR_TOO_LARGE : ERR_BAD_REQUEST;
}

/* A stage that took too much memory has failed, unless it has changed
 * something. */
static enum err
check_memory(struct exchange *x)
{
	struct request *r = &x->request;

	if (x->stage == STAGE_PACK || r->usage.submitted)
		return OK;
	return arena_check(r->arena, &r->error);
}

static bool
failed_for_memory(const struct request *r, enum err code)
{
	struct error ignored;

	return code == ERR_MEMORY ||
	       (code != OK && code == arena_check(r->arena, &ignored));
}

/* "Not now, and nothing was done" is 503 for reads.  Iceberg's clients take a
 * 5xx on a commit for "perhaps done": whatever may change something gets 429,
 * also when the store cannot be reached.  Who has used up a limit of their own
 * is always told 429. */
static void
fail_request(struct request *r, enum err code)
{
	if (r->error.code == OK)
		(void)fail(&r->error, code, "The request failed.");
	if (r->retry_after_s == 0 && (r->error.code == ERR_SLOW_DOWN ||
					 r->error.code == ERR_UNAVAILABLE))
		r->error.code =
		    request_reads(r) ? ERR_UNAVAILABLE : ERR_SLOW_DOWN;
	reply_error(r);
}

/* The request as it was before a stage. */
struct before {
	const struct release *releases;
	struct reply reply;
	struct arena_mark mark;
	enum err code;
};

static void
undo_stage(struct request *r, const struct before *before)
{
	request_release(r, before->releases);
	arena_cut(r->arena, before->mark);
	arena_unreserve(r->arena);
	r->reply = before->reply;
	r->tried = NULL;
	r->usage.deed = NULL;
}

/* The memory that a handler took is freed before its failure is answered. */
static void
fail_for_memory(struct exchange *x, const struct before *before)
{
	struct request *r = &x->request;

	slot_add_on_thread(x->front->slot, GAUGE_MEMORY_REFUSED, 1);
	r->error.code = memory_error(r, r->error.code);
	if (x->stage == STAGE_HANDLE)
		undo_stage(r, before);
}

/* True when the stage is finished, successfully or not. */
static bool
pass_stage(struct exchange *x)
{
	struct request *r = &x->request;
	const struct before before = { r->releases, r->reply,
		arena_mark(r->arena), r->error.code };
	enum err code = run_stage(x);

	if (code == OK)
		code = check_memory(x);
	if (code == OK) {
		if (r->error.code != OK)
			r->error.code = OK; /* what was tried in vain */
		x->stage++;
		return true;
	}
	if (r->usage.refused || (r->nowait && code == ERR_WOULD_BLOCK)) {
		undo_stage(r, &before);
		r->error.code = before.code;
		return false;
	}
	if (failed_for_memory(r, r->error.code))
		fail_for_memory(x, &before);
	fail_request(r, code);
	x->stage = STAGE_PACK;
	return true;
}

bool
stages_run(struct exchange *x, bool on_loop)
{
	struct usage *u = &x->request.usage;

	x->request.nowait = on_loop;
	u->begun_us = clock_mono_us();
	u->refused = false;
	while (x->stage < x->until) {
		if (!pass_stage(x))
			return false;
	}
	return true;
}
