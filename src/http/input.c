#include "http/input.h"

#include <errno.h>
#include <stdlib.h>

/* Shared by all connections of the loop: an idle one holds no buffer.  What a
 * connection has read is used up before it reads again. */
static char read_buffer[INPUT_BYTES];
static size_t read_len; /* of the longest read since input_wipe() */

void
input_drop(struct conn *c)
{
	if (c->kept == NULL)
		return;
	explicit_bzero(c->kept, c->kept_bytes);
	budget_add(&process_budget, -(int64_t)c->kept_bytes);
	free(c->kept);
	c->kept = NULL;
}

ssize_t
input_receive(struct conn *c)
{
	int64_t allowed = c->front->settings->limits->input_bytes;
	size_t room = allowed < INPUT_BYTES ? (size_t)allowed : INPUT_BYTES;

	while (c->readable) {
		ssize_t n = stream_receive(&c->stream, read_buffer, room);

		if (n > 0) {
			c->input = (struct str){ read_buffer, (size_t)n };
			if (c->input.len > read_len)
				read_len = c->input.len;
			/* a short read leaves nothing but perhaps the end */
			c->readable = c->stream.more || c->ending;
			c->received += n;
			return n;
		}
		if (n < 0 && errno == EINTR)
			continue;
		c->readable = false;
		c->writable &= !c->stream.read_wants_write;
		c->input_ended = n == 0;
		if (n < 0 && errno != EAGAIN)
			return -1;
	}
	return 0;
}

void
input_keep(struct conn *c)
{
	const char *at = c->input.ptr;

	if (c->input.len == 0) {
		input_drop(c);
	} else if (at >= read_buffer && at < read_buffer + INPUT_BYTES) {
		input_drop(c);
		c->kept = malloc(c->input.len);
		if (c->kept == NULL)
			abort();
		c->kept_bytes = c->input.len;
		budget_add(&process_budget, (int64_t)c->kept_bytes);
		memcpy(c->kept, at, c->input.len);
		c->input.ptr = c->kept;
	}
}

void
input_wipe(void)
{
	explicit_bzero(read_buffer, read_len);
	read_len = 0;
}
