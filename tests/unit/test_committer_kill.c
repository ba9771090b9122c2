/*
 * test_committer_kill.c - processes that commit to one SQLite file, and are
 * killed while the store applies.
 *
 * The leader is a child whose store stops at a gate; the follower a child
 * that is stopped, so that it cannot lead before the test wants it to.
 */
#include "catalog/committer.h"

#include <signal.h>
#include <sys/wait.h>

#include "record/entities.h"
#include "record/value.h"
#include "tests/unit/gate_store.h"
#include "tests/unit/memory_store.h"
#include "tests/unit/scratch.h"

static struct committer *committer;
static struct slots slots;
static const struct store_ops *sqlite;
static char db_path[128];

/* What the leader's store does with its second call. */
enum leader_end { STOP_BEFORE, STOP_AFTER };

/* ---- the store; each process opens it for itself */
static const struct store_ops *
sqlite_ops(void)
{
	const char *dir = getenv("PANGOLIN_PLUGINS");
	const struct plugin *(*get)(void);
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/store-sqlite.so",
	    dir != NULL ? dir : "build/plugins");

	void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	assert_non_null(so);
	*(void **)&get = dlsym(so, PLUGIN_SYMBOL);
	assert_non_null(get);
	return get()->ops;
}

static void
open_sqlite(void)
{
	const struct str path = str_from(db_path);
	const struct plugin_settings settings = { .value = &path };

	call = (struct call){ .arena = arena_new(),
		.error = &error,
		.deadline_us = clock_mono_us() + 60 * CLOCK_SECOND };
	assert_ok(sqlite->open(&settings, &record_schema, &call.store, &error));
}

/* A record for each of the tables here, told apart by the length of the name:
 * what has been added to it. */
static const char *const counted[] = { "first", "second", "follower" };

static struct value
counter_of(const char *name)
{
	return value_id((struct id){ { (uint8_t)strlen(name) } });
}

static void
make_counters(void)
{
	for (size_t i = 0; i < 3; i++) {
		const struct value row[GARBAGE_FIELDS] = {
			[GARBAGE_ID] = counter_of(counted[i]),
			[GARBAGE_SINCE_US] = value_int(0),
		};
		const struct write put = { .entity = ENTITY_GARBAGE,
			.op = WRITE_PUT,
			.row = row,
			.set = (uint64_t)1 << GARBAGE_SINCE_US };
		struct unit u = { .writes = &put, .write_count = 1 };

		assert_ok(store_apply(&call, 0, &u, 1));
	}
}

static int
start(void **state)
{
	(void)state;
	make_scratch();
	(void)snprintf(db_path, sizeof(db_path), "%s/db", scratch);
	sqlite = sqlite_ops();
	committer = new_committer_of(&slots);

	const struct str path = str_from(db_path);
	const struct plugin_settings settings = { .value = &path };

	assert_ok(sqlite->migrate(&settings, &record_schema, &error));
	open_sqlite();
	make_branch(&call, BRANCH, "main");
	make_counters();
	return close_store(state);
}

static int
stop(void **state)
{
	(void)state;
	remove_scratch();
	return 0;
}

/* ---- children */
static int to_leader[2], from_leader[2];

static void
tell(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static void
hear(int fd)
{
	char byte;

	assert_int_equal(read(fd, &byte, 1), 1);
}

static enum err
commit(struct store *store, const char *name, struct table_unit *ret)
{
	struct call c = call;

	c.store = store;
	table_unit_init(ret, name, 0);
	return committer_apply(committer, &c, BRANCH, &ret->unit);
}

/* The commit of a table, and one more on its counter. */
static enum err
commit_and_count(struct committer *m, struct store *store, const char *name,
    struct table_unit *ret)
{
	const struct value row[GARBAGE_FIELDS] = {
		[GARBAGE_ID] = counter_of(name),
		[GARBAGE_SINCE_US] = value_int(1),
	};
	const struct write add = { .entity = ENTITY_GARBAGE,
		.op = WRITE_ADD,
		.row = row,
		.set = (uint64_t)1 << GARBAGE_SINCE_US };
	struct call c = call;
	enum err err;

	c.store = store;
	table_unit_init(ret, name, 0);
	ret->unit.writes = &add;
	ret->unit.write_count = 1;
	err = committer_apply(m, &c, BRANCH, &ret->unit);
	ret->unit.write_count = 0;
	return err;
}

/* Each table's commit has counted once, or neither is there. */
static void
assert_counted(void)
{
	for (size_t i = 0; i < 3; i++) {
		const struct value key = counter_of(counted[i]);
		const struct value *keys = &key;
		bool is_there = table_seq(&call, BRANCH, counted[i]) != 0;
		struct rows rows;

		assert_ok(store_get(&call, ENTITY_GARBAGE, &keys, 1, &rows));
		assert_int_equal(rows.row[0][GARBAGE_SINCE_US].as.i, is_there);
	}
}

/* A store that stops at a pipe: in its first call before it applies, in its
 * second where the test says. */
struct pipe_store {
	struct store base;
	enum leader_end end;
	int calls;
};

static enum err
pipe_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct pipe_store *p = (struct pipe_store *)c->store;
	struct call inner = *c;
	bool after = p->calls++ == 1 && p->end == STOP_AFTER;
	enum err err = OK;

	inner.store = call.store;
	if (after)
		err = store_apply(&inner, branch, units, count);
	tell(from_leader[1]);
	hear(to_leader[0]);
	return after ? err : store_apply(&inner, branch, units, count);
}

static void
run_leader(enum leader_end end)
{
	static const struct store_ops ops = { .apply = pipe_apply };
	struct pipe_store store = { { &ops }, end, 0 };
	struct table_unit t;

	open_sqlite();
	assert_int_equal(
	    commit_and_count(committer, &store.base, "first", &t), OK);
	assert_int_equal(
	    commit_and_count(committer, &store.base, "second", &t), OK);
}

static void
run_follower(enum verdict want)
{
	struct table_unit t;

	open_sqlite();
	_exit(commit_and_count(committer, call.store, "follower", &t) == OK &&
		      t.unit.verdict == want
		  ? 0
		  : 1);
}

static pid_t
begin_leader(enum leader_end end)
{
	assert_int_equal(pipe(to_leader), 0);
	assert_int_equal(pipe(from_leader), 0);

	pid_t pid = fork();

	if (pid == 0) {
		run_leader(end);
		_exit(0);
	}
	hear(from_leader[0]);
	return pid;
}

static pid_t
begin_follower(enum verdict want)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		run_follower(want);
	until(waiting_units(committer) == 1);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	return pid;
}

static void
kill_child(pid_t pid)
{
	int status;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void
assert_ends_well(pid_t pid)
{
	int status = -1;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
assert_log(int64_t head, int64_t follower)
{
	committer_sweep(committer);
	assert_idle(committer);
	open_sqlite();
	assert_int_equal(log_head(&call, BRANCH), head);
	assert_int_equal(table_seq(&call, BRANCH, "follower"), follower);
	assert_counted();
	(void)close_store(NULL);
	for (int i = 0; i < 2; i++) {
		(void)close(to_leader[i]);
		(void)close(from_leader[i]);
	}
}

/* ---- leaders */
static void
submits_again_what_a_dead_leader_applied(void **state)
{
	(void)state;

	pid_t leader = begin_leader(STOP_AFTER);
	pid_t follower = begin_follower(VERDICT_ALREADY);

	tell(to_leader[1]);
	hear(from_leader[0]); /* both units are applied, nobody is told */
	assert_int_equal(committer_count(committer).queue.taken, 2);
	kill_child(leader);
	assert_int_equal(kill(follower, SIGCONT), 0);
	assert_ends_well(follower);
	assert_log(3, 2);
}

static void
submits_again_what_a_dead_leader_had_not_begun(void **state)
{
	(void)state;

	pid_t leader = begin_leader(STOP_BEFORE);
	pid_t follower = begin_follower(VERDICT_APPLIED);

	tell(to_leader[1]);
	hear(from_leader[0]);
	assert_int_equal(committer_count(committer).queue.taken, 2);
	kill_child(leader);
	assert_int_equal(kill(follower, SIGCONT), 0);
	assert_ends_well(follower);
	assert_log(2, 2); /* the leader's own unit went with it */
}

/* ---- followers */
static void
drops_the_unit_of_a_follower_that_died_waiting(void **state)
{
	(void)state;

	pid_t leader = begin_leader(STOP_BEFORE);

	kill_child(begin_follower(VERDICT_APPLIED));
	tell(to_leader[1]);
	hear(from_leader[0]);
	assert_int_equal(committer_count(committer).queue.taken, 1);
	tell(to_leader[1]);
	assert_ends_well(leader);
	assert_log(2, 0);
}

static void
outlives_a_follower_whose_unit_is_taken(void **state)
{
	(void)state;

	pid_t leader = begin_leader(STOP_BEFORE);
	pid_t follower = begin_follower(VERDICT_APPLIED);

	tell(to_leader[1]);
	hear(from_leader[0]);
	kill_child(follower);
	tell(to_leader[1]);
	assert_ends_well(leader);
	assert_log(3, 2);
}

/* ---- leaders that are stopped, and go on */

/* It stands at the gate, and its beat is that of long ago. */
static void
fall_silent(pid_t pid)
{
	atomic_store(
	    &slots.at[1].beat_us, clock_mono_us() - SLOT_SILENT_US - 1);
	atomic_store(&slots.at[1].pid, pid);
}

static void
applies_once_what_two_leaders_submit(void **state)
{
	(void)state;

	pid_t leader = begin_leader(STOP_BEFORE);
	pid_t follower = begin_follower(VERDICT_APPLIED);

	tell(to_leader[1]);
	hear(from_leader[0]); /* it has both units, and has not begun */
	fall_silent(leader);
	assert_int_equal(kill(follower, SIGCONT), 0);
	assert_ends_well(follower);
	tell(to_leader[1]);
	assert_ends_well(leader);
	assert_log(3, 2);
}

static void
knows_what_a_silent_leader_applied(void **state)
{
	(void)state;

	pid_t leader = begin_leader(STOP_AFTER);
	pid_t follower = begin_follower(VERDICT_ALREADY);

	tell(to_leader[1]);
	hear(from_leader[0]); /* both are applied, nobody is told */
	fall_silent(leader);
	assert_int_equal(kill(follower, SIGCONT), 0);
	assert_ends_well(follower);
	tell(to_leader[1]);
	assert_ends_well(leader);
	assert_log(3, 2);
}

/* What the silent one may still submit could be right by then: that it is
 * refused now is not told. */
static void
refuses_nothing_that_a_silent_leader_may_still_apply(void **state)
{
	struct table_unit t;
	int status;
	pid_t ended = 0;

	(void)state;

	pid_t leader = begin_leader(STOP_BEFORE);
	pid_t follower = begin_follower(VERDICT_APPLIED);

	tell(to_leader[1]);
	hear(from_leader[0]);
	open_sqlite();
	/* another was quicker */
	assert_ok(commit_and_count(NULL, call.store, "follower", &t));
	fall_silent(leader);
	assert_int_equal(kill(follower, SIGCONT), 0);
	until((ended = waitpid(follower, &status, WNOHANG)) != 0 ||
	      committer_count(committer).queue.batches > 4);
	assert_int_equal(ended, 0); /* it asks again and again */
	(void)close_store(NULL);
	tell(to_leader[1]);
	assert_ends_well(leader);
	assert_int_equal(waitpid(follower, &status, 0), follower);
	assert_true(WIFEXITED(status)); /* a conflict, told by now */
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_log(3, 2);
}

/* ---- no one dies */
#define PROCESSES 4
#define COMMITS 50

static void
run_commits(int number)
{
	struct table_unit t;
	char name[24];

	open_sqlite();
	for (int i = 0; i < COMMITS; i++) {
		(void)snprintf(name, sizeof(name), "t%d-%d", number, i);
		if (commit(call.store, name, &t) != OK ||
		    t.unit.verdict != VERDICT_APPLIED)
			_exit(1);
	}
	_exit(0);
}

static void
commits_for_all_processes(void **state)
{
	pid_t pid[PROCESSES];

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			run_commits(i);
	}
	for (int i = 0; i < PROCESSES; i++)
		assert_ends_well(pid[i]);
	assert_idle(committer);
	open_sqlite();
	assert_int_equal(log_head(&call, BRANCH), PROCESSES * COMMITS);
	(void)close_store(NULL);
}

#define test(f) cmocka_unit_test_setup_teardown(f, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(submits_again_what_a_dead_leader_applied),
		test(submits_again_what_a_dead_leader_had_not_begun),
		test(drops_the_unit_of_a_follower_that_died_waiting),
		test(outlives_a_follower_whose_unit_is_taken),
		test(applies_once_what_two_leaders_submit),
		test(knows_what_a_silent_leader_applied),
		test(refuses_nothing_that_a_silent_leader_may_still_apply),
		test(commits_for_all_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
