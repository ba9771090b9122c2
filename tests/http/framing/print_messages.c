/*
 * print_messages.c - the table of messages.h as lines of JSON, for
 * test_messages.py; or, with a folder, as files in it, for fuzz_http.c.
 */
#include <stdio.h>
#include <stdlib.h>

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

/* The first byte tells fuzz_http.c in what pieces the rest arrives. */
static void
write_seed(const char *folder, size_t number, const struct message *m)
{
	char name[4096];
	FILE *file;

	(void)snprintf(name, sizeof(name), "%s/message-%zu", folder, number);
	file = fopen(name, "wb");
	if (file == NULL || fputc((int)number, file) == EOF ||
	    fwrite(m->bytes.ptr, 1, m->bytes.len, file) != m->bytes.len ||
	    fclose(file) != 0) {
		perror(name);
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	for (size_t i = 0; i < MESSAGE_COUNT; i++) {
		if (argc > 1)
			write_seed(argv[1], i, &messages[i]);
		else
			print(&messages[i]);
	}
	return 0;
}
