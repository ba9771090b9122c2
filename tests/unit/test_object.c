/* test_object.c - locations and files. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls/bulkheads.h"
#include "object/beneath.h"
#include "object/file.h"
#include "object/object.h"
#include "tests/unit/unit.h"

static struct arena *arena;
static struct error error;
static struct call call = { .error = &error };
static char place[64];

static struct str
at(const char *name)
{
	return arena_printf(arena, "file://%s/%s", place, name);
}

static void
refuses_locations_that_climb_or_hide(void **state)
{
	static const char *const bad[] = { "", "file:", "file:/", "file:x",
		"file:///a/../b", "file:///a/./b", "file:///a//b", "file:///a/",
		"file:///a/b?c", "file:///a/b#c", "file:///a/\x01",
		"file:///a/\xff", "gs://bucket/a", "/a/b", "http://x/y",
		"file:///..", "file://host/a", "file:///a/%2e%2e/b",
		"file:///a/%2E./b", "file:///a/%2e", "file:///a/x%2f..%2Fb",
		"file:///a/..%5cb", "file:///a\\b", "file:///a/..\\b",
		"file:///a/b ", "file:///a /b", "file:///a/b%20" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (object_location_check(str_from(bad[i]), &error) !=
		    ERR_BAD_REQUEST)
			fail_msg("accepted \"%s\"", bad[i]);
	assert_int_equal(
	    object_location_check(STR("file:///a/b c/\xc3\xa9"), &error), OK);
	assert_int_equal(
	    object_location_check(STR("file:///a/%zz/a%20b/...x/%2"), &error),
	    OK);
	assert_int_equal(object_location_check(STR("file:/a/b"), &error), OK);
}

static void
knows_what_is_below_in_every_spelling(void **state)
{
	static const struct {
		const char *location, *root;
		bool below;
	} cases[] = {
		{ "file:///w/t", "file:///w", true },
		{ "file:/w/t", "file:///w", true },
		{ "file://localhost/w/t", "file:/w", true },
		{ "file:///w", "file:///w", false },
		{ "file:///wide/t", "file:///w", false },
		{ "s3://w/t", "file:///w", false },
		{ "s3://lake/w/t", "s3://lake/w", true },
		{ "s3a://lake/w/t", "s3n://lake", true },
		{ "s3://lake/wide", "s3://lake/w", false },
		{ "s3://lakes/w", "s3://lake", false },
		{ "s3://lake", "s3://lake", false },
		{ "file:////lake/w", "s3://lake", false },
		{ "s3://lake/w", "file:////lake", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (object_location_is_below(str_from(cases[i].location),
			str_from(cases[i].root)) != cases[i].below)
			fail_msg(
			    "%s below %s", cases[i].location, cases[i].root);
}

static void
creates_whole_files_and_their_directories(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(
	    object_create(&call, at("a/b/c.json"), STR("hello")), OK);
	assert_int_equal(object_read(&call, at("a/b/c.json"), &back), OK);
	assert_str(back, STR("hello"));
}

static void
never_overwrites_and_leaves_no_temporary_file(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(object_create(&call, at("once"), STR("1")), OK);
	assert_int_equal(
	    object_create(&call, at("once"), STR("2")), ERR_ALREADY_EXISTS);
	assert_int_equal(object_read(&call, at("once"), &back), OK);
	assert_str(back, STR("1"));

	struct str count = arena_printf(
	    arena, "test $(ls -A %s | grep -c '\\.tmp$') -eq 0", place);

	assert_int_equal(system(count.ptr), 0);
}

static void
says_what_is_not_there(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(
	    object_read(&call, at("nothing"), &back), ERR_NOT_FOUND);
	assert_int_equal(object_delete(&call, at("nothing")), OK);
	assert_int_equal(object_read(&call, at("."), &back), ERR_NOT_FOUND);
	assert_int_equal(
	    object_read(&call, at("e/../once"), &back), ERR_BAD_REQUEST);
}

/* Whoever may write into a warehouse must not be able to hang a thread. */
static void
reads_nothing_that_is_no_file(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(
	    mkfifo(arena_printf(arena, "%s/pipe", place).ptr, 0600), 0);
	assert_int_equal(object_read(&call, at("pipe"), &back), ERR_NOT_FOUND);
}

static char *
path_of(const char *name)
{
	return (char *)(uintptr_t)arena_printf(arena, "%s/%s", place, name).ptr;
}

static void
follows_no_link_whatever_it_points_to(void **state)
{
	static const char *const ways[] = { "l/direct", "l/dangling",
		"l/up/secret", "l/up/none", "l/in", "l/self/x" };
	struct str back;
	bool there;

	(void)state;
	assert_int_equal(object_create(&call, at("secret"), STR("s")), OK);
	assert_int_equal(object_create(&call, at("l/own"), STR("o")), OK);
	assert_int_equal(symlink(path_of("secret"), path_of("l/direct")), 0);
	assert_int_equal(symlink(path_of("none"), path_of("l/dangling")), 0);
	assert_int_equal(symlink("..", path_of("l/up")), 0);
	assert_int_equal(symlink("own", path_of("l/in")), 0);
	assert_int_equal(symlink("/proc/self/cwd", path_of("l/self")), 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct str location = at(ways[i]);
		struct str said = arena_printf(arena,
		    "Failed to open input stream for file: " STR_FMT,
		    STR_ARG(location));

		assert_int_equal(
		    object_read(&call, location, &back), ERR_NOT_FOUND);
		assert_string_equal(error.message, said.ptr);
		assert_int_equal(object_exists(&call, location, &there), OK);
		assert_false(there);
	}
}

static void
changes_nothing_through_a_link(void **state)
{
	bool there;

	(void)state;
	assert_int_equal(object_create(&call, at("kept/f"), STR("k")), OK);
	assert_int_equal(object_create(&call, at("w/own"), STR("o")), OK);
	assert_int_equal(symlink("../kept", path_of("w/way")), 0);
	assert_int_equal(object_delete(&call, at("w/way/f")), ERR_BAD_REQUEST);
	assert_int_equal(
	    object_create(&call, at("w/way/new"), STR("n")), ERR_BAD_REQUEST);
	assert_int_equal(
	    object_create(&call, at("w/way/a/new"), STR("n")), ERR_BAD_REQUEST);
	assert_int_equal(
	    object_prepare_table(&call, at("w/way/t")), ERR_BAD_REQUEST);
	assert_int_equal(
	    object_create(&call, at("w/way"), STR("n")), ERR_ALREADY_EXISTS);
	assert_int_equal(object_exists(&call, at("kept/f"), &there), OK);
	assert_true(there);
	assert_int_not_equal(access(path_of("kept/new"), F_OK), 0);
	assert_int_not_equal(access(path_of("kept/t"), F_OK), 0);
	/* the link itself is a name in the warehouse */
	assert_int_equal(object_delete(&call, at("w/way")), OK);
}

/* "/mnt/lake" of the operator may be a link; nothing below it. */
static void
follows_the_links_of_the_operator(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(mkdir(path_of("disk1"), 0700), 0);
	assert_int_equal(mkdir(path_of("disk2"), 0700), 0);
	assert_int_equal(symlink("disk1", path_of("mnt")), 0);
	assert_true(beneath_add(str_from(path_of("mnt/lake/"))));
	assert_int_equal(
	    object_create(&call, at("mnt/lake/t/f"), STR("1")), OK);
	assert_int_equal(access(path_of("disk1/lake/t/f"), F_OK), 0);
	assert_int_equal(object_read(&call, at("mnt/lake/t/f"), &back), OK);
	assert_int_equal(object_read(&call, at("mnt/f"), &back), ERR_NOT_FOUND);

	/* the operator has the lake elsewhere from now on */
	assert_int_equal(unlink(path_of("mnt")), 0);
	assert_int_equal(symlink("disk2", path_of("mnt")), 0);
	assert_int_equal(
	    object_create(&call, at("mnt/lake/t/g"), STR("2")), OK);
	assert_int_equal(access(path_of("disk2/lake/t/g"), F_OK), 0);
	assert_int_equal(
	    object_read(&call, at("mnt/lake/t/f"), &back), ERR_NOT_FOUND);
	assert_int_equal(object_read(&call, at("mnt/lake/t/g"), &back), OK);
	assert_str(back, STR("2"));
}

/* Whoever may write into the outer one could put a link there. */
static void
follows_no_link_to_a_directory_inside_another(void **state)
{
	struct str back;

	(void)state;
	assert_int_equal(object_create(&call, at("private/f"), STR("s")), OK);
	assert_true(beneath_add(str_from(path_of("outer/inner"))));
	assert_true(beneath_add(str_from(path_of("outer"))));
	assert_int_equal(object_create(&call, at("outer/f"), STR("o")), OK);
	assert_int_equal(symlink("../private", path_of("outer/inner")), 0);
	assert_int_equal(
	    object_read(&call, at("outer/inner/f"), &back), ERR_NOT_FOUND);
}

static void
blames_the_name_when_the_file_system_does_not_take_it(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[256] = '\0';
	assert_int_equal(
	    object_create(&call, at(name), STR("x")), ERR_BAD_REQUEST);
	assert_int_equal(
	    object_prepare_table(&call, at(name)), ERR_BAD_REQUEST);
	assert_int_equal(object_create(&call, at("plain"), STR("x")), OK);
	assert_int_equal(
	    object_create(&call, at("plain/x"), STR("x")), ERR_BAD_REQUEST);
	assert_int_equal(
	    object_prepare_table(&call, at("plain/t")), ERR_BAD_REQUEST);
}

static void
filter(struct sock_filter *code, size_t count)
{
	const struct sock_fprog program = { (unsigned short)count, code };

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* open(2) says EOPNOTSUPP to O_TMPFILE, as on a network file system. */
static void
lose_nameless_files(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(
		    BPF_JMP | BPF_JSET | BPF_K, O_TMPFILE & ~O_DIRECTORY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EOPNOTSUPP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	filter(code, sizeof(code) / sizeof(code[0]));
}

/* As a kernel before 5.6. */
static void
lose_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	filter(code, sizeof(code) / sizeof(code[0]));
}

/* These two come last: what is lost is lost. */
static void
does_without_files_that_have_no_name(void **state)
{
	struct str back;

	(void)state;
	lose_nameless_files();
	assert_int_equal(object_create(&call, at("nfs/f"), STR("1")), OK);
	assert_int_equal(
	    object_create(&call, at("nfs/f"), STR("2")), ERR_ALREADY_EXISTS);
	assert_int_equal(object_read(&call, at("nfs/f"), &back), OK);
	assert_str(back, STR("1"));
	assert_int_equal(system(arena_printf(
			     arena, "test $(ls -A %s/nfs | wc -l) -eq 1", place)
				    .ptr),
	    0);
}

static void
reads_on_the_loop_what_is_known_to_be_near(void **state)
{
	static char big[LOOP_BYTES + 1];
	struct str back;
	bool there;

	(void)state;
	assert_int_equal(object_create(&call, at("n/a"), STR("near")), OK);
	assert_int_equal(
	    object_create(&call, at("n/big"), (struct str){ big, sizeof(big) }),
	    OK);
	call.nowait = true;
	assert_int_equal(object_read(&call, at("n/a"), &back), ERR_WOULD_BLOCK);
	assert_int_equal(
	    object_exists(&call, at("n/a"), &there), ERR_WOULD_BLOCK);
	call.nowait = false;
	assert_int_equal(object_exists(&call, at("n/a"), &there), OK);
	call.nowait = true;
	assert_int_equal(object_read(&call, at("n/a"), &back), OK);
	assert_str(back, STR("near"));
	assert_int_equal(object_exists(&call, at("n/b"), &there), OK);
	assert_false(there);
	assert_int_equal(object_exists(&call, at("n/a"), &there), OK);
	assert_true(there);
	assert_int_equal(
	    object_read(&call, at("n/big"), &back), ERR_WOULD_BLOCK);
	call.nowait = false;
}

static void
prepares_directories_that_engines_open_files_in(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(object_prepare_table(&call, at("ns/t-1")), OK);
	assert_int_equal(object_prepare_table(&call, at("ns/t-1")), OK);
	assert_int_equal(
	    stat(arena_printf(arena, "%s/ns/t-1/data", place).ptr, &st), 0);
	assert_int_equal(
	    stat(arena_printf(arena, "%s/ns/t-1/metadata", place).ptr, &st), 0);
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new();
	call.arena = arena;
	(void)snprintf(place, sizeof(place), "/tmp/pangolin-object-XXXXXX");
	return mkdtemp(place) == NULL;
}

static void
tells_whether_a_file_is_there(void **state)
{
	bool there = false;

	(void)state;
	assert_int_equal(object_create(&call, at("e/f"), STR("x")), OK);
	assert_int_equal(object_exists(&call, at("e/f"), &there), OK);
	assert_true(there);
	assert_int_equal(object_exists(&call, at("e/g"), &there), OK);
	assert_false(there);
	assert_int_equal(object_exists(&call, at("e/f/g"), &there), OK);
	assert_false(there);
	assert_int_equal(object_exists(&call, at("e"), &there), OK);
	assert_false(there);
	assert_int_equal(
	    object_exists(&call, STR("s3://b/k"), &there), ERR_BAD_REQUEST);
}

static void
says_what_a_kernel_lacks(void **state)
{
	(void)state;
	assert_int_equal(beneath_supported(&error), OK);
	lose_openat2();
	assert_int_equal(beneath_supported(&error), ERR_UNAVAILABLE);
	assert_non_null(strstr(error.message, "Linux 5.6"));
}

static int
end(void **state)
{
	int status = system(arena_printf(arena, "rm -rf %s", place).ptr);

	(void)state;
	arena_free(arena);
	return status;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_locations_that_climb_or_hide),
		cmocka_unit_test(knows_what_is_below_in_every_spelling),
		cmocka_unit_test(creates_whole_files_and_their_directories),
		cmocka_unit_test(never_overwrites_and_leaves_no_temporary_file),
		cmocka_unit_test(says_what_is_not_there),
		cmocka_unit_test(tells_whether_a_file_is_there),
		cmocka_unit_test(reads_nothing_that_is_no_file),
		cmocka_unit_test(reads_on_the_loop_what_is_known_to_be_near),
		cmocka_unit_test(
		    prepares_directories_that_engines_open_files_in),
		cmocka_unit_test(follows_no_link_whatever_it_points_to),
		cmocka_unit_test(changes_nothing_through_a_link),
		cmocka_unit_test(follows_the_links_of_the_operator),
		cmocka_unit_test(follows_no_link_to_a_directory_inside_another),
		cmocka_unit_test(
		    blames_the_name_when_the_file_system_does_not_take_it),
		cmocka_unit_test(does_without_files_that_have_no_name),
		cmocka_unit_test(says_what_a_kernel_lacks),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
