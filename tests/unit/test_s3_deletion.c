/* test_s3_deletion.c - an answer to DeleteObjects tells of each key whether its
 * object is gone. */
#include "object/s3_deletion.h"

#include "tests/unit/unit.h"

#define KEYS 4

static const struct str keys[KEYS] = { STR_INIT("a/1"), STR_INIT("a/<2>&"),
	STR_INIT("a/3"), STR_INIT("a/1") };

static bool
reads(struct arena *a, const char *inside, struct s3_outcome *ret)
{
	return s3_deletion_read(a, str_from(inside), keys, KEYS, ret);
}

static void
keys_that_no_error_names_are_gone(void **state)
{
	struct arena *a = arena_new();
	struct s3_outcome of[KEYS];

	(void)state;
	assert_true(reads(a, "", of));
	for (size_t i = 0; i < KEYS; i++)
		assert_null(of[i].code.ptr);
	arena_free(a);
}

static void
each_refused_key_has_its_own_reason(void **state)
{
	struct arena *a = arena_new();
	struct s3_outcome of[KEYS];

	(void)state;
	assert_true(reads(a,
	    "<Deleted><Key>a/3</Key></Deleted>"
	    "<Error><Key>a/&lt;2&gt;&amp;</Key><Code>AccessDenied</Code>"
	    "</Error>\n<Error><Code>InternalError</Code><Key>a/1</Key></Error>",
	    of));
	assert_str(of[0].code, STR("InternalError"));
	assert_str(of[1].code, STR("AccessDenied"));
	assert_null(of[2].code.ptr);
	assert_str(of[3].code, STR("InternalError"));
	arena_free(a);
}

static void
an_object_that_was_not_there_is_gone(void **state)
{
	struct arena *a = arena_new();
	struct s3_outcome of[KEYS];

	(void)state;
	assert_true(reads(
	    a, "<Error><Key>a/3</Key><Code>NoSuchKey</Code></Error>", of));
	assert_null(of[2].code.ptr);
	arena_free(a);
}

static void
a_reason_is_one_word_or_none(void **state)
{
	static const char *const texts[] = {
		"<Error><Key>a/3</Key></Error>",
		"<Error><Key>a/3</Key><Code/></Error>",
		"<Error><Key>a/3</Key><Code>a b</Code></Error>",
		"<Error><Key>a/3</Key><Code>&#10;</Code></Error>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct arena *a = arena_new();
		struct s3_outcome of[KEYS];

		assert_true(reads(a, texts[i], of));
		assert_str(of[2].code, STR("refused"));
		arena_free(a);
	}
}

static void
answers_that_leave_a_doubt_tell_of_no_key(void **state)
{
	static const char one[] = "<Error><Key>a/3</Key></Error>";
	static const char *const texts[] = {
		"<Error><Code>AccessDenied</Code></Error>",
		"<Error><Key/></Error>",
		"<Error><Key>a/4</Key><Code>AccessDenied</Code></Error>",
		"<Error><Key><b>a/3</b></Key></Error>",
		"<Error><Key>a/3</Key>",
		"<Error/>",
		"<Deleted></Other>",
	};
	struct arena *a = arena_new();
	struct s3_outcome of[KEYS];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(reads(a, texts[i], of));
	for (size_t n = KEYS; n <= KEYS + 1; n++) {
		struct buf many = buf_in(a);

		for (size_t i = 0; i < n; i++)
			buf_add(&many, str_from(one));
		assert_int_equal(
		    s3_deletion_read(a, buf_str(&many), keys, KEYS, of),
		    n == KEYS);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_no_error_names_are_gone),
		cmocka_unit_test(each_refused_key_has_its_own_reason),
		cmocka_unit_test(an_object_that_was_not_there_is_gone),
		cmocka_unit_test(a_reason_is_one_word_or_none),
		cmocka_unit_test(answers_that_leave_a_doubt_tell_of_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
