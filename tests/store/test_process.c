/*
 * test_process.c - several processes on one store, and sudden ends.
 *
 * A child opens the store for itself; the suite's own handle is closed while
 * children run, for no handle survives a fork.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "race.h"

#define PROCESSES 3
#define EACH 40

static pid_t
start(struct fixture *f, void (*run)(struct fixture *, int), int arg)
{
	pid_t pid = fork();

	if (pid == 0) {
		fixture_open(f);
		run(f, arg);
		_exit(0);
	}
	CHECK(pid > 0);
	return pid;
}

static void
write_versions(struct fixture *f, int number)
{
	char name[8];

	(void)snprintf(name, sizeof(name), "p%d", number);
	race_writer(f, 1, 1000u * (uint32_t)(number + 1), EACH, name);
}

static void
three_processes_make_one_dense_log(struct fixture *f)
{
	pid_t pid[PROCESSES];

	fixture_close(f);
	for (int i = 0; i < PROCESSES; i++)
		pid[i] = start(f, write_versions, i);
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;

		CHECK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
	}
	fixture_open(f);
	race_check_log(f, 1, (int64_t)PROCESSES * EACH);
}

/* Two versions and a record a unit; tells each that was acknowledged. */
static void
write_until_killed(struct fixture *f, int out)
{
	for (uint32_t i = 1;; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "t%d-%u", getpid(), i);

		const struct version puts[] = { table_version("a", name, "x"),
			table_version("b", name, "x") };
		const struct value row[ITEM_FIELDS] = { int_value(i) };
		const struct write w = {
			.entity = ITEMS, .op = WRITE_PUT, .row = row
		};
		struct unit u =
		    unit_of((uint32_t)getpid() * 100000u + i, puts, 2);

		u.writes = &w;
		u.write_count = 1;
		if (apply_one(f, 1, &u) != VERDICT_APPLIED ||
		    write(out, &i, sizeof(i)) != sizeof(i))
			_exit(1);
	}
}

/* The last unit that a child acknowledged before it was killed. */
static uint32_t
kill_a_writer(struct fixture *f, uint32_t after, pid_t *ret_pid)
{
	int ends[2];
	uint32_t n = 0, last = 0;
	pid_t pid;

	CHECK(pipe(ends) == 0);
	pid = start(f, write_until_killed, ends[1]);
	(void)close(ends[1]);
	while (last < after && read(ends[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	CHECK(kill(pid, SIGKILL) == 0);
	while (read(ends[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	(void)waitpid(pid, NULL, 0);
	(void)close(ends[0]);
	*ret_pid = pid;
	return last;
}

/* The units of a killed child: all in the log, each whole. */
static void
check_units_of(struct fixture *f, pid_t pid, int64_t count)
{
	const struct point now = { 1, INT64_MAX };

	for (int64_t i = 1; i <= count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "t%d-%u", pid, (uint32_t)i);

		int64_t seq = read_at(f, now, "a", name).at.seq;

		CHECK(seq != 0);
		CHECK(read_at(f, now, "b", name).at.seq == seq);
		CHECK(get_commit(f, 1, seq) != NULL);
		CHECK(get_item(f, i) != NULL);
	}
}

static void
a_killed_writer_leaves_whole_units_and_all_it_was_told_of(struct fixture *f)
{
	for (uint32_t round = 0; round < 8; round++) {
		int64_t before = head_of(f, 1), made;
		uint32_t told;
		pid_t pid;

		fixture_close(f);
		told = kill_a_writer(f, 3 + round * 5, &pid);
		fixture_open(f);
		made = head_of(f, 1) - before;
		CHECK(told >= 3 && (made == told || made == told + 1));
		check_units_of(f, pid, made);
	}
}

static void
what_was_written_is_there_when_opened_again(struct fixture *f)
{
	const struct value *item;

	CHECK(put_version(f, 1, 1, table_version("ns", "t", "x")) == 1);
	CHECK(put_item(f, 5, "n", 6, NULL) == VERDICT_APPLIED);
	fixture_close(f);
	fixture_open(f);
	CHECK(head_of(f, 1) == 1);
	item = get_item(f, 5);
	CHECK(item != NULL && item[ITEM_SIZE].as.i == 6);
	CHECK(put_version(f, 1, 2, table_version("ns", "t", "y")) == 2);
	CHECK(str_eq(
	    read_at(f, (struct point){ 1, 1 }, "ns", "t").location, STR("x")));
}

/* Two handles of one process, as two workers would have. */
static void
a_write_is_seen_by_every_other_handle(struct fixture *f)
{
	struct fixture other = *f;

	fixture_open(&other);
	for (uint32_t i = 1; i <= 20; i++) {
		struct fixture *writer = i % 2 ? f : &other;
		struct fixture *reader = i % 2 ? &other : f;

		CHECK(put_version(
			  writer, 1, i, table_version("ns", "t", "x")) == i);
		CHECK(head_of(reader, 1) == i);
		CHECK(
		    read_at(reader, (struct point){ 1, i }, "ns", "t").at.seq ==
		    i);
	}
	fixture_close(&other);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, PLUGIN_SHARED                                     \
	}

const struct suite_test process_tests[] = {
	TEST(three_processes_make_one_dense_log),
	TEST(a_killed_writer_leaves_whole_units_and_all_it_was_told_of),
	TEST(what_was_written_is_there_when_opened_again),
	TEST(a_write_is_seen_by_every_other_handle),
	{ NULL, NULL, 0 },
};
