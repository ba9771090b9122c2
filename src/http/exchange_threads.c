#include "http/exchange_threads.h"

#include "base/clock.h"
#include "http/stages.h"
#include "http/streaming.h"
#include "shm/slots.h"

static void
bulkhead_has_room(struct bulkhead_waiter *w)
{
	struct exchange *x = exchange_of_waiter(w);

	x->was_told = true;
	pool_submit(x->front->pool, &x->job);
}

/* Waits until the full bulkhead has room.  False: it has room by now.  After
 * true another thread may have the exchange already.  What its arena holds is
 * counted already, so the wait is for the rest. */
static bool
wait_for_bulkhead(struct exchange *x)
{
	struct usage *u = &x->request.usage;
	size_t held = arena_held(x->request.arena);

	x->waiter.ready = bulkhead_has_room;
	x->waiter.bytes = u->wants_part > held ? u->wants_part - held : 0;
	return bulkheads_wait(u, &x->waiter);
}

static bool
run_job(struct job *job)
{
	struct exchange *x = exchange_of(job);
	struct usage *u = &x->request.usage;
	struct bulkheads *bulkheads = u->bulkheads;
	enum bulkhead told = u->wants;
	bool was_told = x->was_told, done;

	x->was_told = false;
	if (x->part_is_sent)
		streaming_free_part(&x->request);
	x->part_is_sent = false;
	do
		done = stages_run(x, false);
	while (!done && !wait_for_bulkhead(x));
	if (was_told)
		bulkheads_tell_next(bulkheads, told);
	return done;
}

static void
shed(struct exchange *x)
{
	struct request *r = &x->request;

	slot_add(x->front->slot, GAUGE_SHED, 1);
	(void)fail(&r->error,
	    request_reads(r) ? ERR_UNAVAILABLE : ERR_SLOW_DOWN,
	    "The server is busy and has done nothing; try again later.");
	reply_error(r);
}

/* Requests that need no thread are answered even while memory is short. */
static bool
memory_is_short(struct exchange *x)
{
	if (!budget_is_exceeded(&process_budget))
		return false;
	slot_add(x->front->slot, GAUGE_MEMORY_REFUSED, 1);
	shed(x);
	return true;
}

bool
exchange_submit(struct exchange *x)
{
	if (memory_is_short(x))
		return false;
	x->job.run = run_job;
	x->front->pooled_count++;
	TAILQ_INSERT_TAIL(&x->front->pooled, x, list);
	pool_submit(x->front->pool, &x->job);
	return true;
}

void
exchange_finish(struct exchange *x)
{
	x->front->pooled_count--;
	if (!x->given_up)
		TAILQ_REMOVE(&x->front->pooled, x, list);
	if (!x->job.expired)
		return;
	if (x->was_told) /* and will not use the room, so another may */
		bulkheads_tell_next(
		    x->request.usage.bulkheads, x->request.usage.wants);
	shed(x);
}

/* Iceberg's clients take a 5xx on a commit for "perhaps done". */
static void
say_too_late(struct request *r, int fate)
{
	if (request_reads(r))
		(void)fail(&r->error, ERR_UNAVAILABLE,
		    "The request could not be answered in time.");
	else if (fate == FATE_WRITES)
		(void)fail(&r->error, ERR_COMMIT_UNKNOWN,
		    "The request took too long; it may have been done.");
	else
		(void)fail(&r->error, ERR_SLOW_DOWN,
		    "The request took too long; nothing has been done.");
	reply_error(r);
}

/* Reads nothing that a thread may be writing: route, method, path, client and
 * id were settled when the head came. */
struct exchange *
exchange_give_up(struct exchange *x)
{
	struct front *front = x->front;
	const struct request *from = &x->request;
	struct exchange *y;
	int fate = FATE_OPEN;

	TAILQ_REMOVE(&front->pooled, x, list);
	x->given_up = true;
	(void)atomic_compare_exchange_strong(
	    &x->request.usage.fate, &fate, FATE_GIVEN_UP);
	if (x->conn == NULL)
		return NULL;
	y = exchange_new(front, x->conn, from->peer);
	y->keep_alive = x->keep_alive;
	y->is_streaming = x->is_streaming;
	y->begun_us = x->begun_us;
	y->request.route = from->route;
	y->request.method = from->method;
	y->request.path = arena_copy(y->request.arena, from->path);
	y->request.client = arena_copy(y->request.arena, from->client);
	memcpy(y->request.id, from->id, sizeof(from->id));
	say_too_late(&y->request, fate);
	x->conn = NULL;
	return y;
}
