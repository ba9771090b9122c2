#include "http/exchange_start.h"

#include "base/clock.h"
#include "http/exchange_threads.h"
#include "http/read_batch.h"
#include "http/stages.h"
#include "http/streaming.h"

/* The clock of the request starts: it is to reach this stage in time. */
static void
begin(struct exchange *x, enum stage until)
{
	struct request *r = &x->request;

	x->until = until;
	x->waiter.since_us = 0;
	r->came_ns = clock_mono_ns();
	r->deadline_us =
	    r->came_ns / 1000 + x->front->settings->limits->request_time_us;
}

void
exchange_identify(struct exchange *x)
{
	begin(x, STAGE_UNPACK);
	read_batch_add(x->front->read_batch, x);
}

bool
exchange_start(struct exchange *x)
{
	struct request *r = &x->request;

	/* a body may take hours, in which sessions and tenants end */
	if (x->stage != STAGE_IDENTIFY && clock_mono_us() > r->deadline_us)
		x->stage = STAGE_IDENTIFY;
	begin(x, STAGE_DONE);
	if (r->error.code != OK || (r->route->flags & ROUTE_ON_LOOP) != 0)
		return stages_run(x, true);
	if (!stages_are_optimistic(r))
		return !exchange_submit(x);
	read_batch_add(x->front->read_batch, x);
	return false;
}

/* As behind a long body: sessions and tenants end meanwhile. */
bool
exchange_go_on(struct exchange *x)
{
	int64_t *known_until = &x->request.reply.streaming->known_until;
	bool is_known;

	if (*known_until == 0)
		*known_until = x->request.deadline_us;
	is_known = clock_mono_us() <= *known_until;
	begin(x, STAGE_DONE);
	x->stage = is_known ? STAGE_HANDLE : STAGE_IDENTIFY;
	if (!is_known)
		*known_until = x->request.deadline_us;
	x->part_is_sent = true;
	return exchange_submit(x);
}
