/* outbox.c - gathers pieces of several replies, to be sent in one call. */
#include "http/outbox.h"

#include <errno.h>

#define GATHER_MAX 64

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
	exchange_free(first->exchange); /* `first` is in its arena */
}

void
outbox_clear(struct outbox *o)
{
	while (o->first != NULL)
		remove_first(o);
	o->waiting = 0;
}

static struct outgoing *
append(struct outbox *o, struct exchange *owner)
{
	struct outgoing *out =
	    ARENA_NEW(owner->request.arena, struct outgoing, 1);

	*o->last = out;
	o->last = &out->next;
	return out;
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

void
outbox_add_reply(struct outbox *o, struct exchange *x)
{
	struct outgoing *out = append(o, x);
	const struct reply *reply = &x->request.reply;

	out->exchange = x;
	add_piece(o, out, exchange_head(x)); /* decides if there is a body */
	for (size_t i = 0; i < reply->part_count; i++)
		add_piece(o, out, reply->part[i]);
}

void
outbox_add_interim(struct outbox *o, struct exchange *x, struct str bytes)
{
	add_piece(o, append(o, x), bytes);
}

static size_t
gather(const struct outbox *o, struct iovec vector[GATHER_MAX])
{
	size_t n = 0;

	for (struct outgoing *out = o->first; out != NULL; out = out->next) {
		for (size_t i = out->at; i < out->count; i++) {
			if (n == GATHER_MAX)
				return n;
			vector[n++] = out->piece[i];
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

	while (o->first != NULL) {
		ssize_t n = stream_send(stream, vector, gather(o, vector));

		if (n >= 0)
			mark_sent(o, (size_t)n);
		else if (errno == EAGAIN)
			return OUTBOX_BLOCKED;
		else if (errno != EINTR)
			return OUTBOX_BROKEN;
	}
	return OUTBOX_EMPTY;
}
