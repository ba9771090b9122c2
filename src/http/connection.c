/*
 * connection.c - one client: bytes in, exchanges, bytes out.
 *
 * Events are edge-triggered.  kore keeps "readable" and "writable" in
 * evt.flags until we clear them, so whatever is left undone (a request runs,
 * too much waits to be sent) is taken up again by conn_advance().
 *
 * Functions that return bool say whether the connection may go on; only those
 * that kore or the server calls disconnect it, so that nothing is freed under
 * a caller's feet.
 */
#include "http/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <kore/kore.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "http/outbox.h"
#include "shm/slots.h"

#define READ_BYTES (64 * 1024)

/* How often one client may fill the buffer before the others' turn. */
#define TURNS_MAX 4

/* kore finds it by name and calls it for each new connection. */
__attribute__((visibility("default"))) void http_connection_accept(
    struct connection *);

enum conn_state {
	CONN_SERVING,
	CONN_CLOSING,  /* no more requests; the outbox is being sent */
	CONN_LINGERING /* said goodbye; what still comes is thrown away */
};

struct conn {
	struct connection *kore;
	LIST_ENTRY(conn) list;
	struct framing framing;
	struct exchange *reading; /* its end has not come; NULL: none */
	struct exchange *running; /* on the pool; NULL: none */
	struct outbox outbox;
	struct str input; /* read, not used; in `kept` or the worker's buffer */
	char *kept;       /* what `input` points to between two events */
	enum conn_state state;
	bool ending;      /* epoll says that the end is in sight */
	bool input_ended; /* the client has shut its side down */
	bool linger;      /* unread input may be under way: close gently */
	int64_t lingered; /* bytes thrown away */
	int64_t deadline_us;
	char peer[INET6_ADDRSTRLEN];
};

LIST_HEAD(conn_list, conn);

static struct front *front;
static struct conn_list conns;
static size_t conn_count;
static char read_buffer[READ_BYTES];

void
connections_init(struct front *f)
{
	front = f;
	LIST_INIT(&conns);
}

size_t
connections_count(void)
{
	return conn_count;
}

static void
set_deadline(struct conn *c, int64_t from_now_us)
{
	c->deadline_us = clock_mono_us() + from_now_us;
}

/* ---- out */

static void
answer(struct conn *c, struct exchange *x)
{
	x->keep_alive = x->keep_alive && !front->draining;
	if (!x->keep_alive && c->state == CONN_SERVING)
		c->state = CONN_CLOSING;
	slot_add(front->slot, GAUGE_REQUESTS, 1);
	outbox_add_reply(&c->outbox, x);
}

/* The rest of the input is not understood or not wanted. */
static void
refuse(struct conn *c)
{
	struct exchange *x = c->reading;

	c->reading = NULL;
	c->linger = true;
	set_deadline(c, front->settings->limits->drain_time_us);
	x->keep_alive = false;
	reply_error(&x->request);
	answer(c, x);
}

static bool
send_outbox(struct conn *c)
{
	if ((c->kore->evt.flags & KORE_EVENT_WRITE) == 0)
		return true;
	switch (outbox_send(&c->outbox, c->kore->fd)) {
	case OUTBOX_EMPTY:
		return true;
	case OUTBOX_BLOCKED:
		c->kore->evt.flags &= ~KORE_EVENT_WRITE;
		return true;
	case OUTBOX_BROKEN:
		break;
	}
	return false;
}

/* ---- in */

/* Small bodies of refused requests are read to their end, so that the
 * connection can go on. */
static bool
worth_reading(const struct framing *f)
{
	return f->content_length >= 0 && f->content_length <= READ_BYTES &&
	       !f->continue_expected;
}

static void
head_received(struct conn *c)
{
	struct exchange *x = c->reading;
	const struct framing *f = &c->framing;

	exchange_admit(x);
	if (x->request.error.code != OK && f->body_expected &&
	    !worth_reading(f))
		refuse(c);
	else if (f->continue_expected && c->input.len == 0)
		outbox_add_interim(
		    &c->outbox, x, STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

static void
run_job(struct job *job)
{
	exchange_run(
	    (struct exchange *)(void *)((char *)job -
					offsetof(struct exchange, job)));
}

static void
request_received(struct conn *c)
{
	struct exchange *x = c->reading;
	struct request *r = &x->request;

	c->reading = NULL;
	x->keep_alive = c->framing.keep_alive;
	r->deadline_us =
	    clock_mono_us() + front->settings->limits->request_time_us;
	if (r->error.code != OK || (r->route->flags & ROUTE_ON_LOOP) != 0) {
		exchange_run(x);
		answer(c, x);
		return;
	}
	c->running = x;
	x->job.run = run_job;
	front->pooled++;
	pool_submit(front->pool, &x->job);
}

static void
use_input(struct conn *c)
{
	enum framing_event event;

	if (c->reading == NULL) {
		c->reading = exchange_new(front, c, str_from(c->peer));
		framing_start(&c->framing, &c->reading->request);
		set_deadline(c, front->settings->limits->idle_time_us);
	}
	do {
		size_t used;

		event = framing_feed(&c->framing, c->input, &used);
		c->input = str_skip(c->input, used);
		if (event == FRAMING_HEAD)
			head_received(c);
	} while (event == FRAMING_HEAD && c->reading != NULL);
	if (event == FRAMING_END)
		request_received(c);
	else if (event == FRAMING_REFUSED)
		refuse(c);
}

/* Bytes read; 0: there are none now, or no more at all; -1: broken. */
static ssize_t
receive(struct conn *c)
{
	struct connection *k = c->kore;

	while ((k->evt.flags & KORE_EVENT_READ) != 0) {
		ssize_t n = recv(k->fd, read_buffer, READ_BYTES, 0);

		if (n > 0) {
			/* a short read leaves nothing but perhaps the end */
			if (n < READ_BYTES && !c->ending)
				k->evt.flags &= ~KORE_EVENT_READ;
			return n;
		}
		if (n == 0)
			c->input_ended = true;
		else if (errno == EINTR)
			continue;
		else if (errno != EAGAIN)
			return -1;
		k->evt.flags &= ~KORE_EVENT_READ;
	}
	return 0;
}

/* Back-pressure: one request runs, and the next begins only when little waits
 * to be sent. */
static bool
wants_input(const struct conn *c)
{
	return c->state == CONN_SERVING && c->running == NULL &&
	       (int64_t)c->outbox.waiting <
		   front->settings->limits->output_bytes;
}

/* Uses what is there, or else one buffer full. */
static bool
take_input(struct conn *c)
{
	if (c->input.len == 0 && wants_input(c)) {
		ssize_t n = receive(c);

		if (n < 0)
			return false;
		c->input = (struct str){ read_buffer, (size_t)n };
	}
	while (c->input.len != 0 && wants_input(c))
		use_input(c);
	return true;
}

/* What was read and not used must not stay in the worker's buffer. */
static void
keep_input(struct conn *c)
{
	char *kept = NULL;

	if (c->input.len != 0) {
		kept = malloc(c->input.len);
		if (kept == NULL)
			abort();
		memcpy(kept, c->input.ptr, c->input.len);
		c->input.ptr = kept;
	}
	free(c->kept);
	c->kept = kept;
}

/* ---- the end */

/* A close() with unread input resets the connection, and the client may lose
 * our last words; so it is asked to stop and heard out for a while. */
static bool
throw_away_input(struct conn *c)
{
	while (!c->input_ended) {
		ssize_t n = receive(c);

		c->lingered += n;
		if (n < 0 || c->lingered > front->settings->limits->drain_bytes)
			return false;
		if (n == 0)
			return !c->input_ended;
	}
	return false;
}

static bool
say_goodbye(struct conn *c)
{
	if (c->input_ended || (!c->linger && c->input.len == 0))
		return false;
	c->state = CONN_LINGERING;
	set_deadline(c, front->settings->limits->drain_time_us);
	return shutdown(c->kore->fd, SHUT_WR) == 0 && throw_away_input(c);
}

/* Everything possible has been read and sent: is there more to come? */
static bool
settle(struct conn *c)
{
	if (c->running != NULL || c->outbox.first != NULL)
		return true;
	if (c->state == CONN_CLOSING)
		return say_goodbye(c);
	return !c->input_ended;
}

static bool
has_work(const struct conn *c)
{
	return wants_input(c) &&
	       (c->input.len != 0 ||
		   (c->kore->evt.flags & KORE_EVENT_READ) != 0);
}

static bool
conn_advance(struct conn *c)
{
	if (c->state == CONN_LINGERING)
		return throw_away_input(c);

	for (int turn = 0; turn == 0 || has_work(c); turn++) {
		if (turn == TURNS_MAX) {
			/* an edge of its own: others come first */
			kore_platform_event_all(c->kore->fd, c->kore);
			break;
		}
		if (!take_input(c) || !send_outbox(c))
			return false;
	}
	keep_input(c);
	return settle(c);
}

static void
advance(struct conn *c)
{
	if (!conn_advance(c))
		kore_connection_disconnect(c->kore);
}

/* ---- kore's callbacks */

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
	advance(c);
}

static void
conn_disconnected(struct connection *k)
{
	struct conn *c = k->hdlr_extra;

	k->hdlr_extra = NULL; /* kore would free it with its own allocator */
	if (c->running != NULL)
		c->running->conn = NULL;
	outbox_clear(&c->outbox); /* may point into what is being read */
	exchange_free(c->reading);
	free(c->kept);
	LIST_REMOVE(c, list);
	conn_count--;
	slot_set(front->slot, GAUGE_CONNECTIONS, (int64_t)conn_count);
	free(c);
}

static void
name_peer(struct conn *c)
{
	const struct connection *k = c->kore;
	const void *address = k->family == AF_INET6
				  ? (const void *)&k->addr.ipv6.sin6_addr
				  : (const void *)&k->addr.ipv4.sin_addr;

	if (inet_ntop(k->family, address, c->peer, sizeof(c->peer)) == NULL)
		c->peer[0] = '\0';
}

void
http_connection_accept(struct connection *k)
{
	struct conn *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->kore = k;
	framing_init(&c->framing, front->settings->limits, &front->bodies);
	outbox_init(&c->outbox);
	name_peer(c);
	set_deadline(c, front->settings->limits->idle_time_us);
	LIST_INSERT_HEAD(&conns, c, list);
	conn_count++;
	slot_add(front->slot, GAUGE_ACCEPTED, 1);
	slot_set(front->slot, GAUGE_CONNECTIONS, (int64_t)conn_count);

	k->state = CONN_STATE_ESTABLISHED;
	k->proto = CONN_PROTO_UNKNOWN; /* nothing of kore's http.c applies */
	k->evt.handle = conn_event;
	k->evt.flags = KORE_EVENT_WRITE;
	k->disconnect = conn_disconnected;
	k->hdlr_extra = c;
	/* kore restarts its idle timer on any event; ours is `deadline_us` */
	k->idle_timer.length = UINT64_MAX;
}

/* ---- from the server */

void
connections_answer(struct job *finished)
{
	while (finished != NULL) {
		struct exchange *x = exchange_of(finished);
		struct conn *c = x->conn;

		finished = finished->next;
		front->pooled--;
		if (x->job.expired) {
			slot_add(front->slot, GAUGE_SHED, 1);
			exchange_shed(x);
		}
		if (c == NULL) {
			exchange_free(x);
			continue;
		}
		c->running = NULL;
		set_deadline(c, front->settings->limits->idle_time_us);
		answer(c, x);
		advance(c);
	}
}

void
connections_expire(int64_t now_us)
{
	struct conn *next;

	for (struct conn *c = LIST_FIRST(&conns); c != NULL; c = next) {
		next = LIST_NEXT(c, list);
		if (c->running == NULL && now_us >= c->deadline_us)
			kore_connection_disconnect(c->kore);
	}
}

static bool
is_idle(const struct conn *c)
{
	return c->state == CONN_SERVING && c->reading == NULL &&
	       c->running == NULL && c->outbox.first == NULL;
}

void
connections_drain(void)
{
	struct conn *next;

	for (struct conn *c = LIST_FIRST(&conns); c != NULL; c = next) {
		next = LIST_NEXT(c, list);
		/* a request may just have come */
		c->kore->evt.flags |= KORE_EVENT_READ;
		if (!conn_advance(c) || is_idle(c))
			kore_connection_disconnect(c->kore);
	}
}
