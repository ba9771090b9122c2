#include "base/log.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_ring.h"
#include "base/log_text.h"

/* Of a message whose escapes make it too long for a line. */
#define MESSAGE_CUT 600

static _Atomic int lowest = LEVEL_INFO;
static bool as_text;
static struct log_ring *ring;   /* NULL: lines are written at once */
static _Atomic int64_t missing; /* of those, dropped and not told yet */

void
log_set_level(enum log_level level)
{
	lowest = (int)level;
}

void
log_set_format(enum log_format format)
{
	as_text = format == LOG_TEXT ||
		  (format == LOG_AUTO && isatty(STDOUT_FILENO) == 1);
}

bool
log_is_text(void)
{
	return as_text;
}

bool
log_wants(enum log_level level)
{
	return (int)level >= lowest;
}

void
log_begin(struct buf *line, enum log_level level, struct str message)
{
	static const char *const name[] = { "debug", "info", "warn", "error" };
	char now[CLOCK_TEXT];

	clock_format(clock_now_us(), now);
	buf_printf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"pid\":%d,", now,
	    name[level], (int)getpid());
	buf_add(line, STR("\"message\":"));
	buf_add_json(line, message);
}

/* The line in the form of the log, whole. */
static struct str
finished(struct buf *json)
{
	buf_add(json, STR("}\n"));
	if (!as_text)
		return buf_str(json);

	struct buf text = buf_in(json->arena);

	log_text_add(&text, buf_str(json));
	return buf_str(&text);
}

static struct str
gap_line(struct arena *a, int64_t count)
{
	struct buf line = buf_in(a);
	struct str message = arena_printf(
	    a, "standard output took no lines: %lld dropped", (long long)count);

	log_begin(&line, LEVEL_WARN, message);
	buf_printf(&line, ",\"dropped\":%lld", (long long)count);
	return finished(&line);
}

/* One page fits into whatever is said to be writable. */
static bool
write_at_once(struct str line)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return line.len <= LOG_LINE_MAX && poll(&out, 1, 0) == 1 &&
	       log_write_all(STDOUT_FILENO, line.ptr, line.len);
}

static void
tell_missing(struct arena *a)
{
	int64_t count = atomic_exchange(&missing, 0);

	if (count != 0 && !write_at_once(gap_line(a, count)))
		atomic_fetch_add(&missing, count);
}

void
log_end(struct buf *line)
{
	struct str whole = finished(line);

	if (ring != NULL)
		log_ring_add(ring, whole);
	else if (write_at_once(whole))
		tell_missing(line->arena);
	else
		atomic_fetch_add(&missing, 1);
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	struct arena *a = arena_new();
	struct buf line = buf_in(a);
	struct str message = str_from(text);

	log_begin(&line, level, message);
	if (line.len + 2 > LOG_LINE_MAX) {
		line.len = 0;
		message.len = MESSAGE_CUT;
		log_begin(&line, level, message);
	}
	log_end(&line);
	arena_free(a);
}

void
log_flush(int64_t wait_us)
{
	if (ring != NULL)
		log_ring_flush(ring, wait_us);
}

static void
flush_at_exit(void)
{
	log_flush(CLOCK_SECOND);
}

enum err
log_start(_Atomic int64_t *drops, struct error *e)
{
	TRY(log_ring_new(STDOUT_FILENO, gap_line, drops, &ring, e));
	(void)atexit(flush_at_exit);
	return OK;
}
