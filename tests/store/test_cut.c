/*
 * test_cut.c - connections that break at the worst moment.
 *
 * For stores with a server: the host and port in their option `url` are
 * replaced by those of a proxy.
 */
#include "cutter.h"
#include "race.h"

/* A driver may wait half a second before it connects again. */
static uint32_t
rounds(void)
{
	return suite_many < 10000 ? 9 : 60;
}

struct cut_store {
	struct cutter *cutter;
	struct fixture f; /* the same store, through the proxy */
};

static size_t
url_option(const struct fixture *f)
{
	size_t at = 0;

	while (strcmp(f->plugin->options[at].name, "url") != 0)
		at++;
	return at;
}

/* "127.0.0.1:5432" in a URL: its place, length and port. */
static struct str
address_in(struct str url, uint16_t *ret_port)
{
	const struct str host = STR("127.0.0.1:");
	const char *at = memmem(url.ptr, url.len, host.ptr, host.len);
	size_t len = host.len;
	unsigned port = 0;

	CHECK(at != NULL);
	while (at[len] >= '0' && at[len] <= '9')
		port = port * 10 + (unsigned)(at[len++] - '0');
	*ret_port = (uint16_t)port;
	return (struct str){ at, len };
}

static struct cut_store
open_through_proxy(const struct fixture *f)
{
	struct cut_store s = { .f = *f };
	struct str *value = ARENA_NEW(f->arena, struct str, 32);
	size_t url = url_option(f);
	struct str all = f->settings.value[url], before, address;
	uint16_t port;

	for (size_t i = 0; f->plugin->options[i].name != NULL; i++)
		value[i] = f->settings.value[i];
	address = address_in(all, &port);
	before = (struct str){ all.ptr, (size_t)(address.ptr - all.ptr) };
	s.cutter = cutter_start(port);
	value[url] = arena_printf(f->arena, STR_FMT "127.0.0.1:%u" STR_FMT,
	    STR_ARG(before), cutter_port(s.cutter),
	    STR_ARG(str_skip(all, before.len + address.len)));
	s.f.settings.value = value;
	fixture_open(&s.f);
	return s;
}

static void
close_through_proxy(struct cut_store *s)
{
	fixture_close(&s->f);
	cutter_stop(s->cutter);
}

static const enum cut cuts[] = { CUT_ANSWER, CUT_HALF, CUT_REQUEST };

static void
a_commit_whose_answer_was_lost_is_applied_once(struct fixture *f)
{
	struct cut_store s = open_through_proxy(f);

	for (uint32_t i = 1; i <= rounds(); i++) {
		const struct version v = table_version("ns", "t", "x");
		const struct expect x = expect_seq("ns", "t", i - 1);
		struct unit u = unit_of(i, &v, 1);
		enum verdict verdict;

		u.expects = &x;
		u.expect_count = 1;
		cutter_arm(s.cutter, cuts[i % 3], 0);
		verdict = apply_one(&s.f, 1, &u);
		CHECK(cutter_is_done(s.cutter));
		CHECK(verdict == VERDICT_APPLIED || verdict == VERDICT_ALREADY);
		CHECK(u.seq == i);
	}
	close_through_proxy(&s);
	race_check_log(f, 1, rounds());
}

static void
a_record_whose_answer_was_lost_is_written_once(struct fixture *f)
{
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1), [ITEM_SIZE] = int_value(1)
	};
	const struct write add = { .entity = ITEMS,
		.op = WRITE_ADD,
		.row = row,
		.set = SET(ITEM_SIZE) };
	struct cut_store s = open_through_proxy(f);
	struct unit both[2] = { { .writes = &add, .write_count = 1 } };

	CHECK(put_item(f, 1, NULL, 0, NULL) == VERDICT_APPLIED);
	both[1] = both[0];
	for (uint32_t i = 1; i <= rounds(); i++) {
		int64_t before = get_item(f, 1)[ITEM_SIZE].as.i;
		/* of the requests that make up a unit, another each time */
		enum err err;

		cutter_arm(s.cutter, cuts[i % 3], (int)(i / 3 % 7));
		err = store_apply(in_time(&s.f), 0, both, i % 2 ? 1 : 2);
		cutter_arm(s.cutter, CUT_NOTHING, 0);
		CHECK(err == OK && both[0].verdict == VERDICT_APPLIED);
		CHECK(
		    get_item(f, 1)[ITEM_SIZE].as.i == before + (i % 2 ? 1 : 2));
	}
	close_through_proxy(&s);
}

/* ---- writes that are explained */

/* Of a unit with two writes: the first attempt is cut behind its first write,
 * of the second one the first write is explained, and an answer is lost. */
struct explainer {
	struct store_watch base; /* first */
	struct pool_counts pool;
	int64_t slow_us;
	struct cutter *cutter;
	int told, skip;
	int spoiled; /* instead: the statement whose plan is none; 0: none */
};

static bool
explain_the_second(const struct store_watch *watch, struct str name)
{
	struct explainer *x = (struct explainer *)(uintptr_t)watch;

	(void)name;
	x->told++;
	if (x->spoiled != 0) {
		if (x->told == x->spoiled)
			cutter_arm(x->cutter, SPOIL_PLAN, 0);
		return x->told == x->spoiled;
	}
	if (x->told == 1)
		cutter_arm(x->cutter, CUT_REQUEST, 0);
	if (x->told == 3)
		cutter_arm(x->cutter, CUT_ANSWER, x->skip);
	return x->told == 2;
}

static void
tell_nobody(const struct store_watch *watch, const struct call *c,
    const struct slow_statement *slow)
{
	(void)watch;
	(void)c;
	(void)slow;
}

/* From now on every statement is slow. */
static void
explain_from_here(struct cut_store *s, struct explainer *x)
{
	*x = (struct explainer){ .cutter = s->cutter };
	x->base = (struct store_watch){ &x->slow_us, &x->pool,
		explain_the_second, tell_nobody };
	fixture_close(&s->f);
	s->f.settings.watch = &x->base;
	fixture_open(&s->f);
}

static void
a_slow_record_whose_answer_was_lost_is_written_once(struct fixture *f)
{
	const struct value rows[2][ITEM_FIELDS] = {
		{ [ITEM_ID] = int_value(1), [ITEM_SIZE] = int_value(1) },
		{ [ITEM_ID] = int_value(2), [ITEM_SIZE] = int_value(1) }
	};
	struct write adds[2] = { { .entity = ITEMS,
	    .op = WRITE_ADD,
	    .row = rows[0],
	    .set = SET(ITEM_SIZE) } };
	struct unit both = { .writes = adds, .write_count = 2 };
	struct cut_store s = open_through_proxy(f);
	struct explainer x;

	adds[1] = adds[0];
	adds[1].row = rows[1];
	CHECK(put_item(f, 1, NULL, 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, NULL, 0, NULL) == VERDICT_APPLIED);
	explain_from_here(&s, &x);
	for (int i = 1; i <= 4; i++) {
		enum err err;

		x.told = 0;
		x.skip = i - 1;
		x.slow_us = 1;
		err = store_apply(in_time(&s.f), 0, &both, 1);
		x.slow_us = 0;
		cutter_arm(s.cutter, CUT_NOTHING, 0);
		CHECK(err == OK && both.verdict == VERDICT_APPLIED);
		CHECK(get_item(f, 1)[ITEM_SIZE].as.i == i);
		CHECK(get_item(f, 2)[ITEM_SIZE].as.i == i);
	}
	close_through_proxy(&s);
}

/* By itself, and with a commit: the second that is slow is a write. */
static void
a_write_that_was_rolled_back_is_not_called_applied(struct fixture *f)
{
	const struct value rows[2][ITEM_FIELDS] = {
		{ [ITEM_ID] = int_value(1), [ITEM_SIZE] = int_value(1) },
		{ [ITEM_ID] = int_value(2), [ITEM_SIZE] = int_value(1) }
	};
	struct write adds[2] = { { .entity = ITEMS,
	    .op = WRITE_ADD,
	    .row = rows[0],
	    .set = SET(ITEM_SIZE) } };
	const struct version v = table_version("ns", "t", "x");
	struct cut_store s = open_through_proxy(f);
	struct explainer x;

	adds[1] = adds[0];
	adds[1].row = rows[1];
	CHECK(put_item(f, 1, NULL, 0, NULL) == VERDICT_APPLIED);
	CHECK(put_item(f, 2, NULL, 0, NULL) == VERDICT_APPLIED);
	explain_from_here(&s, &x);
	for (int branch = 0; branch <= 1; branch++) {
		struct unit u = unit_of(1, &v, (size_t)branch);
		enum err err;

		u.writes = adds;
		u.write_count = 2;
		x.told = 0;
		x.spoiled = 2;
		x.slow_us = 1;
		err = store_apply(in_time(&s.f), branch, &u, 1);
		x.slow_us = 0;
		cutter_arm(s.cutter, CUT_NOTHING, 0);
		CHECK(err == OK && u.verdict == VERDICT_APPLIED);
		CHECK(get_item(f, 1)[ITEM_SIZE].as.i == 1 + branch);
		CHECK(get_item(f, 2)[ITEM_SIZE].as.i == 1 + branch);
	}
	close_through_proxy(&s);
}

/* Two units whose transaction takes several requests. */
static void
a_group_whose_answer_was_lost_writes_its_records_once(struct fixture *f)
{
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(1), [ITEM_SIZE] = int_value(1)
	};
	const struct write add = { .entity = ITEMS,
		.op = WRITE_ADD,
		.row = row,
		.set = SET(ITEM_SIZE) };
	const struct version v[] = { table_version("ns", "a", "x"),
		table_version("ns", "b", "x") };
	struct cut_store s = open_through_proxy(f);

	CHECK(put_item(f, 1, NULL, 0, NULL) == VERDICT_APPLIED);
	for (uint32_t i = 1; i <= rounds(); i++) {
		struct unit u[] = { unit_of(2 * i, &v[0], 1),
			unit_of(2 * i + 1, &v[1], 1) };

		u[0].writes = u[1].writes = &add;
		u[0].write_count = u[1].write_count = 1;
		cutter_arm(s.cutter, cuts[i % 3], (int)(i / 3 % 3));
		CHECK(store_apply(in_time(&s.f), 1, u, 2) == OK);
		cutter_arm(s.cutter, CUT_NOTHING, 0);
		for (int k = 0; k < 2; k++)
			CHECK(u[k].verdict == VERDICT_APPLIED ||
			      u[k].verdict == VERDICT_ALREADY);
		CHECK(get_item(f, 1)[ITEM_SIZE].as.i == 2 * i);
	}
	close_through_proxy(&s);
	race_check_log(f, 1, 2 * rounds());
}

static void
a_read_does_not_notice_that_the_connection_broke(struct fixture *f)
{
	struct cut_store s = open_through_proxy(f);
	const struct scan scan = {
		.entity = ITEMS, .index = INDEX_KEY, .limit = 10
	};
	struct rows rows;

	CHECK(put_version(f, 1, 1, table_version("ns", "t", "x")) == 1);
	CHECK(put_item(f, 1, "n", 0, NULL) == VERDICT_APPLIED);
	for (uint32_t i = 0; i < rounds(); i++) {
		cutter_arm(s.cutter, cuts[i % 3], 0);
		CHECK(head_of(&s.f, 1) == 1);
		cutter_arm(s.cutter, cuts[i % 3], 0);
		CHECK(
		    read_at(&s.f, (struct point){ 1, 1 }, "ns", "t").kind == 1);
		cutter_arm(s.cutter, cuts[i % 3], 0);
		CHECK(store_scan(in_time(&s.f), &scan, &rows) == OK);
		CHECK(rows.count == 1);
	}
	close_through_proxy(&s);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, SUITE_HAS_SERVER                                  \
	}

const struct suite_test cut_tests[] = {
	TEST(a_commit_whose_answer_was_lost_is_applied_once),
	TEST(a_record_whose_answer_was_lost_is_written_once),
	TEST(a_slow_record_whose_answer_was_lost_is_written_once),
	TEST(a_write_that_was_rolled_back_is_not_called_applied),
	TEST(a_group_whose_answer_was_lost_writes_its_records_once),
	TEST(a_read_does_not_notice_that_the_connection_broke),
	{ NULL, NULL, 0 },
};
