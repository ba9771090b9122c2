/*
 * print_messages.c - the table of messages.h as lines of JSON, for
 * test_messages.py.
 */
#include <stdio.h>

#include "base/buf.h"
#include "messages.h"

static void
print(const struct message *m)
{
	struct arena *a = arena_new();
	struct buf line = buf_in(a);

	buf_add(&line, STR("{\"name\":"));
	buf_add_json(&line, str_from(m->name));
	buf_printf(&line, ",\"status\":%d,\"accepted\":", err_http(m->refused));
	buf_add_json(&line, str_from(m->accepted));
	buf_add(&line, STR(",\"bytes\":\""));
	for (size_t i = 0; i < m->bytes.len; i++)
		buf_printf(&line, "%02x", (unsigned char)m->bytes.ptr[i]);
	buf_add(&line, STR("\"}"));
	(void)printf(STR_FMT "\n", STR_ARG(buf_str(&line)));
	arena_free(a);
}

int
main(void)
{
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		print(&messages[i]);
	return 0;
}
