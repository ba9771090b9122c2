#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static enum log_level lowest = LEVEL_INFO;

void
log_set_level(enum log_level level)
{
	lowest = level;
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	static const char *const name[] = { "debug", "info", "warn", "error" };
	char message[2048], now[CLOCK_TEXT];
	va_list ap;

	if (level < lowest)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	clock_format(clock_now_us(), now);

	struct arena *a = arena_new();
	struct buf line = buf_in(a);

	buf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"pid\":%d,", now,
	    name[level], (int)getpid());
	buf_add(&line, STR("\"message\":"));
	buf_add_json(&line, str_from(message));
	buf_add(&line, STR("}\n"));
	/* one write: lines of several processes do not mix */
	if (write(STDOUT_FILENO, line.data, line.len) < 0)
		line.len = 0; /* nobody is left to be told */
	arena_free(a);
}
