/* exchange.c - admission, the stages, and what every reply has. */
#include "http/exchange.h"

#include "base/clock.h"
#include "http/forwarded.h"
#include "http/parking.h"
#include "http/passage.h"
#include "shm/slots.h"

void
front_init(struct front *front)
{
	TAILQ_INIT(&front->pooled);
	front->parking = parking_new(front);
}

void
front_clear(struct front *front)
{
	parking_free(front->parking);
	while (front->spare_count != 0)
		arena_free(front->spare[--front->spare_count]);
}

static struct arena *
arena_take(struct front *front)
{
	return front->spare_count != 0 ? front->spare[--front->spare_count]
				       : arena_new();
}

static void
arena_give(struct front *front, struct arena *a)
{
	if (front->spare_count == SPARES_MAX) {
		arena_free(a);
		return;
	}
	arena_reset(a);
	front->spare[front->spare_count++] = a;
}

struct exchange *
exchange_new(struct front *front, struct conn *conn, struct str peer)
{
	struct arena *a = arena_take(front);
	struct exchange *x = ARENA_NEW(a, struct exchange, 1);

	x->front = front;
	x->conn = conn;
	x->request.app = front->settings->app;
	x->request.arena = a;
	x->request.usage.lanes = front->settings->lanes;
	x->request.peer = x->request.client = arena_copy(a, peer);
	x->request.over_tls = front->acceptor != NULL;
	return x;
}

static int64_t
duration_of(const struct exchange *x)
{
	return x->begun_us != 0 ? clock_mono_us() - x->begun_us : 0;
}

static void
observe(struct exchange *x)
{
	const struct server_settings *settings = x->front->settings;

	if (settings->observe == NULL || x->given_up ||
	    x->request.id[0] == '\0')
		return;
	if (x->outcome.status == 0)
		x->outcome =
		    (struct outcome){ STATUS_CLIENT_GONE, duration_of(x), 0 };
	settings->observe(&x->request, &x->outcome);
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	observe(x);
	request_release(&x->request, NULL);
	framing_release(&x->front->bodies, &x->request);
	arena_give(x->front, x->request.arena);
}

/* Ids go into logs and headers: nothing that would need quoting there. */
static bool
id_is_usable(struct str id)
{
	if (id.len == 0 || id.len > REQUEST_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

/* The first is random, the others count from it: random bytes for each would
 * be a tenth of a small request. */
static void
make_id(struct front *front, char ret[ID_TEXT])
{
	uint8_t *b = front->request_id.b;

	if (id_is_nil(front->request_id))
		front->request_id = id_v4();
	for (size_t i = sizeof(front->request_id.b) - 1; i > 8; i--) {
		if (++b[i] != 0)
			break;
	}
	id_format(front->request_id, ret);
}

static void
choose_id(struct exchange *x)
{
	struct request *r = &x->request;
	struct str theirs = request_header(r, STR("X-Request-ID"));

	if (id_is_usable(theirs))
		memcpy(r->id, theirs.ptr, theirs.len);
	else
		make_id(x->front, r->id);
}

static enum err
decode_arguments(struct request *r, const struct route_match *match)
{
	for (size_t i = 0; i < match->arg_count; i++)
		TRY(request_decode(r->arena, match->arg[i],
		    "A segment of the path", &r->arg[i], &r->error));
	return OK;
}

static enum err
find_route(struct exchange *x)
{
	struct request *r = &x->request;
	struct route_match match =
	    router_find(x->front->router, r->method, r->path);

	if (match.allowed == 0)
		return fail(
		    &r->error, ERR_NOT_FOUND, "There is nothing at this path.");
	if (match.route == NULL) {
		r->allow = router_allow(r->arena, match.allowed);
		return fail(&r->error, ERR_METHOD_NOT_ALLOWED,
		    "This path takes " STR_FMT " only.", STR_ARG(r->allow));
	}
	r->route = match.route;
	return decode_arguments(r, &match);
}

void
exchange_admit(struct exchange *x)
{
	x->begun_us = clock_mono_us();
	choose_id(x);
	forwarded_read(&x->request, &x->front->settings->trusted_proxies);
	(void)find_route(x);
}

/* ---- on the pool */

static void
lane_has_room(struct lane_waiter *w)
{
	struct exchange *x = exchange_of_waiter(w);

	x->was_told = true;
	pool_submit(x->front->pool, &x->job);
}

/* Until the lane that is full has room; false: it has by now.  Behind true the
 * exchange may be on another thread already. */
static bool
wait_for_lane(struct exchange *x)
{
	struct usage *u = &x->request.usage;

	x->waiter.ready = lane_has_room;
	return lanes_wait(u->lanes, u->wants, &x->waiter);
}

static bool
run_job(struct job *job)
{
	struct exchange *x = exchange_of(job);
	struct usage *u = &x->request.usage;
	struct lanes *lanes = u->lanes;
	enum lane told = u->wants;
	bool was_told = x->was_told, done;

	x->was_told = false;
	do
		done = passage_run(x, false);
	while (!done && !wait_for_lane(x));
	if (was_told)
		lanes_tell_next(lanes, told);
	return done;
}

void
exchange_submit(struct exchange *x)
{
	x->job.run = run_job;
	x->front->pooled_count++;
	TAILQ_INSERT_TAIL(&x->front->pooled, x, list);
	pool_submit(x->front->pool, &x->job);
}

bool
exchange_start(struct exchange *x)
{
	struct request *r = &x->request;

	r->came_ns = clock_mono_ns();
	r->deadline_us =
	    r->came_ns / 1000 + x->front->settings->limits->request_time_us;
	if (r->error.code != OK || (r->route->flags & ROUTE_ON_LOOP) != 0)
		return passage_run(x, true);
	if (passage_is_optimistic(r))
		parking_add(x->front->parking, x);
	else
		exchange_submit(x);
	return false;
}

static void
shed(struct exchange *x)
{
	struct request *r = &x->request;

	slot_add(x->front->slot, GAUGE_SHED, 1);
	(void)fail(&r->error,
	    method_is_safe(r->method) ? ERR_UNAVAILABLE : ERR_SLOW_DOWN,
	    "The server is busy and has done nothing; try again later.");
	reply_error(r);
}

void
exchange_finish(struct exchange *x)
{
	x->front->pooled_count--;
	if (!x->given_up)
		TAILQ_REMOVE(&x->front->pooled, x, list);
	if (x->job.expired)
		shed(x);
}

/* Iceberg's clients take a 5xx on a commit for "perhaps done". */
static void
say_too_late(struct request *r, int fate)
{
	if (method_is_safe(r->method))
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
	y->begun_us = x->begun_us;
	y->request.route = from->route;
	y->request.method = from->method;
	y->request.path = arena_copy(y->request.arena, from->path);
	memcpy(y->request.id, from->id, sizeof(from->id));
	say_too_late(&y->request, fate);
	x->conn = NULL;
	return y;
}

/* The date is formatted once a second. */
static struct str
date_now(struct front *front)
{
	int64_t now = clock_now_us();

	if (now / CLOCK_SECOND != front->date_second) {
		front->date_second = now / CLOCK_SECOND;
		reply_date(now, front->date);
	}
	return str_from(front->date);
}

static void
settle_outcome(struct exchange *x)
{
	const struct reply *reply = &x->request.reply;

	x->outcome.status = reply->status;
	for (size_t i = 0; i < reply->part_count; i++)
		x->outcome.body_bytes += (int64_t)reply->part[i].len;
}

struct str
exchange_head(struct exchange *x)
{
	struct front *front = x->front;
	int64_t idle = front->settings->limits->idle_time_us;

	if (x->request.id[0] == '\0')
		choose_id(x);

	x->outcome.duration_us = duration_of(x);

	struct reply_frame frame = { .date = date_now(front),
		.keep_alive = x->keep_alive,
		.idle_seconds = idle / CLOCK_SECOND,
		.total_us = x->outcome.duration_us };
	struct str head = reply_head(&x->request, frame);

	settle_outcome(x);
	return head;
}
