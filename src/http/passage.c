/* passage.c - stages, and what is undone when one would block. */
#include "http/passage.h"

#include "base/clock.h"
#include "base/fault.h"
#include "http/coding.h"

bool
passage_is_optimistic(const struct request *r)
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

/* Those that may write are few at a time: they wait for each other, for turns
 * and for whoever leads a group, and would take all threads with them. */
static enum err
handle(const struct stages *stages, struct request *r)
{
	struct call c = call_of(r);

	if (method_is_safe(r->method) || (r->route->flags & ROUTE_PUBLIC) != 0)
		return r->route->handle(r);
	TRY(lane_enter(&c, LANE_WRITE));

	enum err err = lane_leave(&c, LANE_WRITE,
	    stages->handle != NULL ? stages->handle(r) : r->route->handle(r));

	FAULT_POINT("before_reply");
	return err;
}

/* A reply that cannot be packed in time goes out as it is. */
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
		return (flags & ROUTE_PUBLIC) != 0
			   ? OK
			   : settings->stages.identify(r);
	case STAGE_AUTHORIZE:
		return (flags & ROUTE_PUBLIC) != 0
			   ? OK
			   : settings->stages.authorize(r);
	case STAGE_UNPACK:
		return (flags & ROUTE_ON_LOOP) != 0
			   ? OK
			   : coding_unpack(
				 r, settings->limits, &x->front->bodies);
	case STAGE_HANDLE:
		return handle(&settings->stages, r);
	case STAGE_PACK:
		return pack(r);
	case STAGE_DONE:
		break;
	}
	return OK;
}

/* "Not now, and nothing was done" is 503 for reads.  Iceberg's clients take a
 * 5xx on a commit for "perhaps done": whatever may change something gets 429,
 * also when the store cannot be reached. */
static void
fail_request(struct request *r, enum err code)
{
	if (r->error.code == OK)
		(void)fail(&r->error, code, "The request failed.");
	if (r->error.code == ERR_SLOW_DOWN || r->error.code == ERR_UNAVAILABLE)
		r->error.code =
		    method_is_safe(r->method) ? ERR_UNAVAILABLE : ERR_SLOW_DOWN;
	reply_error(r);
}

/* True when the stage is finished, well or not. */
static bool
pass_stage(struct exchange *x)
{
	struct request *r = &x->request;
	const struct release *releases = r->releases;
	const struct reply reply = r->reply;
	struct arena_mark mark = arena_mark(r->arena);
	enum err before = r->error.code, code = run_stage(x);

	if (code != OK &&
	    (r->usage.refused || (r->nowait && code == ERR_WOULD_BLOCK))) {
		request_release(r, releases);
		arena_cut(r->arena, mark);
		r->reply = reply;
		r->error.code = before;
		return false;
	}
	if (code != OK) {
		fail_request(r, code);
		x->stage = STAGE_PACK;
	} else {
		x->stage++;
	}
	return true;
}

bool
passage_run(struct exchange *x, bool on_loop)
{
	struct usage *u = &x->request.usage;

	x->request.nowait = on_loop;
	u->begun_us = clock_mono_us();
	u->refused = false;
	while (x->stage != STAGE_DONE) {
		if (!pass_stage(x))
			return false;
	}
	return true;
}
