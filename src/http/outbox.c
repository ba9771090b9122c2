/* outbox.c - gathers pieces of several replies, to be sent in one call. */
#include "http/outbox.h"

#include <errno.h>
#include <stdlib.h>

#define GATHER_MAX 64

/* Fewer bytes of a reply are copied out of its arena when its client does not
 * take them: copying more would take the loop too long. */
#define COPIED_MOST LOOP_BYTES

void
outbox_init(struct outbox *o)
{
	*o = (struct outbox){ .last = &o->first };
}

static void
remove_first(struct outbox *o)
{
	struct outgoing *first = o->first;

	o->first = first->next;
	if (o->first == NULL)
		o->last = &o->first;
	if (first->exchange != NULL)
		exchange_free(first->exchange); /* `first` is in its arena */
	else
		free(first);
}

void
outbox_clear(struct outbox *o)
{
	while (o->first != NULL)
		remove_first(o);
	o->waiting = 0;
}

static void
append(struct outbox *o, struct outgoing *out)
{
	*o->last = out;
	o->last = &out->next;
}

static void
add_piece(struct outbox *o, struct outgoing *out, struct str piece)
{
	if (piece.len == 0)
		return;
	out->piece[out->count++] =
	    (struct iovec){ .iov_base = (void *)(uintptr_t)piece.ptr,
		    .iov_len = piece.len };
	o->waiting += piece.len;
}

static void
add_reply(struct outbox *o, struct outgoing *out, struct exchange *x)
{
	const struct reply *reply = &x->request.reply;

	append(o, out);
	if (!x->is_streaming) /* decides if there is a body */
		add_piece(o, out, exchange_head(x));
	for (size_t i = 0; i < reply->part_count; i++)
		add_piece(o, out, reply->part[i]);
	arena_unreserve(x->request.arena); /* it was for making the reply */
}

void
outbox_add_reply(struct outbox *o, struct exchange *x)
{
	struct outgoing *out = ARENA_NEW(x->request.arena, struct outgoing, 1);

	out->exchange = x;
	add_reply(o, out, x);
}

/* In no arena, with its bytes or without. */
static struct outgoing *
new_outgoing(size_t bytes)
{
	struct outgoing *out = calloc(1, sizeof(*out) + bytes);

	if (out == NULL)
		abort();
	return out;
}

void
outbox_add_part(struct outbox *o, struct exchange *x)
{
	add_reply(o, new_outgoing(0), x);
}

void
outbox_add_interim(struct outbox *o, struct str bytes)
{
	struct outgoing *out = new_outgoing(0);

	append(o, out);
	add_piece(o, out, bytes);
}

/* No more than the loop may do at once: it comes to others in between. */
static size_t
gather(const struct outbox *o, struct iovec vector[GATHER_MAX])
{
	size_t n = 0, left = LOOP_BYTES;

	for (struct outgoing *out = o->first; out != NULL; out = out->next) {
		for (size_t i = out->at; i < out->count; i++) {
			if (n == GATHER_MAX || left == 0)
				return n;
			vector[n] = out->piece[i];
			if (vector[n].iov_len > left)
				vector[n].iov_len = left;
			left -= vector[n++].iov_len;
		}
	}
	return n;
}

static void
mark_sent(struct outbox *o, size_t n)
{
	o->waiting -= n;
	while (o->first != NULL) {
		struct outgoing *out = o->first;

		while (out->at < out->count && n >= out->piece[out->at].iov_len)
			n -= out->piece[out->at++].iov_len;
		if (out->at < out->count) {
			struct iovec *piece = &out->piece[out->at];

			piece->iov_base = (char *)piece->iov_base + n;
			piece->iov_len -= n;
			return;
		}
		remove_first(o);
	}
}

enum outbox_state
outbox_send(struct outbox *o, struct stream *stream)
{
	struct iovec vector[GATHER_MAX];
	size_t sent = 0;

	while (o->first != NULL && sent < LOOP_BYTES) {
		size_t count = gather(o, vector);
		/* the last part of a reply may have no bytes */
		ssize_t n = count == 0 ? 0 : stream_send(stream, vector, count);

		if (n >= 0) {
			mark_sent(o, (size_t)n);
			sent += (size_t)n;
		} else if (errno == EAGAIN) {
			return OUTBOX_BLOCKED;
		} else if (errno != EINTR) {
			return OUTBOX_BROKEN;
		}
	}
	return o->first != NULL ? OUTBOX_MORE : OUTBOX_EMPTY;
}

/* ---- what waits for a slow client */

static size_t
left_of(const struct outgoing *out)
{
	size_t left = 0;

	for (size_t i = out->at; i < out->count; i++)
		left += out->piece[i].iov_len;
	return left;
}

static struct outgoing *
copy_of(const struct outgoing *out, size_t left)
{
	struct outgoing *copy = new_outgoing(left);
	char *to = (char *)(copy + 1);

	copy->next = out->next;
	copy->piece[copy->count++] =
	    (struct iovec){ .iov_base = to, .iov_len = left };
	for (size_t i = out->at; i < out->count; i++) {
		memcpy(to, out->piece[i].iov_base, out->piece[i].iov_len);
		to += out->piece[i].iov_len;
	}
	return copy;
}

void
outbox_leave_arenas(struct outbox *o)
{
	for (struct outgoing **at = &o->first; *at != NULL; at = &(*at)->next) {
		struct exchange *x = (*at)->exchange;
		size_t left = left_of(*at);

		if (x == NULL || left > COPIED_MOST ||
		    arena_held(x->request.arena) < 2 * left)
			continue;
		*at = copy_of(*at, left);
		if ((*at)->next == NULL)
			o->last = &(*at)->next;
		exchange_free(x);
	}
}
