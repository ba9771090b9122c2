#include "cli/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MESSAGE_MAX 256

/* A worker beats four times a second; silent for longer, it hangs. */
#define SILENCE_US (2 * CLOCK_SECOND)

/* The end takes so long beside the grace of requests. */
#define END_US (10 * CLOCK_SECOND)

/* A message that cannot be sent is lost: nothing may wait for a manager. */
static void __attribute__((format(printf, 2, 3)))
say(const struct notify *n, const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list ap;

	if (n->fd == -1)
		return;
	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	(void)sendto(n->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)&n->to, n->to_len);
}

/* A path, or '@' and a name that is in no file system (unix(7)). */
static bool
address_of(struct str name, struct notify *n)
{
	if (name.len < 2 || name.len >= sizeof(n->to.sun_path) ||
	    (name.ptr[0] != '/' && name.ptr[0] != '@'))
		return false;
	n->to.sun_family = AF_UNIX;
	memcpy(n->to.sun_path, name.ptr, name.len);
	if (name.ptr[0] == '@')
		n->to.sun_path[0] = '\0';
	n->to_len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len);
	return true;
}

static int64_t
number_of(const char *name)
{
	const char *text = getenv(name);
	int64_t number;

	return text != NULL && str_to_int(str_from(text), &number) ? number : 0;
}

/* sd_watchdog_enabled(3): without a pid it is meant for any process. */
static int64_t
watchdog_of(void)
{
	int64_t pid = number_of("WATCHDOG_PID");
	int64_t us = number_of("WATCHDOG_USEC");

	return us > 0 && (pid == 0 || pid == getpid()) ? us : 0;
}

void
notify_open(struct notify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*n = (struct notify){ .fd = -1 };
	if (name != NULL && address_of(str_from(name), n)) {
		n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		n->watchdog_us = watchdog_of();
	}
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
}

/* ---- the workers */

static unsigned
count_alive(struct slots slots, int64_t now_us)
{
	unsigned alive = 0;

	for (unsigned i = 0; i < slots.count; i++) {
		const struct slot *s = &slots.at[i];

		if (atomic_load(&s->pid) != 0 &&
		    now_us - atomic_load(&s->beat_us) < SILENCE_US)
			alive++;
	}
	return alive;
}

static void
say_alive(const struct notify *n, struct slots slots)
{
	say(n, "READY=1\nSTATUS=%u of %u workers serve.", n->alive,
	    slots.count);
}

void
notify_watch(struct notify *n, struct slots slots, int64_t now_us)
{
	if (n->fd == -1)
		return;

	unsigned alive = count_alive(slots, now_us);

	if (!n->ready && alive < slots.count)
		return;
	if (!n->ready || alive != n->alive) {
		n->alive = alive;
		n->ready = true;
		say_alive(n, slots);
	}
	if (n->watchdog_us != 0 && alive != 0 &&
	    now_us - n->fed_us >= n->watchdog_us / 4) {
		n->fed_us = now_us;
		say(n, "WATCHDOG=1");
	}
}

/* ---- state changes */

void
notify_reloading(const struct notify *n, int64_t now_us)
{
	say(n, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now_us);
}

void
notify_reloaded(const struct notify *n)
{
	say(n, "READY=1");
}

void
notify_stopping(const struct notify *n, int64_t grace_us)
{
	int64_t end = grace_us + END_US;

	say(n,
	    "STOPPING=1\nSTATUS=Answering what is in progress.\n"
	    "EXTEND_TIMEOUT_USEC=%lld",
	    (long long)end);
	/* nobody feeds it any more */
	if (n->watchdog_us != 0)
		say(n, "WATCHDOG=1\nWATCHDOG_USEC=%lld", (long long)end);
}
