/* conn.c - reading, dispatching, sending and closing. */
#include "http/conn.h"

#include "base/clock.h"
#include "http/coding.h"
#include "http/exchange_start.h"
#include "http/input.h"
#include "http/streaming.h"
#include "shm/slots.h"

/* How often one client may fill the buffer before it is the others' turn. */
#define TURNS_MAX 4

void
conn_init(struct conn *c, struct front *front, int fd, struct str peer)
{
	c->front = front;
	stream_init(&c->stream, fd, front->acceptor);
	if (c->stream.ssl != NULL)
		c->state = CONN_SHAKING_HANDS;
	c->writable = true;
	framing_init(&c->framing, front->settings->limits, &front->bodies);
	outbox_init(&c->outbox);
	if (peer.len < sizeof(c->peer))
		memcpy(c->peer, peer.ptr, peer.len);
	conn_set_phase(c);
}

/* A body that ends with the connection would seem to be complete. */
static bool
is_cut(const struct conn *c)
{
	return c->streaming != NULL ||
	       (c->running != NULL && c->running->is_streaming);
}

void
conn_clear(struct conn *c)
{
	bool cut = is_cut(c);

	if (cut)
		stream_reset(&c->stream);
	if (c->running != NULL)
		c->running->conn = NULL;
	if (c->state == CONN_SHAKING_HANDS && c->stream.begun)
		slot_add(c->front->slot, GAUGE_TLS_FAILED, 1);
	stream_clear(&c->stream, c->outbox.first == NULL && !cut);
	outbox_clear(&c->outbox);
	exchange_free(c->streaming);
	exchange_free(c->reading);
	input_drop(c);
}

bool
conn_is_idle(const struct conn *c)
{
	return c->state == CONN_SERVING && c->reading == NULL &&
	       c->running == NULL && c->outbox.first == NULL;
}

/* ---- out */

static void
answer(struct conn *c, struct exchange *x)
{
	bool streams = streaming_is_on(&x->request);

	x->keep_alive = x->keep_alive && !c->front->draining &&
			(!streams || x->request.takes_chunks);
	if (!x->keep_alive)
		c->state = CONN_CLOSING;
	c->answered++;
	slot_add(c->front->slot, GAUGE_REQUESTS, 1);
	if (streams)
		conn_send_part(c, x);
	else
		outbox_add_reply(&c->outbox, x);
}

void
conn_refuse(struct conn *c)
{
	struct exchange *x = c->reading;

	c->reading = NULL;
	c->linger = true;
	x->keep_alive = false;
	reply_error(&x->request);
	answer(c, x);
}

static bool
send_outbox(struct conn *c)
{
	size_t before = c->outbox.waiting;
	enum outbox_state state =
	    c->writable ? outbox_send(&c->outbox, &c->stream) : OUTBOX_BLOCKED;

	c->sent += (int64_t)(before - c->outbox.waiting);
	c->writable = state != OUTBOX_BLOCKED;
	if (state == OUTBOX_BLOCKED)
		outbox_leave_arenas(&c->outbox);
	return state != OUTBOX_BROKEN;
}

/* ---- the handshake */

/* The request stays unread; what is there of it is thrown away later. */
static void
refuse_plain(struct conn *c)
{
	c->state = CONN_SERVING;
	c->reading = exchange_new(c->front, c, str_from(c->peer));
	(void)fail(&c->reading->request.error, ERR_BAD_REQUEST,
	    "This port speaks HTTPS, and the request came as plain HTTP; "
	    "write https:// in the address.");
	conn_refuse(c);
}

/* False: it has failed, and the client has been told if it can be. */
static bool
shake_hands(struct conn *c)
{
	struct slot *slot = c->front->slot;

	switch (stream_shake_hands(&c->stream)) {
	case HANDSHAKE_WAITS:
		return true;
	case HANDSHAKE_FAILED:
		return false;
	case HANDSHAKE_PLAIN:
		slot_add(slot, GAUGE_TLS_FAILED, 1);
		refuse_plain(c);
		return true;
	case HANDSHAKE_DONE:
		break;
	}
	slot_add(slot, GAUGE_TLS_HANDSHAKES, 1);
	slot_add(slot, GAUGE_TLS_RESUMED, stream_is_resumed(&c->stream));
	c->state = CONN_SERVING;
	c->readable = c->writable = true; /* as far as is known */
	return true;
}

/* ---- in */

/* A refused body that is small and sure to come is thrown away as it does, so
 * that the connection can go on. */
static void
refuse_body(struct conn *c)
{
	const struct framing *f = &c->framing;
	struct exchange *x = c->reading;

	if (f->content_length < 0 || f->content_length > INPUT_BYTES ||
	    f->continue_expected || !f->keep_alive) {
		conn_refuse(c);
		return;
	}
	c->reading = NULL;
	c->discarded = f->content_length;
	x->keep_alive = true;
	reply_error(&x->request);
	answer(c, x);
}

static bool
is_here(const struct conn *c)
{
	int64_t length = c->framing.content_length;

	return length >= 0 && length <= (int64_t)c->input.len;
}

/* Little that is here already fits what its request takes anyway. */
static bool
is_little(const struct conn *c)
{
	return is_here(c) && c->framing.content_length <= BODIES_UNCOUNTED;
}

static enum err
hold_body(struct conn *c)
{
	if (c->framing.content_length < 0 || is_little(c))
		return OK;
	return bodies_hold(&c->front->bodies, c->front->settings->limits,
	    &c->reading->request, c->framing.content_length);
}

/* The body may come. */
static void
want_body(struct conn *c)
{
	if (c->framing.continue_expected && c->input.len == 0)
		outbox_add_interim(
		    &c->outbox, STR("HTTP/1.1 100 Continue\r\n\r\n"));
}

/* The body came with its head: it will be freed as soon as the client is
 * identified, and identifying it first would be one way more. */
static bool
takes_body_at_once(struct conn *c)
{
	if (!is_here(c))
		return false;
	return is_little(c) ||
	       bodies_take(&c->front->bodies, c->front->settings->limits,
		   &c->reading->request, c->framing.content_length);
}

static void
ask_who(struct conn *c)
{
	c->running = c->reading;
	c->reading = NULL;
	c->at_head = true;
	exchange_identify(c->running);
}

/* The body of a client that sends one. */
static enum err
take_public_body(struct conn *c)
{
	const struct limits *limits = c->front->settings->limits;

	TRY(coding_refuse(&c->reading->request));
	TRY(framing_limit_body(&c->framing, limits->public_body_bytes));
	return hold_body(c);
}

static void
head_received(struct conn *c)
{
	struct request *r = &c->reading->request;

	exchange_admit(c->reading);
	if (!c->framing.body_expected)
		return;
	if (r->error.code != OK)
		refuse_body(c);
	else if ((r->route->flags & ROUTE_PUBLIC) == 0) {
		if (!takes_body_at_once(c))
			ask_who(c);
	} else if (take_public_body(c) != OK)
		refuse_body(c);
	else
		want_body(c);
}

/* The client is identified, as far as that went. */
static void
head_answered(struct conn *c)
{
	c->at_head = false;
	if (!exchange_is_let_in(c->reading))
		refuse_body(c);
	else if (hold_body(c) != OK)
		conn_refuse(c);
	else
		want_body(c);
}

void
conn_answer(struct conn *c)
{
	struct exchange *x = c->running;

	c->running = NULL;
	if (c->at_head) {
		c->reading = x;
		head_answered(c);
	} else if (x->is_streaming) {
		conn_send_part(c, x);
	} else {
		answer(c, x);
	}
}

static void
request_received(struct conn *c)
{
	struct exchange *x = c->reading;

	c->reading = NULL;
	x->keep_alive = c->framing.keep_alive;
	if (exchange_start(x))
		answer(c, x);
	else
		c->running = x;
}

/* The rest of a body that was refused. */
static void
discard_input(struct conn *c)
{
	int64_t n = (int64_t)c->input.len;

	n = n < c->discarded ? n : c->discarded;
	c->discarded -= n;
	c->input = str_skip(c->input, (size_t)n);
}

static void
use_input(struct conn *c)
{
	enum framing_event event;

	if (c->discarded != 0) {
		discard_input(c);
		return;
	}
	if (c->reading == NULL) {
		c->reading = exchange_new(c->front, c, str_from(c->peer));
		framing_start(&c->framing, &c->reading->request);
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
		conn_refuse(c);
}

/* Back-pressure: one request runs, and the next begins only when little waits
 * to be sent. */
static bool
wants_input(const struct conn *c)
{
	return c->state == CONN_SERVING && c->running == NULL &&
	       c->streaming == NULL &&
	       (int64_t)c->outbox.waiting <
		   c->front->settings->limits->output_bytes;
}

/* Uses what is there, or else one buffer full. */
static bool
take_input(struct conn *c)
{
	if (c->input.len == 0 && wants_input(c)) {
		ssize_t n = input_receive(c);

		if (n < 0)
			return false;
	}
	while (c->input.len != 0 && wants_input(c))
		use_input(c);
	return true;
}

/* ---- the end */

/* A close() with unread input resets the connection, and the client may lose
 * our last words; so it is asked to stop and heard out for a while. */
static enum conn_next
throw_away_input(struct conn *c)
{
	ssize_t n = input_receive(c);

	c->input = (struct str){ 0 };
	if (n < 0 || c->input_ended)
		return CONN_GONE;
	c->lingered += n;
	if (c->lingered > c->front->settings->limits->drain_bytes)
		return CONN_GONE;
	return c->readable ? CONN_AGAIN : CONN_WAIT;
}

static enum conn_next
say_goodbye(struct conn *c)
{
	if (c->input_ended ||
	    (!c->linger && c->discarded == 0 && c->input.len == 0))
		return CONN_GONE;
	c->state = CONN_LINGERING;
	conn_set_phase(c);
	if (!stream_end(&c->stream))
		return CONN_GONE;
	return throw_away_input(c);
}

/* All that was possible has been read and sent: what is there to come? */
static enum conn_next
settle(struct conn *c)
{
	input_keep(c);
	conn_set_phase(c);
	if (c->outbox.first != NULL)
		return c->writable ? CONN_AGAIN : CONN_WAIT;
	if (c->running != NULL)
		return CONN_WAIT;
	if (c->state == CONN_CLOSING)
		return say_goodbye(c);
	return c->input_ended ? CONN_GONE : CONN_WAIT;
}

static bool
has_work(const struct conn *c)
{
	return wants_input(c) && (c->input.len != 0 || c->readable);
}

/* TLS waits for the other direction of the socket than ours. */
static void
cross_directions(struct conn *c)
{
	bool readable = c->readable, writable = c->writable;

	c->readable |= writable && c->stream.read_wants_write;
	c->writable |= readable && c->stream.write_wants_read;
}

bool
conn_is_bulk(const struct conn *c)
{
	const struct framing *f = &c->framing;
	bool large =
	    f->content_length > INPUT_BYTES || f->body_room > INPUT_BYTES;

	return c->state == CONN_LINGERING || c->discarded != 0 ||
	       c->outbox.waiting > LOOP_BYTES ||
	       (c->reading != NULL && f->in_body && large);
}

static enum conn_next
advance(struct conn *c)
{
	if (c->state == CONN_SHAKING_HANDS && !shake_hands(c))
		return CONN_GONE;
	if (c->state == CONN_SHAKING_HANDS)
		return CONN_WAIT;
	cross_directions(c);
	if (c->state == CONN_LINGERING)
		return throw_away_input(c);
	for (int turn = 0; turn == 0 || has_work(c); turn++) {
		if (turn == TURNS_MAX || (turn != 0 && conn_is_bulk(c))) {
			(void)settle(c);
			return CONN_AGAIN;
		}
		if (!take_input(c) || !send_outbox(c) || !conn_go_on(c))
			return CONN_GONE;
	}
	return settle(c);
}

enum conn_next
conn_advance(struct conn *c)
{
	enum conn_next next = advance(c);

	input_wipe();
	return next;
}
