/* test_process.c - what one worker does the others see, also when it dies. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

/* What a child does, as worker 1; what it allocates dies with it. */
typedef void child_work(struct fixture *, void *with);

static pid_t
start(struct fixture *f, child_work *work, void *with)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;

	struct fixture own = fixture_as(f, 1);

	work(&own, with);
	_exit(0);
}

static void
finish(pid_t pid)
{
	int status = 0;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
kill_it(pid_t pid)
{
	CHECK(kill(pid, SIGKILL) == 0);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

static void
put_and_drop(struct fixture *f, void *with)
{
	(void)with;
	put(f, STR("from the other"), STR("1"));
	drop(f, STR("to drop"));
}

static void
shows_all_workers_the_same(struct fixture *f)
{
	put(f, STR("to drop"), STR("1"));
	put(f, STR("to stay"), STR("3"));
	finish(start(f, put_and_drop, NULL));
	CHECK(str_eq(get(f, STR("from the other")), STR("1")));
	CHECK(str_eq(get(f, STR("to stay")), STR("3")));
	CHECK(get(f, STR("to drop")).ptr == NULL);
	CHECK(is_whole(f));
}

/* ---- who dies while it reads */
static void
read_and_wait(struct fixture *f, void *with)
{
	_Atomic int *reads = with;
	struct cache_found found = { 0 };

	(void)f->ops->get(f->cache, f->arena, STR("a"), &found);
	atomic_store(reads, found.pin != 0 ? 1 : -1);
	for (;;)
		(void)pause();
}

static void
frees_what_a_dead_worker_was_reading(struct fixture *f)
{
	_Atomic int *reads = shared_alloc(sizeof(*reads));
	char *room = shared_alloc(LARGEST);

	put(f, STR("a"), make_value(room, MIB, 1, 1));

	pid_t pid = start(f, read_and_wait, reads);

	while (atomic_load(reads) == 0)
		(void)sched_yield();
	CHECK(atomic_load(reads) == 1);
	drop(f, STR("a"));
	CHECK(stats(f).entries == 0 && stats(f).bytes > 0);
	kill_it(pid);
	CHECK(stats(f).pins == 1);

	struct fixture heir = fixture_as(f, 1);

	CHECK(stats(f).pins == 0);
	for (uint32_t i = 0; i < 100; i++) {
		put(f, key_of(f->arena, i), STR("x"));
		drop(f, key_of(f->arena, i));
	}
	CHECK(stats(f).bytes == 0);
	CHECK(is_whole(f));
	fixture_close(&heir);
	shared_free(room, LARGEST);
	shared_free((void *)(uintptr_t)reads, sizeof(*reads));
}

/* ---- who is stopped, perhaps inside */
#define STOPS 100

static void
get_for_ever(struct fixture *f, void *with)
{
	_Atomic int *gets = with;

	for (;;) {
		struct cache_found found = { 0 };

		(void)f->ops->get(f->cache, f->arena, STR("a"), &found);
		if (found.pin != 0)
			f->ops->unpin(f->cache, found.pin);
		arena_reset(f->arena);
		atomic_fetch_add(gets, 1);
	}
}

static void
stop(pid_t pid)
{
	int status;

	CHECK(kill(pid, SIGSTOP) == 0);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
}

static void
drops_although_another_is_stopped_inside(struct fixture *f)
{
	_Atomic int *gets = shared_alloc(sizeof(*gets));
	struct cache_found found = { 0 };
	pid_t pid = start(f, get_for_ever, gets);

	for (int i = 0; i < STOPS; i++) {
		const struct cache_terms terms = { .ttl_us = CLOCK_SECOND };
		int before = atomic_load(gets);

		(void)f->ops->put(f->cache, STR("a"), STR("1"), &terms);
		while (atomic_load(gets) < before + 20)
			(void)sched_yield();
		stop(pid);

		int64_t start_us = clock_mono_us();

		drop(f, STR("a"));
		CHECK(clock_mono_us() - start_us < CLOCK_SECOND);
		(void)f->ops->get(f->cache, f->arena, STR("a"), &found);
		CHECK(found.value.ptr == NULL);
		CHECK(kill(pid, SIGCONT) == 0);
		before = atomic_load(gets);
		while (atomic_load(gets) < before + 20)
			(void)sched_yield();
		(void)f->ops->get(f->cache, f->arena, STR("a"), &found);
		CHECK(found.value.ptr == NULL);
	}
	kill_it(pid);
	drop(f, STR("a"));
	CHECK(is_whole(f));
	shared_free((void *)(uintptr_t)gets, sizeof(*gets));
}

/* ---- who dies inside, while another reads */
static bool
is_shut(struct fixture *f)
{
	struct cache_found found = { 0 };
	enum err err = f->ops->get(f->cache, f->arena, STR("a"), &found);

	if (found.pin != 0)
		f->ops->unpin(f->cache, found.pin);
	return err == ERR_UNAVAILABLE;
}

/* Kills workers until one has died inside the shard of the key. */
static void
shut(struct fixture *f, _Atomic int *gets)
{
	while (!is_shut(f) && stats(f).emptied == 0) {
		int before = atomic_load(gets);
		pid_t pid = start(f, get_for_ever, gets);

		while (atomic_load(gets) < before + 100)
			(void)sched_yield();
		kill_it(pid);

		/* it clears what the dead one had pinned */
		struct fixture heir = fixture_as(f, 1);

		fixture_close(&heir);
	}
}

static void
stays_shut_while_somebody_reads_from_it(struct fixture *f)
{
	const struct cache_terms terms = { .ttl_us = 60 * CLOCK_SECOND };
	_Atomic int *gets = shared_alloc(sizeof(*gets));
	char *room = shared_alloc(LARGEST);
	struct cache_found found = { 0 };

	put(f, STR("a"), make_value(room, MIB, 1, 1));
	CHECK(f->ops->get(f->cache, f->arena, STR("a"), &found) == OK);
	CHECK(found.pin != 0);
	shut(f, gets);
	for (uint32_t i = 0; i < 200; i++)
		(void)f->ops->put(f->cache, key_of(f->arena, i),
		    make_value(room, MIB, i, 2), &terms);
	CHECK(is_shut(f));
	CHECK(is_value_of(found.value, 1));
	CHECK(stats(f).emptied == 0);
	f->ops->unpin(f->cache, found.pin);
	CHECK(get(f, STR("a")).ptr == NULL);
	CHECK(stats(f).emptied == 1);
	CHECK(is_whole(f));
	shared_free(room, LARGEST);
	shared_free((void *)(uintptr_t)gets, sizeof(*gets));
}

/* ---- memory that somebody else has written to */
static char *
find_in(const struct cache_shared *shared, struct str what)
{
	return memmem(shared->at, shared->size, what.ptr, what.len);
}

static void
notices_a_byte_that_has_changed(struct fixture *f)
{
	struct str value = STR("the bytes of a value that is looked for");
	struct str key = STR("a key that is looked for");
	struct error e = { 0 };

	put(f, key, value);
	CHECK(is_whole(f));

	char *places[] = { find_in(&f->shared, value),
		find_in(&f->shared, key) };

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		CHECK(places[i] != NULL);
		if (places[i] == NULL)
			continue;
		places[i][5] ^= 1;
		CHECK(f->ops->verify(f->cache, &e) == ERR_INTERNAL);
		places[i][5] ^= 1;
		CHECK(is_whole(f));
	}
}

/* clang-format off */
const struct suite_test process_tests[] = {
	{ "shows all workers the same", shows_all_workers_the_same, NEEDS_SHARED },
	{ "frees what a dead worker was reading", frees_what_a_dead_worker_was_reading, NEEDS_SHARED },
	{ "drops although another is stopped inside", drops_although_another_is_stopped_inside, NEEDS_SHARED },
	{ "stays shut while somebody reads from it", stays_shut_while_somebody_reads_from_it, NEEDS_SHARED },
	{ "notices a byte that has changed", notices_a_byte_that_has_changed, NEEDS_SHARED },
	{ NULL, NULL, 0 },
};
/* clang-format on */
