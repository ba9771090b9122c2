/* test_log.c - reading logs: keys, positions, chains, lists, changes. */
#include "suite.h"

static void
an_empty_log_ends_at_0(struct fixture *f)
{
	struct point heads[] = { { 1, 9 }, { 77, 9 } };
	struct versions v;
	struct version none = read_at(f, (struct point){ 1, 5 }, "ns", "t");

	CHECK(store_heads(in_time(f), heads, 2) == OK);
	CHECK(heads[0].seq == 0 && heads[1].seq == 0);
	CHECK(heads[0].branch == 1 && heads[1].branch == 77);
	CHECK(none.kind == 0);
	CHECK(
	    store_changes(in_time(f), (struct point){ 1, 0 }, 9, 10, &v) == OK);
	CHECK(v.count == 0 && !v.more);
	CHECK(store_heads(in_time(f), NULL, 0) == OK);
}

static void
a_version_comes_back_as_it_was_put(struct fixture *f)
{
	struct version put = table_version("a\x1f"
					   "b",
	    "t", "s3://bucket/t");
	struct version got;

	put.kind = 3;
	put.body = STR("{\"k\":\"\xc3\xa9\"}");
	CHECK(put_version(f, 1, 1, put) == 1);
	got = read_at(f, (struct point){ 1, 1 },
	    "a\x1f"
	    "b",
	    "t");
	CHECK(got.kind == 3 && !got.deleted);
	CHECK(got.at.branch == 1 && got.at.seq == 1);
	CHECK(got.origin.branch == 1 && got.origin.seq == 1);
	CHECK(id_eq(got.object, put.object));
	CHECK(str_eq(got.key.ns, put.key.ns));
	CHECK(str_eq(got.key.name, put.key.name));
	CHECK(got.key.space == SPACE_RELATION);
	CHECK(str_eq(got.location, put.location));
	CHECK(str_eq(got.body, put.body));
}

static void
absent_and_empty_texts_of_a_version_differ(struct fixture *f)
{
	struct version put = table_version("ns", "t", NULL), got;

	put.body = STR("");
	CHECK(put_version(f, 1, 1, put) == 1);
	got = read_at(f, (struct point){ 1, 1 }, "ns", "t");
	CHECK(got.location.ptr == NULL);
	CHECK(got.body.ptr != NULL && got.body.len == 0);
}

static void
an_origin_that_is_given_is_kept(struct fixture *f)
{
	struct version put = table_version("ns", "t", "x"), got;

	put.origin = (struct point){ 9, 42 };
	CHECK(put_version(f, 1, 1, put) == 1);
	got = read_at(f, (struct point){ 1, 1 }, "ns", "t");
	CHECK(got.origin.branch == 9 && got.origin.seq == 42);
	CHECK(got.at.branch == 1 && got.at.seq == 1);
}

static void
a_read_at_a_position_shows_what_was_then(struct fixture *f)
{
	static const char *const then[] = { "", "v1", "v1", "v3" };

	CHECK(put_version(f, 1, 1, table_version("ns", "t", "v1")) == 1);
	CHECK(put_version(f, 1, 2, table_version("ns", "u", "v2")) == 2);
	CHECK(put_version(f, 1, 3, table_version("ns", "t", "v3")) == 3);
	CHECK(put_version(f, 1, 4, tombstone("ns", "t")) == 4);
	for (int64_t seq = 0; seq < 4; seq++) {
		struct version v =
		    read_at(f, (struct point){ 1, seq }, "ns", "t");

		CHECK((v.kind == 0) == (seq == 0));
		CHECK(str_eq(v.location, str_from(then[seq])));
	}

	struct version last = read_at(f, (struct point){ 1, 4 }, "ns", "t");

	CHECK(last.kind != 0 && last.deleted && last.at.seq == 4);
}

static void
keys_differ_by_space_and_namespace(struct fixture *f)
{
	struct version v[3] = { table_version("a", "b", "relation"),
		table_version("a", "b", "namespace"),
		table_version("a\x1f"
			      "b",
		    "b", "deeper") };
	struct unit u = unit_of(1, v, 3);
	struct version got[3];
	struct key keys[3];
	const struct point at = { 1, 1 };

	v[1].key.space = SPACE_NAMESPACE;
	for (int i = 0; i < 3; i++)
		keys[i] = v[i].key;
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	CHECK(store_read(in_time(f), (struct chain){ &at, 1 }, keys, 3, got) ==
	      OK);
	for (int i = 0; i < 3; i++)
		CHECK(str_eq(got[i].location, v[i].location));
}

static void
a_chain_is_read_child_first_each_link_at_its_position(struct fixture *f)
{
	const struct point link[] = { { 3, 1 }, { 2, 1 }, { 1, 2 } };
	const struct chain chain = { link, 3 };
	const struct key keys[] = { table_key("ns", "own"),
		table_key("ns", "middle"), table_key("ns", "root"),
		table_key("ns", "gone"), table_key("ns", "late") };
	struct version got[5];

	CHECK(put_version(f, 1, 1, table_version("ns", "root", "r")) == 1);
	CHECK(put_version(f, 1, 2, table_version("ns", "gone", "g")) == 2);
	put_branch(f, 2, (struct point){ 1, 2 });
	CHECK(put_version(f, 2, 3, table_version("ns", "middle", "m")) == 1);
	put_branch(f, 3, (struct point){ 2, 1 });
	CHECK(put_version(f, 2, 4, table_version("ns", "late", "l")) == 2);
	CHECK(put_version(f, 1, 5, table_version("ns", "root", "r2")) == 3);

	const struct version both[] = { table_version("ns", "own", "o"),
		tombstone("ns", "gone") };
	struct unit u = unit_of(6, both, 2);

	CHECK(apply_one(f, 3, &u) == VERDICT_APPLIED && u.seq == 1);
	CHECK(store_read(in_time(f), chain, keys, 5, got) == OK);
	CHECK(str_eq(got[0].location, STR("o")) && got[0].at.branch == 3);
	CHECK(str_eq(got[1].location, STR("m")) && got[1].at.branch == 2);
	CHECK(str_eq(got[2].location, STR("r")) && got[2].at.branch == 1);
	CHECK(got[3].deleted && got[3].at.branch == 3);
	CHECK(got[4].kind == 0);
}

static void
a_list_has_the_versions_of_each_link_tombstones_too(struct fixture *f)
{
	const struct point link[] = { { 2, 1 }, { 1, 3 } };
	const struct chain chain = { link, 2 };
	struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	struct versions v;

	CHECK(put_version(f, 1, 1, table_version("ns", "b", "1")) == 1);
	CHECK(put_version(f, 1, 2, table_version("ns", "a", "1")) == 2);
	CHECK(put_version(f, 1, 3, table_version("other", "c", "1")) == 3);
	put_branch(f, 2, (struct point){ 1, 3 });
	CHECK(put_version(f, 2, 4, tombstone("ns", "b")) == 1);
	CHECK(put_version(f, 1, 5, table_version("ns", "d", "1")) == 4);
	CHECK(put_version(f, 1, 6, table_version("ns", "a", "2")) == 5);
	CHECK(store_list(in_time(f), chain, after, 10, &v) == OK);
	CHECK(v.count == 3 && !v.more);
	if (v.count != 3)
		return;
	CHECK(v.at[0].deleted && str_eq(v.at[0].key.name, STR("b")));
	CHECK(v.at[0].at.branch == 2);
	CHECK(str_eq(v.at[1].key.name, STR("a")));
	CHECK(str_eq(v.at[1].location, STR("1")) && v.at[1].at.branch == 1);
	CHECK(str_eq(v.at[2].key.name, STR("b")) && !v.at[2].deleted);
	after.name = STR("a");
	CHECK(store_list(in_time(f), chain, after, 10, &v) == OK);
	CHECK(v.count == 2);
	after.space = SPACE_NAMESPACE;
	CHECK(store_list(in_time(f), chain, after, 10, &v) == OK);
	CHECK(v.count == 0);
}

/* What is younger than the position must not use up the limit. */
static void
a_list_is_cut_at_the_limit_and_goes_on(struct fixture *f)
{
	struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	const struct point at = { 1, 20 };
	char name[40][8];
	struct versions v;
	size_t seen = 0;

	for (uint32_t i = 0; i < 40; i++) {
		uint32_t n = i < 20 ? 2 * i : 2 * (i - 20) + 1;

		(void)snprintf(name[i], sizeof(name[i]), "t%02u", n);
		CHECK(put_version(f, 1, i + 1,
			  table_version("ns", name[i], "x")) == i + 1);
	}
	do {
		CHECK(store_list(in_time(f), (struct chain){ &at, 1 }, after, 7,
			  &v) == OK);
		CHECK(v.more == (v.count == 7));
		for (size_t i = 0; i < v.count; i++)
			CHECK(str_eq(v.at[i].key.name, str_from(name[seen++])));
		if (v.count != 0)
			after.name = v.at[v.count - 1].key.name;
	} while (v.more && seen < 40);
	CHECK(seen == 20);
}

static void
changes_are_whole_commits_in_order(struct fixture *f)
{
	static const size_t size[] = { 3, 2, 9, 1 };
	struct version puts[9];
	char name[9][4];
	struct versions v;

	for (size_t i = 0; i < 9; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "t%zu", 9 - i);
		puts[i] = table_version("ns", name[i], "x");
	}
	for (uint32_t i = 0; i < 4; i++) {
		struct unit u = unit_of(i + 1, puts, size[i]);

		CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	}
	CHECK(
	    store_changes(in_time(f), (struct point){ 1, 0 }, 4, 5, &v) == OK);
	CHECK(v.count == 5 && v.more);
	CHECK(v.count == 5 && v.at[2].at.seq == 1 && v.at[4].at.seq == 2);
	CHECK(v.count == 5 && str_eq(v.at[0].key.name, STR("t7")));
	CHECK(
	    store_changes(in_time(f), (struct point){ 1, 0 }, 4, 4, &v) == OK);
	CHECK(v.count == 3 && v.more);
	CHECK(
	    store_changes(in_time(f), (struct point){ 1, 2 }, 4, 5, &v) == OK);
	CHECK(v.count == 9 && v.more);
	CHECK(
	    store_changes(in_time(f), (struct point){ 1, 3 }, 4, 5, &v) == OK);
	CHECK(v.count == 1 && !v.more);
	CHECK(
	    store_changes(in_time(f), (struct point){ 1, 0 }, 1, 50, &v) == OK);
	CHECK(v.count == 3 && !v.more);
	CHECK(
	    store_changes(in_time(f), (struct point){ 2, 0 }, 9, 50, &v) == OK);
	CHECK(v.count == 0 && !v.more);
}

static void
bad_arguments_of_reads_are_refused(struct fixture *f)
{
	const struct point good = { 1, 0 }, bad = { 0, 0 };
	struct key after = { SPACE_RELATION, STR("ns"), STR("") };
	struct version v;
	struct versions list = { .count = 77 };

	CHECK(store_read(in_time(f), (struct chain){ &bad, 1 }, &after, 1,
		  &v) == ERR_BAD_REQUEST);
	CHECK(store_list(in_time(f), (struct chain){ &good, 1 }, after, 0,
		  &list) == ERR_BAD_REQUEST);
	CHECK(store_changes(in_time(f), good, 1, 0, &list) == ERR_BAD_REQUEST);
	CHECK(list.count == 77);
	CHECK(f->error.message[0] != '\0');
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, 0                                                 \
	}

const struct suite_test log_tests[] = {
	TEST(an_empty_log_ends_at_0),
	TEST(a_version_comes_back_as_it_was_put),
	TEST(absent_and_empty_texts_of_a_version_differ),
	TEST(an_origin_that_is_given_is_kept),
	TEST(a_read_at_a_position_shows_what_was_then),
	TEST(keys_differ_by_space_and_namespace),
	TEST(a_chain_is_read_child_first_each_link_at_its_position),
	TEST(a_list_has_the_versions_of_each_link_tombstones_too),
	TEST(a_list_is_cut_at_the_limit_and_goes_on),
	TEST(changes_are_whole_commits_in_order),
	TEST(bad_arguments_of_reads_are_refused),
	{ NULL, NULL, 0 },
};
