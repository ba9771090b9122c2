/*
 * test_watch.c - what a store shows the host of itself: connections, and
 * statements that were slow.  Here everything is.
 */
#include <pthread.h>

#include "record/entities.h"
#include "suite.h"

#define TOLD_MAX 256
#define MANY_ITEMS 300
#define THREADS 8
#define MANY_LOGS 900 /* a node has up to 1,024 in use */
#define TRIES 1000

/* Nothing of what stands in names and plans may be of a call. */
#define SECRET "hush"

struct told {
	struct str name, plan, whole;
	int64_t duration_us, rows, whole_rows;
};

struct watched {
	struct store_watch base; /* first */
	struct pool_counts pool;
	int64_t slow_us;
	bool wants_plans;
	pthread_mutex_t lock; /* of what follows */
	struct arena *arena;
	struct told told[TOLD_MAX];
	size_t count;
};

static bool
wants_plan(const struct store_watch *watch, struct str name)
{
	CHECK(name.len != 0);
	return ((const struct watched *)watch)->wants_plans;
}

static void
tell(const struct store_watch *watch, const struct call *c,
    const struct slow_statement *slow)
{
	struct watched *w = (struct watched *)(uintptr_t)watch;

	CHECK(c->request == NULL || strcmp(c->request, "the request") == 0);
	(void)pthread_mutex_lock(&w->lock);
	if (w->count < TOLD_MAX)
		w->told[w->count++] =
		    (struct told){ .name = arena_copy(w->arena, slow->name),
			    .plan = arena_copy(w->arena, slow->plan),
			    .whole = arena_copy(w->arena, slow->whole),
			    .duration_us = slow->duration_us,
			    .rows = slow->rows,
			    .whole_rows = slow->whole_rows };
	(void)pthread_mutex_unlock(&w->lock);
}

/* Opens the store again, and watches it. */
static void
watch(struct fixture *f, struct watched *w)
{
	*w = (struct watched){ .slow_us = 1, .wants_plans = true };
	w->base =
	    (struct store_watch){ &w->slow_us, &w->pool, wants_plan, tell };
	w->arena = arena_new();
	(void)pthread_mutex_init(&w->lock, NULL);
	fixture_close(f);
	f->settings.watch = &w->base;
	fixture_open(f);
	w->count = 0;
}

static void
watch_no_more(struct fixture *f, struct watched *w)
{
	fixture_close(f);
	f->settings.watch = NULL;
	fixture_open(f);
	arena_free(w->arena);
	(void)pthread_mutex_destroy(&w->lock);
}

static bool
has(struct str text, const char *word)
{
	return text.len != 0 &&
	       memmem(text.ptr, text.len, word, strlen(word)) != NULL;
}

/* The last that was told of the entity; NULL: nothing was. */
static const struct told *
last_of(const struct watched *w, const char *word)
{
	for (size_t i = w->count; i-- > 0;)
		if (has(w->told[i].name, word))
			return &w->told[i];
	return NULL;
}

static size_t
find_items(struct fixture *f, struct test test)
{
	const struct scan scan = { .entity = ITEMS,
		.index = INDEX_KEY,
		.limit = 10,
		.where = &test,
		.where_count = 1 };
	struct rows rows = { .count = 0 };

	in_time(f)->request = "the request";
	CHECK(store_scan(&f->call, &scan, &rows) == OK);
	return rows.count;
}

static void
do_something_of_everything(struct fixture *f)
{
	const struct version v =
	    table_version(SECRET "ns", SECRET "t", SECRET "place");
	const struct key key = table_key(SECRET "ns", SECRET "t");
	const struct point at = { 1, 1 };
	const struct chain chain = { &at, 1 };
	struct version shown;
	struct versions some;
	struct unit u = unit_of(1, &v, 1);
	struct point heads[] = { { 1, 0 }, { 2, 0 } };

	CHECK(put_item(f, 4711, SECRET "name", 8, SECRET "tag") ==
	      VERDICT_APPLIED);
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	CHECK(get_item(f, 4711) != NULL);
	CHECK(find_items(f,
		  test_of(ITEM_TAG, TEST_EQ, text_value(SECRET "tag"))) == 1);
	CHECK(find_items(f, test_of(ITEM_NOTE, TEST_EQ, null_value())) == 1);
	CHECK(store_heads(in_time(f), heads, 2) == OK);
	CHECK(store_read(in_time(f), chain, &key, 1, &shown) == OK);
	CHECK(store_list(in_time(f), chain, table_key(SECRET "ns", ""), 9,
		  &some) == OK);
	CHECK(store_changes(in_time(f), (struct point){ 1, 0 }, 1, 9, &some) ==
	      OK);
}

static void
slow_statements_have_names_and_no_values(struct fixture *f)
{
	struct watched w;
	size_t plans = 0;

	watch(f, &w);
	do_something_of_everything(f);
	CHECK(w.count >= 9);
	for (size_t i = 0; i < w.count; i++) {
		const struct told *t = &w.told[i];

		CHECK(t->name.len != 0 && t->duration_us > 0 && t->rows >= 0);
		CHECK(!has(t->name, SECRET) && !has(t->plan, SECRET));
		CHECK(!has(t->name, "4711") && !has(t->plan, "4711"));
		plans += t->plan.len != 0;
	}
	CHECK(plans >= 6);
	CHECK(find_items(f,
		  test_of(ITEM_TAG, TEST_EQ, text_value(SECRET "tag"))) == 1);
	CHECK(last_of(&w, "items where group") != NULL &&
	      last_of(&w, "items where group")->rows == 1);
	watch_no_more(f, &w);
}

static void
what_is_fast_is_not_told(struct fixture *f)
{
	struct watched w;

	watch(f, &w);
	w.slow_us = 60 * CLOCK_SECOND;
	do_something_of_everything(f);
	CHECK(w.count == 0);
	w.slow_us = 0;
	CHECK(get_item(f, 4711) != NULL);
	CHECK(w.count == 0);
	w.slow_us = 1;
	w.wants_plans = false;
	CHECK(get_item(f, 4711) != NULL);
	CHECK(w.count == 1 && w.told[0].plan.len == 0);
	watch_no_more(f, &w);
}

/* commits(parent_id): merges look for the children of a commit. */
static void
children_are_found_by_an_index(struct fixture *f)
{
	const struct test where = test_of(COMMIT_PARENT, TEST_EQ, id_value(1));
	const struct scan scan = { .entity = ENTITY_COMMITS,
		.index = INDEX_KEY,
		.limit = 10,
		.where = &where,
		.where_count = 1 };
	struct rows rows;
	struct watched w;

	watch(f, &w);
	CHECK(store_scan(in_time(f), &scan, &rows) == OK);

	const struct told *t = last_of(&w, "commits where parent_id");

	CHECK(t != NULL && has(t->plan, "commits_by_parent"));
	CHECK(t != NULL && t->whole.len == 0);
	watch_no_more(f, &w);
}

/* active_tokens(user_id), in the schema that is served. */
static void
sessions_of_a_user_are_found_by_an_index(struct fixture *f)
{
	const struct test where = test_of(TOKEN_USER, TEST_EQ, id_value(1));
	const struct scan scan = { .entity = ENTITY_ACTIVE_TOKENS,
		.index = ACTIVE_TOKENS_BY_USER,
		.limit = 10,
		.where = &where,
		.where_count = 1 };
	struct fixture served = fixture_with_schema(f, &record_schema);
	struct rows rows;
	struct watched w;

	CHECK(served.ops->migrate(
		  &served.settings, served.schema, &served.error) == OK);
	fixture_open(&served);
	watch(&served, &w);
	CHECK(store_scan(in_time(&served), &scan, &rows) == OK);

	const struct told *t = last_of(&w, "active_tokens where user_id");

	CHECK(t != NULL && has(t->plan, "active_tokens_by_user"));
	CHECK(t != NULL && t->whole.len == 0);
	watch_no_more(&served, &w);
	fixture_close(&served);
}

static void
put_many_items(struct fixture *f)
{
	struct value rows[MANY_ITEMS][ITEM_FIELDS] = { 0 };
	struct write writes[MANY_ITEMS];

	for (int i = 0; i < MANY_ITEMS; i++) {
		rows[i][ITEM_ID] = int_value(i);
		rows[i][ITEM_SIZE] = int_value(i % 7);
		rows[i][ITEM_TAG] = text_value("tag");
		writes[i] = (struct write){ .entity = ITEMS,
			.op = WRITE_PUT,
			.row = rows[i],
			.set = SET(ITEM_SIZE) | SET(ITEM_TAG) };
	}
	CHECK(write_rows(f, writes, MANY_ITEMS) == VERDICT_APPLIED);
}

static void
who_reads_all_to_find_some_is_told(struct fixture *f)
{
	struct watched w;
	const struct told *t;

	put_many_items(f);
	watch(f, &w);
	CHECK(find_items(f, test_of(ITEM_NAME, TEST_EQ, text_value("n"))) == 0);
	t = last_of(&w, "items where name");
	CHECK(t != NULL && t->plan.len != 0 && t->whole.len == 0);
	CHECK(find_items(f, test_of(ITEM_SIZE, TEST_GT, int_value(6))) == 0);
	t = last_of(&w, "items where order");
	CHECK(t != NULL && str_eq(t->whole, STR("items")));
	CHECK(t != NULL && t->whole_rows >= MANY_ITEMS / 2);
	watch_no_more(f, &w);
}

/* ---- heads */

/* A poll that comes again while the store has no time for it. */
static void
poll_heads(struct fixture *f, struct point *io, size_t count)
{
	enum err err = ERR_WOULD_BLOCK;

	for (int i = 0; i < TRIES && err == ERR_WOULD_BLOCK; i++) {
		in_time(f)->nowait = true;
		err = store_heads(&f->call, io, count);
	}
	CHECK(err == OK);
}

/* Every poll of a worker asks for all logs that are in use. */
static void
heads_are_read_again_after_a_write_only(struct fixture *f)
{
	const struct version v = table_version("ns", "t", "place");
	struct unit u = unit_of(1, &v, 1);
	struct point heads[MANY_LOGS] = { 0 };
	struct watched w;

	if (!(f->plugin->flags & PLUGIN_READS_DO_NOT_BLOCK))
		return;
	watch(f, &w);
	for (size_t i = 0; i < MANY_LOGS; i++)
		heads[i].branch = (int64_t)i + 1;
	poll_heads(f, heads, MANY_LOGS);
	CHECK(last_of(&w, "heads") != NULL);
	w.count = 0;
	poll_heads(f, heads, MANY_LOGS);
	poll_heads(f, heads + 7, MANY_LOGS - 9);
	CHECK(w.count == 0);
	CHECK(apply_one(f, 1, &u) == VERDICT_APPLIED);
	w.count = 0;
	poll_heads(f, heads, MANY_LOGS);
	CHECK(last_of(&w, "heads") != NULL);
	CHECK(heads[0].seq == 1 && heads[MANY_LOGS - 1].seq == 0);
	watch_no_more(f, &w);
}

/* ---- connections */

struct writer {
	struct fixture fixture;
	int64_t id;
	const struct pool_counts *pool;
};

/* With so little time that some wait for a connection in vain. */
static void *
write_in_haste(void *arg)
{
	struct writer *self = arg;
	struct fixture *f = &self->fixture;
	struct value row[ITEM_FIELDS] = { [ITEM_ID] = int_value(self->id) };
	const struct write w = { .entity = ITEMS, .op = WRITE_PUT, .row = row };
	int64_t until = clock_mono_us() + 20 * CLOCK_SECOND;

	while (atomic_load(&self->pool->timeouts) == 0 &&
	       clock_mono_us() < until) {
		struct unit u = { .writes = &w, .write_count = 1 };
		struct call *c = in_time(f);

		u.id = id_v7();
		c->deadline_us = clock_mono_us() + CLOCK_MS;

		enum err err = store_apply(c, 0, &u, 1);

		CHECK(err == OK || err == ERR_SLOW_DOWN ||
		      err == ERR_UNAVAILABLE || err == ERR_COMMIT_UNKNOWN);
	}
	return NULL;
}

/* One connection only, where that can be said. */
static void
leave_one_connection(struct fixture *f)
{
	struct str *value = (struct str *)(uintptr_t)f->settings.value;

	for (size_t i = 0; f->plugin->options[i].name != NULL; i++)
		if (strcmp(f->plugin->options[i].name, "max_connections") == 0)
			value[i] = STR("1");
}

static void
connections_are_counted(struct fixture *f)
{
	struct writer writers[THREADS];
	pthread_t threads[THREADS];
	struct watched w;

	leave_one_connection(f);
	watch(f, &w);
	w.slow_us = 0;
	for (int i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ fixture_share(f), i, &w.pool };
		CHECK(pthread_create(
			  &threads[i], NULL, write_in_haste, &writers[i]) == 0);
	}
	for (int i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		fixture_unshare(&writers[i].fixture);
	}
	CHECK(w.pool.timeouts > 0 && w.pool.waits >= w.pool.timeouts);
	CHECK(w.pool.wait_us > 0 && w.pool.waiting == 0);
	CHECK(find_items(f, test_of(ITEM_ID, TEST_EQ, int_value(1))) <= 1);
	CHECK(w.pool.lent == 0 && w.pool.idle > 0 && w.pool.failed >= 0);
	CHECK(w.pool.most >= 1 && w.pool.idle <= w.pool.most);
	CHECK(w.pool.opened - w.pool.closed == w.pool.idle);
	watch_no_more(f, &w);
}

#define TEST(name)                                                             \
	{                                                                      \
#name, name, PLUGIN_SHARED                                     \
	}

const struct suite_test watch_tests[] = {
	TEST(slow_statements_have_names_and_no_values),
	TEST(what_is_fast_is_not_told),
	TEST(children_are_found_by_an_index),
	TEST(sessions_of_a_user_are_found_by_an_index),
	TEST(who_reads_all_to_find_some_is_told),
	TEST(heads_are_read_again_after_a_write_only),
	TEST(connections_are_counted),
	{ NULL, NULL, 0 },
};
