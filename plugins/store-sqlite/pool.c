/* pool.c - who may use which connection, and how long one waits for it. */
#include <time.h>

#include "base/clock.h"
#include "sqlite.h"

/* How long a call may take that must not wait. */
#define PROMPT_US 500

static void
queue_init(struct queue *q, size_t count)
{
	pthread_condattr_t monotonic;

	*q = (struct queue){ .free = count };
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&q->wake, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
}

void
pool_init(struct sqlite_store *s)
{
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_mutex_init(&s->prompt_lock, NULL);
	queue_init(&s->readers, READERS_MAX);
	queue_init(&s->writers, 1);
}

void
pool_clear(struct sqlite_store *s)
{
	while (s->idle_count != 0)
		db_close(s->idle[--s->idle_count]);
	db_close(s->writer);
	db_close(s->prompt);
	(void)pthread_cond_destroy(&s->readers.wake);
	(void)pthread_cond_destroy(&s->writers.wake);
	(void)pthread_mutex_destroy(&s->prompt_lock);
	(void)pthread_mutex_destroy(&s->lock);
}

/* What is given back while others wait is handed to one of them, so that
 * whoever comes just then cannot snatch it. */
static bool
queue_enter(struct sqlite_store *s, struct queue *q, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = (time_t)(deadline_us / CLOCK_SECOND),
		.tv_nsec = (long)(deadline_us % CLOCK_SECOND) * 1000,
	};
	int late = 0;

	if (q->free != 0) {
		q->free--;
		return true;
	}
	q->waiting++;
	while (q->handed == 0 && late == 0)
		late = pthread_cond_timedwait(&q->wake, &s->lock, &until);
	q->waiting--;
	if (q->handed == 0)
		return false;
	q->handed--;
	return true;
}

static void
queue_leave(struct queue *q)
{
	if (q->waiting > q->handed) {
		q->handed++;
		(void)pthread_cond_signal(&q->wake);
	} else {
		q->free++;
	}
}

/* An opened reader that is free, or NULL. */
static enum err
enter(struct sqlite_store *s, const struct call *c, struct queue *q,
    struct db **ret)
{
	bool entered;

	(void)pthread_mutex_lock(&s->lock);
	entered = queue_enter(s, q, c->deadline_us);
	*ret = NULL;
	if (entered && q == &s->readers && s->idle_count != 0)
		*ret = s->idle[--s->idle_count];
	(void)pthread_mutex_unlock(&s->lock);
	return entered ? OK : db_fail(SQLITE_BUSY, c->error);
}

void
pool_leave(struct sqlite_store *s, struct db *db)
{
	if (db != NULL && db == s->prompt) {
		(void)pthread_mutex_unlock(&s->prompt_lock);
		return;
	}
	(void)pthread_mutex_lock(&s->lock);
	if (db != s->writer && db != NULL)
		s->idle[s->idle_count++] = db;
	queue_leave(db == s->writer ? &s->writers : &s->readers);
	(void)pthread_mutex_unlock(&s->lock);
}

/* A connection for this call; pool_leave() gives it back. */
static enum err
borrow(
    struct sqlite_store *s, const struct call *c, bool write, struct db **ret)
{
	struct db *db;

	TRY(enter(s, c, write ? &s->writers : &s->readers, &db));
	if (write)
		db = s->writer;
	if (db == NULL) {
		enum err err = db_open(s->path, DB_READ, &db, c->error);

		if (err != OK) {
			pool_leave(s, NULL);
			return err;
		}
	}
	*ret = db;
	return OK;
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
	code = db_exec(db, write ? STR("BEGIN IMMEDIATE") : STR("BEGIN"));
	if (code != SQLITE_OK) {
		pool_leave(s, db);
		return db_fail(code, c->error);
	}

	struct sqlite_engine *g = ARENA_NEW(c->arena, struct sqlite_engine, 1);

	g->base = (struct engine){ &sqlite_engine_ops, s->base.schema, c->arena,
		c->error };
	g->store = s;
	g->db = db;
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

enum err
pool_end(struct engine *engine, bool keep)
{
	struct sqlite_engine *g = (struct sqlite_engine *)engine;
	enum err err = keep ? commit(g) : OK;

	g->db->stop_us = INT64_MAX;
	if (!sqlite3_get_autocommit(g->db->handle))
		(void)db_exec(g->db, STR("ROLLBACK"));
	pool_leave(g->store, g->db);
	return err;
}
