/*
 * test_kill.c - workers that put, get and drop at random and are killed at
 * random: nobody ever reads what was not put, and in the end all is whole.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define KEYS 400u
#define HELD 4 /* values that a worker has shown at a time */

static int
kills_wanted(void)
{
	int64_t kills;

	return str_to_int(str_from(getenv("CACHE_KILLS")), &kills) ? (int)kills
								   : 200;
}

/* What the workers and their parent tell each other. */
struct board {
	_Atomic int64_t turns;
	_Atomic int64_t found;
	_Atomic int wrong; /* values that were not put under the key */
	_Atomic bool end;
};

struct held {
	struct cache_found found;
	uint32_t key;
};

struct worker {
	struct fixture *fixture;
	struct board *board;
	char *room;
	uint32_t seed;
	struct held held[HELD];
};

static uint32_t
pick(struct worker *w, uint32_t below)
{
	return random_next(&w->seed) % below;
}

/* Mostly as large as an entry of a catalog, seldom megabytes. */
static size_t
pick_len(struct worker *w)
{
	uint32_t dice = pick(w, 1000);

	if (dice == 0)
		return MIB + pick(w, MIB);
	return dice < 30 ? 64 * KIB + pick(w, 200 * KIB)
			 : 12 + pick(w, 8 * KIB);
}

static void
expect_value(struct worker *w, struct str value, uint32_t key)
{
	if (!is_value_of(value, key))
		atomic_fetch_add(&w->board->wrong, 1);
	atomic_fetch_add(&w->board->found, 1);
}

/* It is looked at when it is found, and again before it is let go. */
static void
let_go(struct worker *w, struct held *h)
{
	if (h->found.pin == 0)
		return;
	expect_value(w, h->found.value, h->key);
	w->fixture->ops->unpin(w->fixture->cache, h->found.pin);
	h->found.pin = 0;
}

static void
ask(struct worker *w, uint32_t key)
{
	struct fixture *f = w->fixture;
	struct held *h = &w->held[pick(w, HELD)];

	let_go(w, h);
	*h = (struct held){ .key = key };
	(void)f->ops->get(f->cache, f->arena, key_of(f->arena, key), &h->found);
	if (h->found.value.ptr != NULL)
		expect_value(w, h->found.value, key);
}

static void
give(struct worker *w, uint32_t key)
{
	struct fixture *f = w->fixture;
	const struct cache_terms terms = {
		.ttl_us = pick(w, 8) == 0 ? CLOCK_MS : 60 * CLOCK_SECOND,
	};
	struct str value = make_value(w->room, pick_len(w), key, w->seed);

	(void)f->ops->put(f->cache, key_of(f->arena, key), value, &terms);
}

static void
take_turn(struct worker *w)
{
	struct fixture *f = w->fixture;
	uint32_t key = pick(w, KEYS);
	uint32_t dice = pick(w, 1000);

	if (dice < 600)
		ask(w, key);
	else if (dice < 850)
		give(w, key);
	else
		(void)f->ops->drop(f->cache, key_of(f->arena, key));
	arena_reset(f->arena);
	atomic_fetch_add(&w->board->turns, 1);
}

static pid_t
start(const struct fixture *base, unsigned worker, struct board *board)
{
	static uint32_t seed = 1;

	seed = seed * 69069 + 1;

	pid_t pid = fork();

	if (pid != 0)
		return pid;

	struct fixture f = fixture_as(base, worker);
	struct worker w = { .fixture = &f,
		.board = board,
		.room = shared_alloc(LARGEST),
		.seed = seed | 1 };

	while (!atomic_load(&board->end))
		take_turn(&w);
	for (size_t i = 0; i < HELD; i++)
		let_go(&w, &w.held[i]);
	f.ops->close(f.cache);
	_exit(0);
}

static void
wait_for_turns(struct board *board, uint32_t turns)
{
	int64_t until = atomic_load(&board->turns) + turns;
	int64_t deadline = clock_mono_us() + 60 * CLOCK_SECOND;

	while (atomic_load(&board->turns) < until) {
		if (clock_mono_us() > deadline) {
			check_failed(__FILE__, __LINE__, "workers go on");
			return;
		}
		(void)sched_yield();
	}
}

static void
kill_them_one_by_one(
    struct fixture *f, struct board *board, pid_t *pid, int kills)
{
	uint32_t seed = 4711;

	for (int i = 0; i < kills; i++) {
		unsigned victim = random_next(&seed) % WORKERS;

		wait_for_turns(board, 1 + random_next(&seed) % 500);
		CHECK(kill(pid[victim], SIGKILL) == 0);
		CHECK(waitpid(pid[victim], NULL, 0) == pid[victim]);
		pid[victim] = start(f, victim, board);
	}
}

static void
end_all(struct board *board, const pid_t *pid)
{
	atomic_store(&board->end, true);
	for (unsigned i = 0; i < WORKERS; i++) {
		int status = 0;

		CHECK(waitpid(pid[i], &status, 0) == pid[i]);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

static void
expect_all_whole(struct fixture *f)
{
	struct cache_stats s = stats(f);

	CHECK(s.pins == 0);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct str value = get(f, key_of(f->arena, i));

		CHECK(value.ptr == NULL || is_value_of(value, i));
	}
	CHECK(is_whole(f));
	for (uint32_t i = 0; i < KEYS; i++)
		drop(f, key_of(f->arena, i));
	for (uint32_t i = 0; i < 100; i++) {
		put(f, key_of(f->arena, i), STR("x"));
		drop(f, key_of(f->arena, i));
	}
	s = stats(f);
	CHECK(s.entries == 0 && s.bytes == 0);
	CHECK(is_whole(f));
}

static void
survives_workers_that_are_killed(struct fixture *f)
{
	struct board *board = shared_alloc(sizeof(*board));
	int kills = kills_wanted();
	pid_t pid[WORKERS];

	for (unsigned i = 0; i < WORKERS; i++)
		pid[i] = start(f, i, board);
	kill_them_one_by_one(f, board, pid, kills);
	end_all(board, pid);
	CHECK(atomic_load(&board->wrong) == 0);
	CHECK(atomic_load(&board->found) > kills);
	printf("%d kills in %lld turns: %lld values read, %lld shards "
	       "emptied\n",
	    kills, (long long)atomic_load(&board->turns),
	    (long long)atomic_load(&board->found), (long long)stats(f).emptied);
	expect_all_whole(f);
	shared_free(board, sizeof(*board));
}

/* clang-format off */
const struct suite_test kill_tests[] = {
	{ "survives workers that are killed", survives_workers_that_are_killed, NEEDS_SHARED },
	{ NULL, NULL, 0 },
};
/* clang-format on */
