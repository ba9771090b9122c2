/* test_race.c - many threads on one store. */
#include <pthread.h>
#include <stdatomic.h>

#include "race.h"

#define THREADS 8
#define EACH 25

void
race_writer(struct fixture *f, int64_t branch, uint32_t first, uint32_t count,
    const char *name)
{
	int64_t last = 0;

	for (uint32_t i = 0; i < count; i++) {
		int64_t seq = put_version(
		    f, branch, first + i, table_version("ns", name, name));

		CHECK(seq > last); /* this writer's own come in order */
		CHECK(head_of(f, branch) >= seq);
		last = seq;
	}
}

void
race_check_log(struct fixture *f, int64_t branch, int64_t head)
{
	struct id parent = { { 0 } };
	int64_t at_us = 0;
	struct versions v;

	CHECK(head_of(f, branch) == head);
	for (int64_t seq = 1; seq <= head; seq++) {
		const struct value *c = get_commit(f, branch, seq);

		CHECK(c != NULL);
		if (c == NULL)
			return;
		CHECK((c[COMMIT_PARENT].type == VALUE_NULL) == (seq == 1));
		CHECK(seq == 1 || id_eq(c[COMMIT_PARENT].as.id, parent));
		CHECK(c[COMMIT_AT_US].as.i > at_us);
		parent = c[COMMIT_ID].as.id;
		at_us = c[COMMIT_AT_US].as.i;
	}
	CHECK(store_changes(in_time(f), (struct point){ branch, 0 }, head,
		  1000000, &v) == OK);
	CHECK(v.count == (size_t)head && !v.more);
	for (size_t i = 0; i < v.count; i++)
		CHECK(v.at[i].at.seq == (int64_t)i + 1);
}

struct racer {
	struct fixture f;
	uint32_t number;
	int won;
	atomic_bool *stop;
	pthread_t thread;
};

/* Runs a function in each of THREADS threads; how many won in all. */
static int
race(struct fixture *f, void *(*run)(void *), void *(*watch)(void *))
{
	struct racer racers[THREADS], watcher;
	atomic_bool stop = false;
	int won = 0;

	watcher = (struct racer){ .f = fixture_share(f), .stop = &stop };
	if (watch != NULL)
		CHECK(pthread_create(&watcher.thread, NULL, watch, &watcher) ==
		      0);
	for (uint32_t i = 0; i < THREADS; i++) {
		racers[i] =
		    (struct racer){ .f = fixture_share(f), .number = i };
		CHECK(pthread_create(
			  &racers[i].thread, NULL, run, &racers[i]) == 0);
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		(void)pthread_join(racers[i].thread, NULL);
		fixture_unshare(&racers[i].f);
		won += racers[i].won;
	}
	atomic_store(&stop, true);
	if (watch != NULL)
		(void)pthread_join(watcher.thread, NULL);
	fixture_unshare(&watcher.f);
	return won;
}

static void *
write_versions(void *arg)
{
	struct racer *r = arg;
	char name[8];

	(void)snprintf(name, sizeof(name), "t%u", r->number);
	race_writer(&r->f, 1, 1000 * (r->number + 1), EACH, name);
	return NULL;
}

/* A position that was a head once shows the same for ever, and all below. */
static void *
watch_positions(void *arg)
{
	struct racer *r = arg;
	struct versions first = { .count = 0 }, v;
	int64_t fixed = 0, last = 0;

	while (!atomic_load(r->stop)) {
		int64_t head = head_of(&r->f, 1);

		CHECK(head >= last);
		CHECK(store_changes(in_time(&r->f), (struct point){ 1, last },
			  head, 100000, &v) == OK);
		CHECK((int64_t)v.count == head - last);
		last = head;
		if (fixed == 0 && head > 10) {
			const struct point at = { 1, fixed = head };
			const struct key k = table_key("ns", "");

			CHECK(
			    store_list(in_time(&r->f), (struct chain){ &at, 1 },
				k, 100, &first) == OK);
		}
		for (size_t i = 0; i < first.count; i++) {
			struct version again =
			    read_at(&r->f, (struct point){ 1, fixed }, "ns",
				arena_cstr(r->f.arena, first.at[i].key.name));

			CHECK(again.at.seq == first.at[i].at.seq);
		}
	}
	return NULL;
}

static void
eight_writers_make_one_dense_log(struct fixture *f)
{
	(void)race(f, write_versions, watch_positions);
	race_check_log(f, 1, (int64_t)THREADS * EACH);
}

/* All expect the same position of one key: one wins each round. */
static void *
compare_and_set(void *arg)
{
	struct racer *r = arg;

	for (uint32_t i = 0; i < EACH; i++) {
		struct version now =
		    read_at(&r->f, (struct point){ 1, INT64_MAX }, "ns", "t");
		const struct version next = table_version("ns", "t", "x");
		const struct expect x = expect_seq("ns", "t", now.at.seq);
		struct unit u = unit_of(1000 * (r->number + 1) + i, &next, 1);
		enum verdict verdict;

		u.expects = &x;
		u.expect_count = 1;
		verdict = apply_one(&r->f, 1, &u);
		CHECK(
		    verdict == VERDICT_APPLIED || verdict == VERDICT_CONFLICT);
		CHECK(verdict != VERDICT_APPLIED || u.seq == now.at.seq + 1);
		r->won += verdict == VERDICT_APPLIED;
	}
	return NULL;
}

static void
of_those_who_expect_one_position_one_wins(struct fixture *f)
{
	int won = race(f, compare_and_set, NULL);

	CHECK(won >= EACH);
	race_check_log(f, 1, won);
}

/* Half create tables in a namespace, half drop it: never both. */
static void *
create_or_drop(void *arg)
{
	struct racer *r = arg;
	char name[16];

	(void)snprintf(name, sizeof(name), "t%u", r->number);
	for (uint32_t i = 0; i < EACH; i++) {
		bool drop = r->number % 2 == 0;
		char ns[16];

		(void)snprintf(ns, sizeof(ns), "db%u", i);

		const struct version put =
		    drop ? tombstone("", ns) : table_version(ns, name, "x");
		const struct expect x = { drop ? EXPECT_EMPTY : EXPECT_LIVE,
			drop ? table_key(ns, "") : table_key("", ns), -1 };
		struct unit u = unit_of(1000 * (r->number + 1) + i, &put, 1);

		u.expects = &x;
		u.expect_count = 1;
		r->won += apply_one(&r->f, 1, &u) == VERDICT_APPLIED;
	}
	return NULL;
}

static void
a_namespace_is_dropped_or_filled_never_both(struct fixture *f)
{
	const struct point now = { 1, INT64_MAX };
	char ns[EACH][16];

	for (uint32_t i = 0; i < EACH; i++) {
		(void)snprintf(ns[i], sizeof(ns[i]), "db%u", i);
		CHECK(put_version(f, 1, i + 1, table_version("", ns[i], "x")) !=
		      0);
	}
	CHECK(race(f, create_or_drop, NULL) >= EACH);
	for (uint32_t i = 0; i < EACH; i++) {
		const struct key k = table_key(ns[i], "");
		struct versions tables;

		CHECK(store_list(in_time(f), (struct chain){ &now, 1 }, k, 100,
			  &tables) == OK);
		CHECK(
		    read_at(f, now, "", ns[i]).deleted == (tables.count == 0));
	}
}

static void *
submit_the_same(void *arg)
{
	struct racer *r = arg;

	for (uint32_t i = 1; i <= EACH; i++) {
		const struct version v = table_version("ns", "t", "x");
		struct unit u = unit_of(i, &v, 1);
		enum verdict verdict = apply_one(&r->f, 1, &u);

		CHECK(verdict == VERDICT_APPLIED || verdict == VERDICT_ALREADY);
		CHECK(u.seq >= 1 && u.seq <= EACH);
		r->won += verdict == VERDICT_APPLIED;
	}
	return NULL;
}

static void
a_unit_that_all_submit_is_applied_once(struct fixture *f)
{
	CHECK(race(f, submit_the_same, NULL) == EACH);
	race_check_log(f, 1, EACH);
}

/* Half commit with an id, half claim it. */
static void *
commit_or_claim(void *arg)
{
	struct racer *r = arg;

	for (uint32_t i = 1; i <= EACH; i++) {
		const struct version v = table_version("ns", "t", "x");
		struct unit u = unit_of(i, &v, 1);

		r->won += (r->number % 2 == 0
				  ? claim_id(&r->f, i)
				  : apply_one(&r->f, 1, &u)) == VERDICT_APPLIED;
	}
	return NULL;
}

static void
an_id_is_committed_or_claimed_by_one(struct fixture *f)
{
	CHECK(race(f, commit_or_claim, NULL) == EACH);
	race_check_log(f, 1, head_of(f, 1));
}

static void *
add_one(void *arg)
{
	struct racer *r = arg;
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1), [ITEM_SIZE] = int_value(1)
	};
	const struct write w = { .entity = ITEMS,
		.op = WRITE_ADD,
		.row = row,
		.set = SET(ITEM_SIZE) };

	for (uint32_t i = 0; i < EACH; i++) {
		CHECK(write_rows(&r->f, &w, 1) == VERDICT_APPLIED);
		CHECK(get_item(&r->f, 1) != NULL);
	}
	return NULL;
}

static void
no_addition_is_lost(struct fixture *f)
{
	CHECK(put_item(f, 1, NULL, 0, NULL) == VERDICT_APPLIED);
	(void)race(f, add_one, NULL);
	CHECK(get_item(f, 1)[ITEM_SIZE].as.i == (int64_t)THREADS * EACH);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test race_tests[] = {
	TEST(eight_writers_make_one_dense_log),
	TEST(of_those_who_expect_one_position_one_wins),
	TEST(a_namespace_is_dropped_or_filled_never_both),
	TEST(a_unit_that_all_submit_is_applied_once),
	TEST(an_id_is_committed_or_claimed_by_one),
	TEST(no_addition_is_lost),
	{ NULL, NULL, 0 },
};
