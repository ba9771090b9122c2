/* test_load.c - logs put back as a copy of them has them. */
#include "suite.h"

#define LOG 5 /* what is loaded; nobody has forked it from anything */

static const struct value *
commit_row(struct fixture *f, int64_t seq, uint32_t id, int64_t at_us)
{
	struct value *row = ARENA_NEW(f->arena, struct value, COMMIT_FIELDS);

	row[COMMIT_BRANCH] = int_value(LOG);
	row[COMMIT_SEQ] = int_value(seq);
	row[COMMIT_ID] = id_value(id);
	row[COMMIT_PARENT] = seq > 1 ? id_value(id - 1) : null_value();
	row[COMMIT_AUTHOR] = text_value("alice");
	row[COMMIT_MESSAGE] = seq % 2 ? text_value("") : null_value();
	row[COMMIT_AT_US] = int_value(at_us);
	row[COMMIT_HASH] = bytes_value("\0\xFF", 2);
	return row;
}

static struct version
version_at(int64_t seq, const char *name, const char *location)
{
	struct version v = table_version("ns", name, location);

	v.at = (struct point){ LOG, seq };
	v.origin = (struct point){ 9, 70 + seq };
	return v;
}

static enum err
load(struct fixture *f, const struct value *const *commits, size_t commit_count,
    const struct version *versions, size_t version_count)
{
	const struct history h = { commits, versions, commit_count,
		version_count };

	return store_load(in_time(f), LOG, &h);
}

#define FUTURE_US INT64_C(33000000000000000) /* in the year 3015 */

/* a@0 b@0, a@1 b@2, b deleted @3: an image, changes of it, a tombstone */
static void
load_all(struct fixture *f)
{
	const struct value *commits[] = { commit_row(f, 1, 101, 5),
		commit_row(f, 2, 102, INT64_C(1) << 53 | 1),
		commit_row(f, 3, 103, FUTURE_US) };
	struct version v[] = { version_at(0, "a", "a0"),
		version_at(0, "b", "b0"), version_at(1, "a", "a1"),
		version_at(2, "b", "b2"), version_at(3, "b", NULL) };
	struct value merged[COMMIT_FIELDS];

	memcpy(merged, commits[2], sizeof(merged));
	merged[COMMIT_MERGED_BRANCH] = int_value(INT64_MAX);
	merged[COMMIT_MERGED_SEQ] = int_value(INT64_MAX - 1);
	commits[2] = merged;
	v[4].deleted = true;
	CHECK(load(f, commits, 3, v, 5) == OK);
}

static void
a_loaded_log_is_as_it_was_given(struct fixture *f)
{
	const struct value *row;
	struct version v;

	load_all(f);
	CHECK(head_of(f, LOG) == 3);
	v = read_at(f, (struct point){ LOG, 2 }, "ns", "b");
	CHECK(v.kind == 1 && !v.deleted && str_eq(v.location, STR("b2")));
	CHECK(v.at.branch == LOG && v.at.seq == 2);
	CHECK(v.origin.branch == 9 && v.origin.seq == 72);
	CHECK(id_eq(v.object, id_of(7)) && str_eq(v.body, STR("{}")));
	CHECK(str_eq(read_at(f, (struct point){ LOG, 0 }, "ns", "b").location,
	    STR("b0")));
	v = read_at(f, (struct point){ LOG, 9 }, "ns", "b");
	CHECK(v.deleted && v.at.seq == 3 && v.location.ptr == NULL);

	row = get_commit(f, LOG, 3);
	CHECK(row != NULL && row[COMMIT_AT_US].as.i == FUTURE_US);
	CHECK(row != NULL && id_eq(row[COMMIT_PARENT].as.id, id_of(102)));
	CHECK(row != NULL && row[COMMIT_MERGED_BRANCH].as.i == INT64_MAX);
	CHECK(row != NULL && row[COMMIT_MERGED_SEQ].as.i == INT64_MAX - 1);
	CHECK(row != NULL && row[COMMIT_MESSAGE].as.s.len == 0);
	row = get_commit(f, LOG, 2);
	CHECK(row != NULL && row[COMMIT_AT_US].as.i == (INT64_C(1) << 53 | 1));
	CHECK(row != NULL && row[COMMIT_MESSAGE].type == VALUE_NULL);
	CHECK(row != NULL && row[COMMIT_MERGED_BRANCH].type == VALUE_NULL);
	CHECK(row != NULL &&
	      str_eq(row[COMMIT_HASH].as.s, (struct str){ "\0\xFF", 2 }));
}

/* What a copy of it reads. */
static void
changes_begin_with_the_base_image_when_asked(struct fixture *f)
{
	static const char *const names[] = { "a", "b", "a", "b", "b" };
	static const int64_t seqs[] = { 0, 0, 1, 2, 3 };
	struct versions v = { .count = 0 };

	load_all(f);
	CHECK(store_changes(in_time(f), (struct point){ LOG, -1 }, 3, 10, &v) ==
	      OK);
	CHECK(v.count == 5 && !v.more);
	for (size_t i = 0; i < v.count && i < 5; i++) {
		CHECK(str_eq(v.at[i].key.name, str_from(names[i])));
		CHECK(v.at[i].at.seq == seqs[i]);
	}
	/* the image is one commit: whole, whatever the limit */
	CHECK(store_changes(in_time(f), (struct point){ LOG, -1 }, 3, 1, &v) ==
	      OK);
	CHECK(v.count == 2 && v.more && v.at[1].at.seq == 0);
	CHECK(store_changes(in_time(f), (struct point){ LOG, 0 }, 3, 10, &v) ==
	      OK);
	CHECK(v.count == 3);
}

static void
a_unit_of_a_loaded_log_is_not_applied_again(struct fixture *f)
{
	const struct version v = table_version("ns", "a", "again");
	struct unit u = unit_of(102, &v, 1);

	load_all(f);
	CHECK(apply_one(f, LOG, &u) == VERDICT_ALREADY && u.seq == 2);
	CHECK(str_eq(u.first_hash, (struct str){ "\0\xFF", 2 }));
	CHECK(apply_one(f, 1, &u) == VERDICT_ALREADY);
	CHECK(head_of(f, LOG) == 3 && head_of(f, 1) == 0);
}

static void
a_loaded_log_goes_on_behind_its_end(struct fixture *f)
{
	const struct version v[] = { table_version("ns", "a", "a4"),
		table_version("ns", "b", "b4") };
	const struct expect holds[] = { expect_seq("ns", "a", 1),
		expect_seq("ns", "b", 3) };
	const struct expect not = expect_seq("ns", "b", 2);
	struct unit u = unit_of(104, v, 2);
	const struct value *row;

	load_all(f);
	put_branch(f, LOG, (struct point){ 0, 0 });
	u.expects = &not ;
	u.expect_count = 1;
	CHECK(apply_one(f, LOG, &u) == VERDICT_CONFLICT);
	u.expects = holds;
	u.expect_count = 2;
	CHECK(apply_one(f, LOG, &u) == VERDICT_APPLIED && u.seq == 4);
	row = get_commit(f, LOG, 4);
	CHECK(row != NULL && id_eq(row[COMMIT_PARENT].as.id, id_of(103)));
	CHECK(row != NULL && row[COMMIT_AT_US].as.i == FUTURE_US + 1);
}

static void
what_was_loaded_is_listed(struct fixture *f)
{
	const struct point now = { LOG, INT64_MAX };
	const struct key first = { SPACE_RELATION, STR("ns"), STR("") };
	const struct expect empty = { EXPECT_EMPTY,
		{ SPACE_NAMESPACE, STR("ns"), STR("") }, 0 };
	const struct version v = table_version("other", "t", "x");
	struct versions list = { .count = 0 };
	struct unit u = unit_of(104, &v, 1);

	load_all(f);
	put_branch(f, LOG, (struct point){ 0, 0 });
	CHECK(store_list(in_time(f), (struct chain){ &now, 1 }, first, 10,
		  &list) == OK);
	CHECK(list.count == 2 && !list.at[0].deleted && list.at[1].deleted);
	u.expects = &empty;
	u.expect_count = 1;
	CHECK(apply_one(f, LOG, &u) == VERDICT_CONFLICT);
}

/* A restore that was cut begins again: nothing is there twice, nothing goes
 * back. */
static void
a_load_may_be_made_again_and_in_pieces(struct fixture *f)
{
	const struct value *first[] = { commit_row(f, 1, 101, 5) };
	const struct version old[] = { version_at(0, "b", "b0"),
		version_at(1, "a", "a1") };
	const struct point now = { LOG, INT64_MAX };
	const struct key all = { SPACE_RELATION, STR("ns"), STR("") };
	struct versions list = { .count = 0 };

	CHECK(load(f, first, 1, NULL, 0) == OK);
	CHECK(load(f, NULL, 0, old, 2) == OK);
	load_all(f);
	load_all(f);
	CHECK(load(f, first, 1, old, 2) == OK);
	CHECK(head_of(f, LOG) == 3);
	CHECK(store_changes(
		  in_time(f), (struct point){ LOG, -1 }, 9, 10, &list) == OK);
	CHECK(list.count == 5);
	CHECK(store_list(
		  in_time(f), (struct chain){ &now, 1 }, all, 10, &list) == OK);
	CHECK(list.count == 2 && list.at[1].at.seq == 3 && list.at[1].deleted);
	CHECK(load(f, NULL, 0, NULL, 0) == OK);
}

static void
many_commits_are_loaded_at_once(struct fixture *f)
{
	const struct value **commits =
	    ARENA_NEW(f->arena, const struct value *, suite_many);
	struct version *v = ARENA_NEW(f->arena, struct version, suite_many);

	for (uint32_t i = 0; i < suite_many; i++) {
		commits[i] = commit_row(f, i + 1, 1000 + i, i);
		v[i] = version_at(
		    i + 1, arena_printf(f->arena, "t%u", i % 97).ptr, "x");
	}
	CHECK(load(f, commits, suite_many, v, suite_many) == OK);
	CHECK(head_of(f, LOG) == suite_many);
	CHECK(read_at(f, (struct point){ LOG, 50 }, "ns", "t5").at.seq == 6);
	CHECK(read_at(f, (struct point){ LOG, INT64_MAX }, "ns", "t0").at.seq ==
	      (suite_many - 1) / 97 * 97 + 1);
}

static void
what_cannot_be_in_a_log_is_not_loaded(struct fixture *f)
{
	const struct value *good[] = { commit_row(f, 1, 101, 5) };
	const struct value *bad[1];
	struct value row[COMMIT_FIELDS];
	struct version v = version_at(1, "a", "x");
	const struct history h = { good, &v, 1, 1 };

	CHECK(store_load(in_time(f), 0, &h) == ERR_BAD_REQUEST);
	CHECK(store_load(in_time(f), LOG + 1, &h) == ERR_BAD_REQUEST);
	bad[0] = memcpy(row, good[0], sizeof(row));
	row[COMMIT_SEQ] = int_value(0);
	CHECK(load(f, bad, 1, NULL, 0) == ERR_BAD_REQUEST);
	memcpy(row, good[0], sizeof(row));
	row[COMMIT_ID] = null_value();
	CHECK(load(f, bad, 1, NULL, 0) == ERR_BAD_REQUEST);
	memcpy(row, good[0], sizeof(row));
	row[COMMIT_MESSAGE] = text_value("\xFF");
	CHECK(load(f, bad, 1, NULL, 0) == ERR_BAD_REQUEST);
	v.kind = 0;
	CHECK(load(f, good, 1, &v, 1) == ERR_BAD_REQUEST);
	v = version_at(-1, "a", "x");
	CHECK(load(f, good, 1, &v, 1) == ERR_BAD_REQUEST);
	v = version_at(1, "a", "x");
	v.origin.branch = 0;
	CHECK(load(f, good, 1, &v, 1) == ERR_BAD_REQUEST);
	CHECK(head_of(f, LOG) == 0);
	CHECK(store_changes(in_time(f), (struct point){ LOG, -2 }, 9, 9,
		  &(struct versions){ 0 }) == ERR_BAD_REQUEST);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test load_tests[] = {
	TEST(a_loaded_log_is_as_it_was_given),
	TEST(changes_begin_with_the_base_image_when_asked),
	TEST(a_unit_of_a_loaded_log_is_not_applied_again),
	TEST(a_loaded_log_goes_on_behind_its_end),
	TEST(what_was_loaded_is_listed),
	TEST(a_load_may_be_made_again_and_in_pieces),
	TEST(many_commits_are_loaded_at_once),
	TEST(what_cannot_be_in_a_log_is_not_loaded),
	{ NULL, NULL, 0 },
};
