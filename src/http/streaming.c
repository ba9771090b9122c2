#include "http/streaming.h"

#include <assert.h>

/* A chunk without bytes would be the end. */
static void
frame_part(struct request *r)
{
	struct reply *reply = &r->reply;
	size_t length = 0;

	if (!r->takes_chunks)
		return;
	assert(reply->part_count <= STREAMING_PARTS);
	for (size_t i = 0; i < reply->part_count; i++)
		length += reply->part[i].len;
	if (length == 0) {
		reply->part_count = 0;
		if (!reply->streaming->more)
			reply_part(r, STR("0\r\n\r\n"));
		return;
	}
	for (size_t i = reply->part_count; i > 0; i--)
		reply->part[i] = reply->part[i - 1];
	reply->part_count++;
	reply->part[0] = arena_printf(r->arena, "%zx\r\n", length);
	reply_part(
	    r, reply->streaming->more ? STR("\r\n") : STR("\r\n0\r\n\r\n"));
}

enum err
reply_stream(struct request *r, streaming_next *next, void *arg)
{
	struct streaming *s = ARENA_NEW(r->arena, struct streaming, 1);

	*s = (struct streaming){ .next = next,
		.arg = arg,
		.mark = arena_mark(r->arena),
		.release = r->releases };
	TRY(next(r, arg, &s->more));
	if (!s->more)
		return OK;
	r->reply.streaming = s;
	frame_part(r);
	return OK;
}

/* Whatever identified the client again stays. */
enum err
streaming_go_on(struct request *r)
{
	struct streaming *s = r->reply.streaming;

	s->mark = arena_mark(r->arena);
	s->release = r->releases;
	r->reply.part_count = 0;
	TRY(s->next(r, s->arg, &s->more));
	frame_part(r);
	return OK;
}

void
streaming_free_part(struct request *r)
{
	request_release(r, r->reply.streaming->release);
	arena_cut(r->arena, r->reply.streaming->mark);
}

bool
streaming_is_on(const struct request *r)
{
	return r->reply.streaming != NULL && r->method != METHOD_HEAD;
}
