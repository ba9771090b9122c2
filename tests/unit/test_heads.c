/*
 * test_heads.c - what is kept is never older than what was acknowledged.
 *
 * The store is an array: position i + 1 of log LOG changed the key named
 * history[i].  What is kept is a row of shared memory for each key and node.
 */
#include "cache/heads.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "calls/store_call.h"
#include "tests/unit/unit.h"

#define LOG 7
#define KEYS 8
#define MOST 4096

struct fake_store {
	struct store base;
	int64_t head;
	uint8_t history[MOST]; /* key of each position */
	unsigned asked, asked_for, changes;
	enum err refuses;
	void (*in_changes)(void); /* while the lock is not held */
};

/* Of one node; all of its workers see it. */
struct node {
	struct heads heads;
	struct {
		uint64_t life;
		int64_t value; /* 0: nothing is kept */
	} kept[KEYS];
};

static struct fake_store store;
static struct arena *arena;
static struct error error;
static struct call call;

static enum err
fake_heads(struct call *c, struct point *io, size_t count)
{
	(void)c;
	store.asked++;
	store.asked_for = (unsigned)count;
	if (store.refuses != OK)
		return (fail)(c->error, store.refuses, "no");
	for (size_t i = 0; i < count; i++)
		io[i].seq = io[i].branch == LOG ? store.head : 0;
	return OK;
}

static enum err
fake_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	size_t count = (size_t)(upto - above.seq);
	struct version *at;

	store.changes++;
	ret->more = count > limit;
	if (ret->more)
		count = limit;
	at = ARENA_NEW(c->arena, struct version, count + 1);
	for (size_t i = 0; i < count; i++)
		at[i].key.name = arena_printf(
		    c->arena, "%d", store.history[(size_t)above.seq + i]);
	ret->at = at;
	ret->count = count;
	if (store.in_changes != NULL)
		store.in_changes();
	return OK;
}

static const struct store_ops ops = { .heads = fake_heads,
	.changes = fake_changes };

/* A write by anyone: no node is told. */
static void
write_key(uint8_t key)
{
	store.history[store.head++] = key;
}

/* What the store shows of a key: the last position that changed it. */
static int64_t
read_key(uint8_t key)
{
	for (int64_t i = store.head; i > 0; i--)
		if (store.history[i - 1] == key)
			return i;
	return -1;
}

static void
forget(void *arg, const struct watermark *mark, const struct key *key)
{
	struct node *n = arg;
	int64_t number = -1;

	(void)mark;
	assert_true(str_to_int(key->name, &number));
	n->kept[number].value = 0;
}

static struct node *
new_node(void)
{
	struct shm *shm;

	assert_int_equal(shm_new(watermarks_size() + sizeof(struct node) + 128,
			     &shm, &error),
	    OK);

	struct node *n = SHM_NEW(shm, struct node, 1);

	n->heads = (struct heads){ watermarks_new(shm), forget, n };
	return n;
}

static enum err
ask(struct node *n)
{
	return heads_poll(&n->heads, &call);
}

/* A read, in two halves: what may happen in between is the test's. */
static struct watermark
begin_read(struct node *n, uint8_t key, int64_t *ret)
{
	struct watermark mark;

	(void)watermark_find(n->heads.watermarks, LOG, 0, &mark);
	*ret = read_key(key);
	return mark;
}

static bool
keep(struct node *n, const struct watermark *mark, uint8_t key, int64_t value)
{
	if (mark->known == WATERMARK_UNKNOWN ||
	    watermark_hold(n->heads.watermarks, mark, 0) != WATERMARK_HELD)
		return false;
	n->kept[key].life = mark->life;
	n->kept[key].value = value;
	watermark_release(n->heads.watermarks, mark);
	return true;
}

static void
read_and_keep(struct node *n, uint8_t key)
{
	int64_t value;
	struct watermark mark = begin_read(n, key, &value);

	assert_true(keep(n, &mark, key, value));
}

/* What a request that came just now is answered from what is kept; 0: it has
 * to ask the store. */
static int64_t
kept(struct node *n, uint8_t key, int64_t came_ns)
{
	struct watermark mark;

	if (!watermark_find(n->heads.watermarks, LOG, came_ns, &mark) ||
	    n->kept[key].life != mark.life)
		return 0;
	return n->kept[key].value;
}

static int64_t
answer(struct node *n, uint8_t key)
{
	int64_t came = clock_mono_ns();

	while (clock_mono_ns() <= came)
		;
	assert_int_equal(ask(n), OK);
	return kept(n, key, came);
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	store = (struct fake_store){ .base.ops = &ops };
	error = (struct error){ OK, "" };
	call = (struct call){ .store = &store.base,
		.arena = arena,
		.error = &error,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* A node that keeps what key 1 is at position 1. */
static struct node *
warm_node(void)
{
	struct node *n = new_node();
	struct watermark mark;

	if (store.head == 0)
		write_key(1);
	(void)watermark_find(n->heads.watermarks, LOG, 0, &mark);
	assert_int_equal(ask(n), OK);
	read_and_keep(n, 1);
	return n;
}

/* ---- tests */
static void
what_has_not_changed_is_answered_from_what_is_kept(void **state)
{
	struct node *n = warm_node();

	(void)state;
	assert_int_equal(answer(n, 1), 1);
	write_key(2);
	assert_int_equal(answer(n, 1), 1);
	assert_int_equal(store.changes, 1);
}

static void
a_request_that_came_after_the_asking_is_not(void **state)
{
	struct node *n = warm_node();

	(void)state;
	assert_int_equal(answer(n, 1), 1);
	assert_int_equal(kept(n, 1, clock_mono_ns()), 0);
}

/* R reads the pointer, W commits, the node hears of it, R keeps it. */
static void
the_fill_race_keeps_nothing(void **state)
{
	struct node *n = warm_node();
	int64_t value;
	struct watermark mark = begin_read(n, 1, &value);

	(void)state;
	write_key(1);
	assert_int_equal(ask(n), OK);
	assert_false(keep(n, &mark, 1, value));
	assert_int_equal(answer(n, 1), 0);
	read_and_keep(n, 1);
	assert_int_equal(answer(n, 1), 2);
}

/* The same, and the node has not heard of it when R keeps what it read. */
static void
a_fill_before_the_asking_is_forgotten_by_it(void **state)
{
	struct node *n = warm_node();
	int64_t value;
	struct watermark mark = begin_read(n, 1, &value);

	(void)state;
	write_key(1);
	assert_true(keep(n, &mark, 1, value));
	assert_int_equal(answer(n, 1), 0);
}

/* A worker commits and is killed before it can tell anybody. */
static void
a_crash_before_telling_loses_nothing(void **state)
{
	struct node *n = warm_node();
	int status;

	(void)state;
	assert_int_equal(answer(n, 1), 1);

	pid_t writer = fork();

	if (writer == 0)
		(void)raise(SIGKILL);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	write_key(1); /* it was committed all the same */
	assert_int_equal(answer(n, 1), 0);
}

static void
what_another_node_wrote_is_not_answered_old(void **state)
{
	struct node *a = warm_node(), *b = warm_node();

	(void)state;
	assert_int_equal(answer(a, 1), 1);
	assert_int_equal(answer(b, 1), 1);
	write_key(1);
	assert_int_equal(answer(b, 1), 0);
	assert_int_equal(answer(a, 1), 0);
	read_and_keep(b, 1);
	assert_int_equal(answer(b, 1), 2);
	assert_int_equal(answer(a, 1), 0);
}

/* An owner of the log's lock dies: nobody knows what it had done. */
static void
a_death_inside_forgets_the_log(void **state)
{
	struct node *n = warm_node();
	struct watermark mark;
	int status;

	(void)state;
	(void)watermark_find(n->heads.watermarks, LOG, 0, &mark);

	pid_t child = fork();

	if (child == 0) {
		if (watermark_hold(n->heads.watermarks, &mark, 0) ==
		    WATERMARK_HELD)
			(void)raise(SIGKILL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(answer(n, 1), 0);
	read_and_keep(n, 1);
	assert_int_equal(answer(n, 1), 1);
}

static void
too_many_changes_forget_the_log(void **state)
{
	struct node *n = warm_node();

	(void)state;
	for (int i = 0; i < HEAD_CHANGES_MAX; i++)
		write_key(2);
	assert_int_equal(answer(n, 1), 1);
	for (int i = 0; i <= HEAD_CHANGES_MAX; i++)
		write_key(2);
	assert_int_equal(answer(n, 1), 0);
	read_and_keep(n, 1);
	assert_int_equal(answer(n, 1), 1);
}

static struct node *moving;

static void
somebody_is_faster(void)
{
	store.in_changes = NULL;
	write_key(3);
	assert_int_equal(ask(moving), OK);
}

static int64_t came_meanwhile;

static void
a_request_comes(void)
{
	int64_t before = clock_mono_ns();

	while ((came_meanwhile = clock_mono_ns()) <= before)
		;
}

static void
a_request_that_came_during_the_asking_is_not(void **state)
{
	struct node *n = warm_node();

	(void)state;
	write_key(2);
	store.in_changes = a_request_comes;
	assert_int_equal(ask(n), OK);
	assert_int_equal(kept(n, 1, came_meanwhile), 0);
}

/* Another worker moves the position while this one asks for the changes. */
static void
two_who_ask_at_once_agree(void **state)
{
	struct watermark mark;

	(void)state;
	moving = warm_node();
	write_key(2);
	store.in_changes = somebody_is_faster;
	assert_int_equal(answer(moving, 1), 1);
	(void)watermark_find(moving->heads.watermarks, LOG, 0, &mark);
	assert_int_equal(mark.known, 3);
}

static void
a_lock_in_other_hands_blocks_the_loop_and_nobody_for_long(void **state)
{
	struct node *n = warm_node();
	int64_t came = clock_mono_ns();
	struct watermark mark;

	(void)state;
	(void)watermark_find(n->heads.watermarks, LOG, 0, &mark);
	assert_int_equal(
	    watermark_hold(n->heads.watermarks, &mark, 0), WATERMARK_HELD);
	call.nowait = true;
	assert_int_equal(ask(n), ERR_WOULD_BLOCK);
	call.nowait = false;
	assert_int_equal(ask(n), ERR_UNAVAILABLE);
	assert_int_equal(kept(n, 1, came), 0);
	watermark_release(n->heads.watermarks, &mark);
	assert_int_equal(answer(n, 1), 1);
}

static void
a_store_that_does_not_answer_is_no_answer(void **state)
{
	struct node *n = warm_node();
	int64_t came = clock_mono_ns();

	(void)state;
	store.refuses = ERR_WOULD_BLOCK;
	assert_int_equal(ask(n), ERR_WOULD_BLOCK);
	assert_int_equal(kept(n, 1, came), 0);
}

static void
nothing_is_asked_for_before_somebody_asks(void **state)
{
	struct node *n = new_node();
	struct watermark mark;

	(void)state;
	assert_int_equal(ask(n), OK);
	assert_int_equal(store.asked, 0);
	(void)watermark_find(n->heads.watermarks, LOG, 0, &mark);
	(void)watermark_find(n->heads.watermarks, LOG + 1, 0, &mark);
	assert_int_equal(ask(n), OK);
	assert_int_equal(store.asked_for, 2);
}

static void
beyond_its_room_a_log_is_not_kept(void **state)
{
	struct node *n = new_node();
	struct watermark mark;
	int refused = 0;

	(void)state;
	for (int64_t log = 1; log <= 2 * WATERMARKS_MAX; log++) {
		bool known = watermark_find(n->heads.watermarks, log, 0, &mark);

		assert_false(known);
		refused += mark.life == 0;
	}
	assert_in_range(refused, WATERMARKS_MAX, WATERMARKS_MAX * 5 / 4);
	assert_int_equal(watermarks_refused(n->heads.watermarks), refused);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(what_has_not_changed_is_answered_from_what_is_kept),
		TEST(a_request_that_came_after_the_asking_is_not),
		TEST(a_request_that_came_during_the_asking_is_not),
		TEST(the_fill_race_keeps_nothing),
		TEST(a_fill_before_the_asking_is_forgotten_by_it),
		TEST(a_crash_before_telling_loses_nothing),
		TEST(what_another_node_wrote_is_not_answered_old),
		TEST(a_death_inside_forgets_the_log),
		TEST(too_many_changes_forget_the_log),
		TEST(two_who_ask_at_once_agree),
		TEST(a_lock_in_other_hands_blocks_the_loop_and_nobody_for_long),
		TEST(a_store_that_does_not_answer_is_no_answer),
		TEST(nothing_is_asked_for_before_somebody_asks),
		TEST(beyond_its_room_a_log_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
