/* pool.c - lends connections to calls, and bounds their wait for one. */
#include "base/clock.h"
#include "sqlite.h"

/* How long a call may take that must not wait. */
#define PROMPT_US 500

void
pool_init(struct sqlite_store *s)
{
	(void)pthread_mutex_init(&s->prompt_lock, NULL);
	pool_queue_init(&s->readers, READERS_MAX, s->watch);
	pool_queue_init(&s->writers, 1, s->watch);
}

void
pool_clear(struct sqlite_store *s)
{
	while (s->idle_count != 0)
		db_close(s->idle[--s->idle_count]);
	db_close(s->writer);
	db_close(s->prompt);
	pool_queue_clear(&s->readers);
	pool_queue_clear(&s->writers);
	(void)pthread_mutex_destroy(&s->prompt_lock);
}

static enum err
borrow_writer(struct sqlite_store *s, const struct call *c, struct db **ret)
{
	bool entered;

	(void)pthread_mutex_lock(&s->writers.lock);
	entered = pool_queue_enter(&s->writers, c->deadline_us);
	(void)pthread_mutex_unlock(&s->writers.lock);
	if (!entered)
		return db_fail(SQLITE_BUSY, c->error);
	count_add(&s->writers.counts->idle, -1);
	*ret = s->writer;
	return OK;
}

void
pool_leave(struct sqlite_store *s, struct db *db)
{
	struct pool_queue *queue = db == s->writer ? &s->writers : &s->readers;

	if (db != NULL && db == s->prompt) {
		(void)pthread_mutex_unlock(&s->prompt_lock);
		return;
	}
	if (db != NULL)
		count_add(&queue->counts->idle, 1);
	(void)pthread_mutex_lock(&queue->lock);
	if (db != s->writer && db != NULL)
		s->idle[s->idle_count++] = db;
	pool_queue_leave(queue);
	(void)pthread_mutex_unlock(&queue->lock);
}

static enum err
open_reader(struct sqlite_store *s, struct db **ret, struct error *e)
{
	struct pool_counts *counts = s->readers.counts;
	enum err err = db_open(s->path, DB_READ, ret, e);

	if (err != OK) {
		count_add(&counts->failed, 1);
		pool_leave(s, NULL);
		return err;
	}
	count_add(&counts->opened, 1);
	return OK;
}

/* One that is open and free, or a new one. */
static enum err
borrow_reader(struct sqlite_store *s, const struct call *c, struct db **ret)
{
	struct db *db = NULL;
	bool entered;

	(void)pthread_mutex_lock(&s->readers.lock);
	entered = pool_queue_enter(&s->readers, c->deadline_us);
	if (entered && s->idle_count != 0)
		db = s->idle[--s->idle_count];
	(void)pthread_mutex_unlock(&s->readers.lock);
	if (!entered)
		return db_fail(SQLITE_BUSY, c->error);
	if (db == NULL)
		return open_reader(s, ret, c->error);
	count_add(&s->readers.counts->idle, -1);
	*ret = db;
	return OK;
}

/* A connection for this call; pool_leave() gives it back. */
static enum err
borrow(
    struct sqlite_store *s, const struct call *c, bool write, struct db **ret)
{
	return write ? borrow_writer(s, c, ret) : borrow_reader(s, c, ret);
}

/* One call at a time. */
enum err
pool_borrow_prompt(
    struct sqlite_store *s, const struct call *c, struct db **ret)
{
	if (pthread_mutex_trylock(&s->prompt_lock) != 0)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot answer without waiting.");
	s->prompt->stop_us = clock_mono_us() + PROMPT_US;
	*ret = s->prompt;
	return OK;
}

enum err
pool_begin(const struct call *c, bool write, struct engine **ret)
{
	struct sqlite_store *s = (struct sqlite_store *)c->store;
	struct db *db = NULL;
	int code;

	if (c->nowait && write)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot write without waiting.");
	TRY(c->nowait ? pool_borrow_prompt(s, c, &db)
		      : borrow(s, c, write, &db));
	db->deadline_us = c->deadline_us;
	db->call++;
	db->rows = 0;

	int64_t began = slow_begin(s->watch);

	code = db_exec(db, write ? STR("BEGIN IMMEDIATE") : STR("BEGIN"));
	if (code != SQLITE_OK) {
		pool_leave(s, db);
		return db_fail(code, c->error);
	}

	struct sqlite_engine *g = ARENA_NEW(c->arena, struct sqlite_engine, 1);

	g->base = (struct engine){ .ops = &sqlite_engine_ops,
		.schema = s->base.schema,
		.arena = c->arena,
		.error = c->error };
	g->call = c;
	g->store = s;
	g->db = db;
	g->began_us = began;
	*ret = &g->base;
	return OK;
}

/* The last frame that COMMIT writes is what makes a transaction valid: on a
 * full disk there is none.  Of any other failure the outcome is open. */
static enum err
commit(struct sqlite_engine *g)
{
	int code = db_exec(g->db, STR("COMMIT"));

	if (code == SQLITE_OK)
		return OK;
	if ((code & 0xFF) == SQLITE_FULL)
		return db_fail(code, g->base.error);
	return fail(g->base.error, ERR_COMMIT_UNKNOWN,
	    "The store did not tell whether the commit was kept.");
}

static void
tell_slow(struct sqlite_engine *g, int64_t took_us)
{
	const struct store_watch *watch = g->store->watch;
	struct slow_statement told = {
		.name = asked_name(g->base.arena, &g->base.asked),
		.duration_us = took_us,
		.rows = g->db->rows,
	};

	if (watch->wants_plan(watch, told.name))
		db_explain(g->db, g->base.arena, &told);
	watch->tell(watch, g->call, &told);
}

enum err
pool_end(struct engine *engine, bool keep)
{
	struct sqlite_engine *g = (struct sqlite_engine *)engine;
	enum err err = keep ? commit(g) : OK;
	int64_t took;

	g->db->stop_us = INT64_MAX;
	if (!sqlite3_get_autocommit(g->db->handle))
		(void)db_exec(g->db, STR("ROLLBACK"));
	took = slow_end(g->store->watch, g->began_us);
	if (took != 0)
		tell_slow(g, took);
	pool_leave(g->store, g->db);
	return err;
}
