/* test_log_ring.c - lines through a pipe that nobody reads, and then does. */
#include "base/log_ring.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/unit/unit.h"

struct piped {
	struct log_ring *ring;
	int in;
	_Atomic int64_t drops;
};

static struct str
gap(struct arena *a, int64_t count)
{
	return arena_printf(a, "missing %lld\n", (long long)count);
}

static int
open_pipe(void **state)
{
	struct piped *p = calloc(1, sizeof(*p));
	struct error e = { 0 };
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
	assert_int_equal(log_ring_new(fd[1], gap, &p->drops, &p->ring, &e), OK);
	p->in = fd[0];
	*state = p;
	return 0;
}

/* What comes out within ten seconds, or the test is over. */
static size_t
read_some(struct piped *p, char *at, size_t room)
{
	struct pollfd in = { .fd = p->in, .events = POLLIN };

	assert_int_equal(poll(&in, 1, 10000), 1);

	ssize_t n = read(p->in, at, room);

	assert_true(n > 0);
	return (size_t)n;
}

/* What the pipe holds once a line ends with `last`. */
static struct str
read_until(struct piped *p, struct arena *a, struct str last)
{
	struct buf text = buf_in(a);

	while (!str_ends_with(buf_str(&text), last)) {
		char *at = buf_reserve(&text, 65536);

		text.len += read_some(p, at, 65536);
	}
	return buf_str(&text);
}

static void
writes_lines_in_their_order(void **state)
{
	struct piped *p = *state;
	struct arena *a = arena_new();

	log_ring_add(p->ring, STR("one\n"));
	log_ring_add(p->ring, STR("two\n"));
	assert_str(read_until(p, a, STR("two\n")), STR("one\ntwo\n"));
	assert_int_equal(p->drops, 0);
	arena_free(a);
}

static void
a_flush_waits_for_what_was_added(void **state)
{
	struct piped *p = *state;
	char text[8];

	log_ring_add(p->ring, STR("last\n"));
	log_ring_flush(p->ring, 10 * CLOCK_SECOND);
	assert_int_equal(fcntl(p->in, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(p->in, text, sizeof(text)), 5);
}

static void
a_flush_gives_up_on_a_stuck_pipe(void **state)
{
	struct piped *p = *state;
	int64_t before = clock_mono_us();

	for (int i = 0; i < 100000; i++)
		log_ring_add(p->ring, STR("a line that nobody reads\n"));
	log_ring_flush(p->ring, 50 * CLOCK_MS);
	assert_true(clock_mono_us() - before < 5 * CLOCK_SECOND);
}

/* Every line is either there, whole and in order, or counted. */
static void
counts_what_a_stuck_pipe_costs(void **state)
{
	struct piped *p = *state;
	struct arena *a = arena_new();
	int64_t added = 60000, seen = 0, missing = 0, last = -1;

	for (int64_t i = 0; i < added; i++)
		log_ring_add(
		    p->ring, arena_printf(a, "line %lld\n", (long long)i));
	assert_true(p->drops > 0);
	do {
		struct str more = read_until(p, a, STR("\n"));

		while (more.len != 0) {
			struct str line = str_cut(&more, '\n');
			const char *number = memchr(line.ptr, ' ', line.len);
			long long n = strtoll(number, NULL, 10);

			if (str_starts_with(line, STR("missing"))) {
				missing += n;
			} else {
				assert_true(n > last);
				last = n;
				seen++;
			}
		}
	} while (seen + missing < added);
	assert_int_equal(seen + missing, added);
	assert_int_equal(missing, p->drops);
	arena_free(a);
}

static void
drops_a_line_that_could_mix_with_others(void **state)
{
	struct piped *p = *state;
	static char longest[LOG_LINE_MAX + 1];

	memset(longest, 'x', sizeof(longest));
	longest[LOG_LINE_MAX] = '\n';
	log_ring_add(p->ring, (struct str){ longest, sizeof(longest) });
	assert_int_equal(p->drops, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(writes_lines_in_their_order, open_pipe),
		cmocka_unit_test_setup(
		    a_flush_waits_for_what_was_added, open_pipe),
		cmocka_unit_test_setup(
		    a_flush_gives_up_on_a_stuck_pipe, open_pipe),
		cmocka_unit_test_setup(
		    counts_what_a_stuck_pipe_costs, open_pipe),
		cmocka_unit_test_setup(
		    drops_a_line_that_could_mix_with_others, open_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
