/* test_backup_file.c - what is no whole backup is refused, by its line. */
#include "backup/backup.h"
#include "backup/row_text.h"
#include "record/entities.h"
#include "record/value.h"
#include "tests/unit/unit.h"

static struct error error;
static struct arena *arena;

static void
watch_nothing(void *arg, const char *step, int64_t done, int64_t total)
{
	(void)arg;
	(void)step;
	(void)done;
	(void)total;
}

static const struct backup_watch nobody = { watch_nothing, NULL };

static int
make_arena(void **state)
{
	(void)state;
	arena = arena_new();
	error = (struct error){ OK, "" };
	return 0;
}

static int
free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct str
tenant_line(int number, const char *name)
{
	struct value row[TENANT_FIELDS] = { 0 };
	struct buf line = buf_in(arena);

	row[TENANT_ID] = value_id((struct id){ { (uint8_t)number } });
	row[TENANT_NAME] = value_text(str_from(name));
	row[TENANT_CREATED_US] = value_int(INT64_MIN);
	row_write(&line, &record_schema.entities[ENTITY_TENANTS], row);
	return buf_str(&line);
}

/* Lines 1 to 7: the head, a section of two tenants, one of nobody, the end. */
static struct str
whole_file(void)
{
	struct backup_file f = { .name = "it", .schema = 2 };
	struct str text = { .len = 0 };
	char *bytes;

	f.file = tmpfile();
	assert_non_null(f.file);
	assert_int_equal(backup_begin(&f, &error), OK);
	assert_int_equal(backup_section(&f, "tenants", &error), OK);
	assert_int_equal(
	    backup_row(&f, tenant_line(1, "a \xF0\x9F\x90\xBE\n"), &error), OK);
	assert_int_equal(backup_row(&f, tenant_line(2, "b"), &error), OK);
	assert_int_equal(backup_section_end(&f, &error), OK);
	assert_int_equal(backup_section(&f, "users", &error), OK);
	assert_int_equal(backup_section_end(&f, &error), OK);
	assert_int_equal(backup_complete(&f, &error), OK);
	assert_int_equal(f.rows, 2);
	rewind(f.file);
	text.len = (size_t)f.bytes;
	text.ptr = bytes = arena_alloc(arena, 1, text.len);
	assert_int_equal(fread(bytes, 1, text.len, f.file), text.len);
	assert_int_equal(getc(f.file), EOF);
	(void)fclose(f.file);
	return text;
}

static enum err
check(struct str text)
{
	struct backup_file f = { .name = "it" };
	enum err err;

	f.file = fmemopen((void *)(uintptr_t)text.ptr, text.len, "r");
	assert_non_null(f.file);
	err = restore_check(&f, &nobody, &error);
	(void)fclose(f.file);
	backup_close(&f);
	return err;
}

static struct str
replaced(struct str text, const char *from, const char *to)
{
	const char *at = memmem(text.ptr, text.len, from, strlen(from));
	struct buf b = buf_in(arena);

	assert_non_null(at);
	buf_add(&b, (struct str){ text.ptr, (size_t)(at - text.ptr) });
	buf_add(&b, str_from(to));
	buf_add(&b, str_skip(text, (size_t)(at - text.ptr) + strlen(from)));
	return buf_str(&b);
}

static void
a_whole_file_is_taken(void **state)
{
	struct str text = whole_file();

	(void)state;
	if (check(text) != OK)
		fail_msg("%s", error.message);
}

/* Nothing shorter is, wherever it was cut. */
static void
a_file_that_was_cut_is_refused(void **state)
{
	struct str text = whole_file();

	(void)state;
	for (size_t len = 1; len < text.len; len++) {
		assert_int_equal(
		    check((struct str){ text.ptr, len }), ERR_BAD_REQUEST);
		assert_non_null(strstr(error.message, "it "));
	}
	assert_int_equal(
	    check((struct str){ text.ptr, text.len - 1 }), ERR_BAD_REQUEST);
	assert_string_equal(
	    error.message, "it ends too early, in line 8: it is not complete");
}

/* No bit of it may be another. */
static void
a_file_that_was_changed_is_refused(void **state)
{
	struct str text = whole_file();
	char *copy = arena_alloc(arena, 1, text.len);

	(void)state;
	for (size_t i = 0; i < text.len; i++) {
		memcpy(copy, text.ptr, text.len);
		copy[i] ^= 1;
		if (check((struct str){ copy, text.len }) == OK)
			fail_msg("byte %zu of %s", i, copy);
	}
}

static void
damage_is_told_by_its_line(void **state)
{
	/* clang-format off */
	static const struct {
		const char *from, *to, *says;
	} cases[] = {
		{ "\"format\":1", "\"format\":2",
		    "it has format 2, written by pangolin " PANGOLIN_VERSION
		    "; this program reads format 1" },
		{ "\"pangolin\":\"backup\"", "\"other\":\"backup\"",
		    "it is no backup of pangolin" },
		{ "\"id\":\"01000000-", "\"id\":\"x1000000-",
		    "it line 3 is damaged: id is no value of tenants" },
		{ "\"name\":\"b\"", "\"name\":\"c\"",
		    "it line 5: section tenants has other rows than were "
		    "written" },
		{ "\"name\":\"b\"", "\"name\":7",
		    "it line 4 is damaged: name is no value of tenants" },
		{ "\"name\":\"b\"", "\"nome\":\"b\"",
		    "it line 4 is damaged: nome is no value of tenants" },
		{ "-9223372036854775808", "-9223372036854775809",
		    "it line 3 is damaged: created_us is no value of "
		    "tenants" },
		{ "\"id\":\"01000000-0000-0000-0000-000000000000\",", "",
		    "it line 3 is damaged: a row of tenants has no id" },
		{ "\"rows\":2,\"sha256\"", "\"rows\":3,\"sha256\"",
		    "it line 5: section tenants has other rows than were "
		    "written" },
		{ "{\"pangolin\":\"section\",\"name\":\"tenants\"}\n", "",
		    "it line 2 is damaged: a row stands in no section" },
		{ "{\"pangolin\":\"section\",\"name\":\"users\"}\n", "",
		    "it line 6 is damaged: no such section is open" },
		{ "\"section\",\"name\":\"users\"", "\"section\",\"name\":\"x\"",
		    "it line 6 is damaged: this program knows no section x" },
		{ "{\"pangolin\":\"complete\",\"rows\":2",
		    "{\"pangolin\":\"complete\",\"rows\":1",
		    "it line 8: the file is not as it was written" },
		{ "{\"pangolin\":\"end\",\"name\":\"users\"",
		    "{\"pangolin\":\"strange\",\"name\":\"users\"",
		    "it line 7 is damaged: it is unknown" },
	};
	/* clang-format on */
	struct str text = whole_file();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    check(replaced(text, cases[i].from, cases[i].to)),
		    ERR_BAD_REQUEST);
		assert_string_equal(error.message, cases[i].says);
	}
}

static void
a_newer_schema_is_refused_by_its_version(void **state)
{
	char says[256];

	(void)state;
	(void)snprintf(says, sizeof(says),
	    "it has schema version 99, written by pangolin " PANGOLIN_VERSION
	    "; this program knows %u",
	    record_schema.version);
	assert_int_equal(
	    check(replaced(whole_file(), "\"schema\":2", "\"schema\":99")),
	    ERR_BAD_REQUEST);
	assert_string_equal(error.message, says);
}

static void
a_line_that_is_no_json_is_told_by_its_number(void **state)
{
	(void)state;
	assert_int_equal(check(replaced(whole_file(), "{\"id\":\"02", "}\"")),
	    ERR_BAD_REQUEST);
	assert_non_null(
	    strstr(error.message, "it line 4 is damaged: Malformed JSON"));
}

static void
nothing_may_follow_the_end(void **state)
{
	struct str text = whole_file();

	(void)state;
	assert_int_equal(
	    check(arena_printf(arena, STR_FMT "\n", STR_ARG(text))),
	    ERR_BAD_REQUEST);
	assert_string_equal(
	    error.message, "it has something behind its end, line 8");
}

static void
what_is_no_backup_is_refused(void **state)
{
	static const char *const texts[] = { "\n", "{}\n", "[]\n", "hello\n",
		"{\"pangolin\":\"backup\",\"format\":0}\n",
		"{\"pangolin\":\"complete\",\"rows\":0}\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(check(str_from(texts[i])), ERR_BAD_REQUEST);
}

/* Every type, at its ends; NULL is not empty. */
static void
rows_come_back_as_they_were(void **state)
{
	static const struct field fields[] = {
		{ "id", VALUE_ID, 1 },
		{ "low", VALUE_INT, 1 },
		{ "high", VALUE_INT, 1 },
		{ "text", VALUE_TEXT, 1 },
		{ "empty", VALUE_TEXT, 1 },
		{ "bytes", VALUE_BYTES, 1 },
		{ "nobody", VALUE_TEXT, 1 },
		{ "nothing", VALUE_BYTES, 1 },
	};
	static const struct entity t = { "rows", fields, NULL, 8, 1, 0, 1 };
	const struct value row[] = { value_id((struct id){ { 0xFE, 0x01 } }),
		value_int(INT64_MIN), value_int(INT64_MAX),
		value_text(STR("\x1f\" \\ \x7f\t\xF0\x9F\x90\xBE")),
		value_text(STR("")), value_bytes(STR("\0\xFF\n")), value_null(),
		value_bytes(STR("")) };
	struct buf line = buf_in(arena), again = buf_in(arena);
	struct value back[8];
	yyjson_val *v;

	(void)state;
	row_write(&line, &t, row);
	assert_int_equal(json_parse(arena, buf_str(&line), &v, &error), OK);
	assert_int_equal(row_read(arena, &t, v, back, &error), OK);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(back[i].type, row[i].type);
	assert_int_equal(back[1].as.i, INT64_MIN);
	assert_int_equal(back[2].as.i, INT64_MAX);
	assert_str(back[3].as.s, row[3].as.s);
	assert_str(back[5].as.s, row[5].as.s);
	row_write(&again, &t, back);
	assert_str(buf_str(&again), buf_str(&line));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, free_arena)
	const struct CMUnitTest tests[] = {
		TEST(a_whole_file_is_taken),
		TEST(a_file_that_was_cut_is_refused),
		TEST(a_file_that_was_changed_is_refused),
		TEST(damage_is_told_by_its_line),
		TEST(a_newer_schema_is_refused_by_its_version),
		TEST(a_line_that_is_no_json_is_told_by_its_number),
		TEST(nothing_may_follow_the_end),
		TEST(what_is_no_backup_is_refused),
		TEST(rows_come_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
