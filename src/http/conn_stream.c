/*
 * conn_stream.c - replies that are made part by part: http/streaming.h has the
 * picture.
 */
#include "http/conn.h"
#include "http/exchange_start.h"
#include "http/streaming.h"

static void
count_bytes(struct exchange *x)
{
	const struct reply *reply = &x->request.reply;

	for (size_t i = 0; i < reply->part_count; i++)
		x->outcome.body_bytes += (int64_t)reply->part[i].len;
}

/* A reply that has failed is one that would tell why, for which it is too
 * late. */
void
conn_send_part(struct conn *c, struct exchange *x)
{
	c->streaming = x;
	if (x->request.reply.streaming == NULL)
		return;
	if (x->is_streaming)
		count_bytes(x);
	outbox_add_part(&c->outbox, x);
	x->is_streaming = true;
}

bool
conn_go_on(struct conn *c)
{
	struct exchange *x = c->streaming;
	const struct streaming *s;

	if (x == NULL || c->outbox.first != NULL)
		return true;
	s = x->request.reply.streaming;
	if (s != NULL && !s->more) {
		c->streaming = NULL;
		exchange_free(x);
		return true;
	}
	if (s != NULL && exchange_go_on(x)) {
		c->streaming = NULL;
		c->running = x;
		return true;
	}
	x->outcome.status = x->request.reply.status;
	return false;
}
