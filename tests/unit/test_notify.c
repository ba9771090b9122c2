/* test_notify.c - what a service manager hears. */
#include "cli/notify.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define WORKERS 2

struct listening {
	int ears;
	struct slot slot[WORKERS];
	struct slots slots;
	struct notify notify;
};

/* A manager under a name of its own, and workers that are not born yet. */
static int
set_up(void **state)
{
	static struct listening l;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1,
	    "test_notify.%d", (int)getpid());
	socklen_t len =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);

	l = (struct listening){ .slots = { l.slot, WORKERS } };
	l.ears = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(l.ears, (const struct sockaddr *)&at, len), 0);
	at.sun_path[0] = '@';
	assert_int_equal(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "4000000", 1), 0);
	assert_int_equal(unsetenv("WATCHDOG_PID"), 0);
	*state = &l;
	return 0;
}

static int
tear_down(void **state)
{
	struct listening *l = *state;

	(void)close(l->ears);
	if (l->notify.fd > 0)
		(void)close(l->notify.fd);
	return 0;
}

static void
beat(struct listening *l, unsigned i, int64_t now_us)
{
	atomic_store(&l->slot[i].pid, 1);
	atomic_store(&l->slot[i].beat_us, now_us);
}

/* The next message, or "" when there is none. */
static const char *
heard(struct listening *l)
{
	static char text[512];
	ssize_t n = recv(l->ears, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
is_ready_once_all_workers_serve(void **state)
{
	struct listening *l = *state;

	notify_open(&l->notify);
	notify_watch(&l->notify, l->slots, CLOCK_SECOND);
	beat(l, 0, CLOCK_SECOND);
	notify_watch(&l->notify, l->slots, CLOCK_SECOND);
	assert_string_equal(heard(l), "");
	beat(l, 1, CLOCK_SECOND);
	notify_watch(&l->notify, l->slots, CLOCK_SECOND);
	assert_string_equal(heard(l), "READY=1\nSTATUS=2 of 2 workers serve.");
}

static void
feeds_the_watchdog_while_one_worker_beats(void **state)
{
	struct listening *l = *state;
	int64_t now = 100 * CLOCK_SECOND;

	notify_open(&l->notify);
	beat(l, 0, now);
	beat(l, 1, now);
	notify_watch(&l->notify, l->slots, now);
	(void)heard(l);
	assert_string_equal(heard(l), "WATCHDOG=1");

	now += 500 * CLOCK_MS; /* an eighth of the time: not yet again */
	notify_watch(&l->notify, l->slots, now);
	assert_string_equal(heard(l), "");

	now += 3 * CLOCK_SECOND;
	beat(l, 1, now);
	notify_watch(&l->notify, l->slots, now);
	assert_string_equal(heard(l), "READY=1\nSTATUS=1 of 2 workers serve.");
	assert_string_equal(heard(l), "WATCHDOG=1");

	now += 3 * CLOCK_SECOND;
	notify_watch(&l->notify, l->slots, now);
	assert_string_equal(heard(l), "READY=1\nSTATUS=0 of 2 workers serve.");
	assert_string_equal(heard(l), "");
}

static void
tells_of_a_reload_and_of_the_end(void **state)
{
	struct listening *l = *state;

	notify_open(&l->notify);
	notify_reloading(&l->notify, 42);
	assert_string_equal(heard(l), "RELOADING=1\nMONOTONIC_USEC=42");
	notify_reloaded(&l->notify);
	assert_string_equal(heard(l), "READY=1");
	notify_stopping(&l->notify, 25 * CLOCK_SECOND);
	assert_string_equal(heard(l),
	    "STOPPING=1\nSTATUS=Answering what is in progress.\n"
	    "EXTEND_TIMEOUT_USEC=35000000");
	assert_string_equal(heard(l), "WATCHDOG=1\nWATCHDOG_USEC=35000000");
}

static void
leaves_nothing_in_the_environment(void **state)
{
	struct listening *l = *state;

	notify_open(&l->notify);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
}

static void
has_no_watchdog_that_is_meant_for_another(void **state)
{
	struct listening *l = *state;

	assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
	notify_open(&l->notify);
	assert_int_equal(l->notify.watchdog_us, 0);
}

static void
is_silent_where_nobody_listens(void **state)
{
	static const char *const names[] = { "", "@", "relative",
		"/nobody/listens/here" };
	struct listening *l = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		notify_open(&l->notify);
		notify_stopping(&l->notify, CLOCK_SECOND);
		notify_watch(&l->notify, l->slots, CLOCK_SECOND);
		assert_string_equal(heard(l), "");
		if (l->notify.fd != -1)
			(void)close(l->notify.fd);
		l->notify.fd = -1;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_ready_once_all_workers_serve),
		TEST(feeds_the_watchdog_while_one_worker_beats),
		TEST(tells_of_a_reload_and_of_the_end),
		TEST(leaves_nothing_in_the_environment),
		TEST(has_no_watchdog_that_is_meant_for_another),
		TEST(is_silent_where_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
