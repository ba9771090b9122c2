/*
 * connection.c - conns on kore's connections and event loop.
 *
 * kore gives its callbacks no context, so the worker's front is a static here.
 * Only these callbacks disconnect: nothing is freed under a caller's feet.
 */
#include "http/connection.h"

#include <arpa/inet.h>
#include <kore/kore.h>
#include <poll.h>
#include <stdlib.h>

#include "http/conn.h"
#include "http/exchange_threads.h"
#include "http/read_batch.h"
#include "shm/slots.h"

/* kore finds it by name and calls it for each new connection. */
__attribute__((visibility("default"))) void http_connection_accept(
    struct connection *);

/* How many connections move a part of something large in one turn of the loop:
 * a flood of bodies holds up everybody else for no longer than that takes. */
#define BULK_PARTS 4

/* Our part of kore's connection. */
struct client {
	struct conn conn; /* first: the list is of conns */
	struct connection *kore;
};

LIST_HEAD(conn_list, conn);
TAILQ_HEAD(bulk_list, conn);

static struct front *front;
static struct conn_list conns;
static struct bulk_list bulk; /* the first goes next */
static size_t conn_count;

void
connections_init(struct front *f)
{
	front = f;
	LIST_INIT(&conns);
	TAILQ_INIT(&bulk);
}

size_t
connections_count(void)
{
	return conn_count;
}

static struct connection *
kore_of(struct conn *c)
{
	return ((struct client *)(void *)c)->kore;
}

static void
follow(struct conn *c, enum conn_next next)
{
	struct connection *k = kore_of(c);

	if (next == CONN_AGAIN) /* sets an edge again: an event will come */
		kore_platform_event_all(k->fd, k);
	else if (next == CONN_GONE)
		kore_connection_disconnect(k);
}

static void
wait_in_bulk(struct conn *c)
{
	if (!c->in_bulk)
		TAILQ_INSERT_TAIL(&bulk, c, bulk);
	c->in_bulk = true;
}

static void
leave_bulk(struct conn *c)
{
	if (c->in_bulk)
		TAILQ_REMOVE(&bulk, c, bulk);
	c->in_bulk = false;
}

/* Those that wait for the next turn see to it that it comes at once. */
static void
advance_bulk(void)
{
	struct conn *c;

	for (int n = 0; n < BULK_PARTS; n++) {
		c = TAILQ_FIRST(&bulk);
		if (c == NULL)
			return;
		leave_bulk(c);
		follow(c, conn_advance(c));
	}
	c = TAILQ_FIRST(&bulk);
	if (c != NULL)
		follow(c, CONN_AGAIN);
}

/* epoll reports a half-closed client as it does a dead one. */
static bool
is_dead(const struct connection *k)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };

	return poll(&p, 1, 0) < 0 || (p.revents & (POLLERR | POLLHUP)) != 0;
}

static void
conn_event(void *arg, int error)
{
	struct connection *k = arg;
	struct conn *c = k->hdlr_extra;

	if (c == NULL)
		return; /* disconnected earlier in this round */
	if (error && is_dead(k)) {
		kore_connection_disconnect(k);
		return;
	}
	c->ending |= error != 0;
	c->readable |= (k->evt.flags & KORE_EVENT_READ) != 0;
	c->writable |= (k->evt.flags & KORE_EVENT_WRITE) != 0;
	k->evt.flags &= ~(KORE_EVENT_READ | KORE_EVENT_WRITE);
	if (conn_is_bulk(c))
		wait_in_bulk(c);
	else
		follow(c, conn_advance(c));
}

static void
count_connections(int change)
{
	conn_count += (size_t)change;
	slot_set(front->slot, GAUGE_CONNECTIONS, (int64_t)conn_count);
}

static void
conn_disconnected(struct connection *k)
{
	struct conn *c = k->hdlr_extra;

	k->hdlr_extra = NULL; /* kore would free it with its own allocator */
	conn_clear(c);
	leave_bulk(c);
	LIST_REMOVE(c, list);
	free(c);
	count_connections(-1);
}

void
http_connection_accept(struct connection *k)
{
	const void *address = k->family == AF_INET6
				  ? (const void *)&k->addr.ipv6.sin6_addr
				  : (const void *)&k->addr.ipv4.sin_addr;
	struct client *client = calloc(1, sizeof(*client));
	char peer[INET6_ADDRSTRLEN];

	if (client == NULL)
		abort();
	client->kore = k;
	if (inet_ntop(k->family, address, peer, sizeof(peer)) == NULL)
		peer[0] = '\0';
	conn_init(&client->conn, front, k->fd, str_from(peer));
	LIST_INSERT_HEAD(&conns, &client->conn, list);
	slot_add(front->slot, GAUGE_ACCEPTED, 1);
	count_connections(1);

	k->state = CONN_STATE_ESTABLISHED;
	k->proto = CONN_PROTO_UNKNOWN; /* nothing of kore's http.c applies */
	k->evt.handle = conn_event;
	k->evt.flags = 0;
	k->disconnect = conn_disconnected;
	k->hdlr_extra = client;
	/* kore restarts its idle timer on any event; conns have their own */
	k->idle_timer.length = UINT64_MAX;
}

static void
answer(struct exchange *x)
{
	struct conn *c = x->conn;

	if (c == NULL) {
		exchange_free(x);
		return;
	}
	conn_answer(c);
	follow(c, conn_advance(c));
}

void
connections_answer(struct job *finished)
{
	while (finished != NULL) {
		struct job *job = finished;

		finished = job->next;
		if (read_batch_takes(front->read_batch, job) ||
		    exchange_is_over(job))
			continue;
		exchange_finish(exchange_of(job));
		answer(exchange_of(job));
	}
}

void
connections_end_turn(void)
{
	struct exchange *x;

	if (front == NULL)
		return;
	read_batch_begin_turn(front->read_batch);
	while ((x = read_batch_next(front->read_batch)) != NULL)
		answer(x);
	advance_bulk();
}

static void
shed_from_bulkheads(int64_t since_us)
{
	struct bulkheads *bulkheads = front->settings->bulkheads;
	struct bulkhead_waiter *w =
	    bulkheads != NULL ? bulkheads_expire(bulkheads, since_us) : NULL;

	while (w != NULL) {
		struct exchange *x = exchange_of_waiter(w);

		w = w->next;
		x->job.expired = true;
		exchange_finish(x);
		answer(x);
	}
}

static void
give_up_late(int64_t deadline_us)
{
	struct exchange *x;

	while ((x = TAILQ_FIRST(&front->pooled)) != NULL &&
	       x->request.deadline_us < deadline_us) {
		struct conn *c = x->conn;
		struct exchange *reply = exchange_give_up(x);

		if (reply == NULL)
			continue;
		c->running = reply;
		answer(reply);
	}
}

void
connections_shed(int64_t waiting_since_us, int64_t late_us)
{
	pool_expire(front->pool, waiting_since_us);
	read_batch_expire(front->read_batch, waiting_since_us);
	shed_from_bulkheads(waiting_since_us);
	give_up_late(late_us);
}

void
connections_expire(int64_t now_us)
{
	struct conn *next;

	for (struct conn *c = LIST_FIRST(&conns); c != NULL; c = next) {
		enum conn_next then = conn_expire(c, now_us);

		next = LIST_NEXT(c, list);
		follow(c, then == CONN_AGAIN ? conn_advance(c) : then);
	}
}

void
connections_drain(bool newcomers)
{
	struct conn *next;

	for (struct conn *c = LIST_FIRST(&conns); c != NULL; c = next) {
		next = LIST_NEXT(c, list);
		c->readable = true; /* a request may just have come */

		enum conn_next then = conn_advance(c);

		bool spared = c->answered == 0 && !newcomers;

		follow(c, conn_is_idle(c) && !spared ? CONN_GONE : then);
	}
}
