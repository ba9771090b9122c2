#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int http;
	const char *type;
} table[ERR_COUNT] = {
#define X(name, http, type) [name] = { http, type },
#include "base/errors.def"
#undef X
};

int
err_http(enum err code)
{
	return table[code].http;
}

const char *
err_type(enum err code)
{
	return table[code].type;
}

/* A cut message must not end in half a UTF-8 character. */
static void
drop_half_character(char *message, size_t room)
{
	size_t len = room - 1;

	while (len != 0 && ((unsigned char)message[len - 1] & 0xC0) == 0x80)
		len--;
	if (len != 0 && ((unsigned char)message[len - 1] & 0x80) != 0)
		len--;
	message[len] = '\0';
}

enum err
fail(struct error *e, enum err code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	va_start(ap, fmt);
	if (vsnprintf(e->message, sizeof(e->message), fmt, ap) >=
	    (int)sizeof(e->message))
		drop_half_character(e->message, sizeof(e->message));
	va_end(ap);
	return code;
}
