/* test_erase.c - one object is erased from a log. */
#include "suite.h"

/* All of it; how many versions changed. */
static size_t
erase_all(struct fixture *f, int64_t branch, struct id object, bool live,
    uint32_t limit)
{
	struct point above = { branch, -1 };
	struct versions v = { .more = true };
	size_t erased = 0;

	for (int calls = 0; v.more && calls < 1000; calls++) {
		CHECK(store_erase(
			  in_time(f), &above, object, live, limit, &v) == OK);
		for (size_t i = 0; i < v.count; i++)
			CHECK(id_eq(v.at[i].object, object));
		erased += v.count;
	}
	CHECK(above.seq == INT64_MAX);
	return erased;
}

static struct version
version_of(const char *name, uint32_t object, bool deleted)
{
	struct version v = table_version("ns", name, "file");

	v.object = id_of(object);
	v.deleted = deleted;
	return v;
}

static void
check_erased(struct version v, int64_t seq)
{
	CHECK(v.kind == 1 && v.deleted && v.at.seq == seq);
	CHECK(id_is_nil(v.object));
	CHECK(v.location.len == 0 && v.body.len == 0);
}

/* t is 7, then 8, which goes to u and is dropped there; t is 7 again */
static void
make_two_objects(struct fixture *f)
{
	struct version moved[] = { version_of("t", 8, true),
		version_of("u", 8, false) };
	struct unit u = unit_of(3, moved, 2);

	CHECK(put_version(f, 1, 1, version_of("t", 7, false)) == 1);
	CHECK(put_version(f, 1, 2, version_of("t", 8, false)) == 2);
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED && u.seq == 3);
	CHECK(put_version(f, 1, 4, version_of("u", 8, true)) == 4);
	CHECK(put_version(f, 1, 5, version_of("t", 7, false)) == 5);
}

static void
what_was_erased_is_shown_by_no_state(struct fixture *f)
{
	make_two_objects(f);
	CHECK(erase_all(f, 1, id_of(8), false, 1) == 4);
	CHECK(id_eq(
	    read_at(f, (struct point){ 1, 1 }, "ns", "t").object, id_of(7)));
	/* nor is what had the name before it */
	check_erased(read_at(f, (struct point){ 1, 2 }, "ns", "t"), 2);
	check_erased(read_at(f, (struct point){ 1, 3 }, "ns", "t"), 3);
	check_erased(read_at(f, (struct point){ 1, 3 }, "ns", "u"), 3);
	check_erased(read_at(f, (struct point){ 1, 5 }, "ns", "u"), 4);
	CHECK(read_at(f, (struct point){ 1, 5 }, "ns", "t").at.seq == 5);
	CHECK(erase_all(f, 1, id_of(8), false, 100) == 0);
	CHECK(head_of(f, 1) == 5);
}

static void
what_is_shown_is_erased_only_when_asked(struct fixture *f)
{
	const struct expect empty = { EXPECT_EMPTY, table_key("ns", "t"), 0 };
	struct unit u = unit_of(19, NULL, 0);

	make_two_objects(f);
	CHECK(erase_all(f, 1, id_of(7), false, 2) == 1);
	CHECK(read_at(f, (struct point){ 1, 1 }, "ns", "t").deleted);
	CHECK(!read_at(f, (struct point){ 1, 5 }, "ns", "t").deleted);
	CHECK(erase_all(f, 1, id_of(7), true, 2) == 1);
	check_erased(read_at(f, (struct point){ 1, 5 }, "ns", "t"), 5);
	u.expects = &empty;
	u.expect_count = 1;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
}

static void
nothing_is_erased_without_an_object_or_a_limit(struct fixture *f)
{
	struct point above = { 1, -1 };
	struct versions v = { .count = 77 };

	CHECK(store_erase(in_time(f), &above, id_of(1), false, 0, &v) ==
	      ERR_BAD_REQUEST);
	CHECK(store_erase(in_time(f), &above, (struct id){ 0 }, false, 9, &v) ==
	      ERR_BAD_REQUEST);
	CHECK(v.count == 77 && above.seq == -1);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test erase_tests[] = {
	TEST(what_was_erased_is_shown_by_no_state),
	TEST(what_is_shown_is_erased_only_when_asked),
	TEST(nothing_is_erased_without_an_object_or_a_limit),
	{ NULL, NULL, 0 },
};
