/* exchange.c - admits requests, and writes the head of every reply. */
#include "http/exchange.h"

#include <assert.h>

#include "base/clock.h"
#include "http/base_path.h"
#include "http/cors.h"
#include "http/forwarded.h"
#include "http/no_auth.h"
#include "shm/slots.h"

/* Each exchange is zeroed; the C library zeroes more bytes than this by an
 * instruction that takes three times as long. */
static_assert(sizeof(struct exchange) <= 2048, "an exchange is small");

/* The kernel takes a millisecond to take back a few MiB: a pool thread frees
 * arenas of this size.  Requests that wait for memory are told then; memory of
 * smaller arenas is noticed within a tick. */
#define LARGE_BYTES ((size_t)1 << 20)

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

/* The exchange itself lies in the arena. */
static bool
free_large(struct job *job)
{
	struct request *r = &exchange_of(job)->request;
	struct bulkheads *bulkheads = r->usage.bulkheads;

	arena_free(r->arena);
	if (bulkheads != NULL)
		bulkheads_tell_next(bulkheads, BULKHEAD_MEMORY);
	return false;
}

struct exchange *
exchange_new(struct front *front, struct conn *conn, struct str peer)
{
	struct arena *a = arena_take(front);
	struct exchange *x = ARENA_NEW(a, struct exchange, 1);

	arena_set_ceiling(a, front->request_memory);
	x->front = front;
	x->conn = conn;
	x->until = STAGE_DONE;
	x->request.usage.metadata_bytes =
	    front->settings->limits->metadata_bytes;
	x->request.app = front->settings->app;
	x->request.arena = a;
	x->request.usage.bulkheads = front->settings->bulkheads;
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
	bodies_release(&x->front->bodies, &x->request);
	if (x->front->pool == NULL ||
	    arena_held(x->request.arena) <= LARGE_BYTES) {
		arena_give(x->front, x->request.arena);
		return;
	}
	x->job.run = free_large;
	pool_submit(x->front->pool, &x->job);
}

bool
exchange_is_over(struct job *job)
{
	if (job->run != free_large)
		return false;
	(void)free_large(job);
	return true;
}

/* Ids go into logs and headers: only bytes that need no quoting there. */
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

static void
choose_id(struct exchange *x)
{
	struct request *r = &x->request;
	struct str theirs = request_header(r, STR("X-Request-ID"));

	if (id_is_usable(theirs))
		memcpy(r->id, theirs.ptr, theirs.len);
	else
		id_format(id_v4_of(&x->front->request_ids), r->id);
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
		return base_path_fail(r, x->front->settings->public_url,
		    x->front->settings->listen);
	r->route = match.route != NULL
		       ? match.route
		       : cors_preflight(r, x->front->settings->cors_origins);
	if (r->route == NULL) {
		r->allow = router_allow(r->arena, match.allowed);
		return fail(&r->error, ERR_METHOD_NOT_ALLOWED,
		    "This path takes " STR_FMT " only.", STR_ARG(r->allow));
	}
	if ((r->route->flags & (ROUTE_CREDENTIALS | ROUTE_SECRETS)) != 0)
		arena_wipe(r->arena);
	return decode_arguments(r, &match);
}

static enum err
admit(struct exchange *x)
{
	const struct server_settings *settings = x->front->settings;

	TRY(find_route(x));
	return settings->no_auth
		   ? no_auth_check(&x->request, settings->public_url)
		   : OK;
}

void
exchange_admit(struct exchange *x)
{
	x->begun_us = clock_mono_us();
	choose_id(x);
	forwarded_read(&x->request, &x->front->settings->trusted_proxies);
	(void)admit(x);
}

bool
exchange_is_let_in(const struct exchange *x)
{
	return x->stage == STAGE_UNPACK && x->request.error.code == OK;
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
		.total_us = x->outcome.duration_us,
		.hsts = front->settings->hsts,
		.cors =
		    cors_lines(&x->request, front->settings->cors_origins) };
	struct str head = reply_head(&x->request, frame);

	settle_outcome(x);
	return head;
}
