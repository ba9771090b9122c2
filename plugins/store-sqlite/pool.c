/* pool.c - who may use which connection, and how long one waits for it. */
#include "base/clock.h"
#include "plugins/contract/check.h"
#include "sqlite.h"

static struct timespec
time_of(int64_t mono_us)
{
	return (struct timespec){ .tv_sec = (time_t)(mono_us / CLOCK_SECOND),
		.tv_nsec = (long)(mono_us % CLOCK_SECOND) * 1000 };
}

static enum err
too_late(const struct call *c)
{
	return fail(
	    c->error, ERR_SLOW_DOWN, "The store was not reached in time.");
}

/* Every call may have to read from the disk. */
static enum err
admit(const struct call *c)
{
	if (c->nowait)
		return fail(c->error, ERR_WOULD_BLOCK,
		    "The store cannot answer without waiting.");
	return check_deadline(c);
}

/* An idle reader, or NULL when a new one may be opened. */
static enum err
take_idle(struct sqlite_store *s, const struct call *c, struct db **ret)
{
	struct timespec until = time_of(c->deadline_us);
	int late = 0;

	(void)pthread_mutex_lock(&s->pool);
	while (s->idle_count == 0 && s->open_count == READERS_MAX && late == 0)
		late = pthread_cond_clockwait(
		    &s->freed, &s->pool, CLOCK_MONOTONIC, &until);
	*ret = NULL;
	if (s->idle_count != 0) {
		*ret = s->idle[--s->idle_count];
		late = 0;
	} else if (s->open_count < READERS_MAX) {
		s->open_count++;
		late = 0;
	}
	(void)pthread_mutex_unlock(&s->pool);
	return late == 0 ? OK : too_late(c);
}

static void
give_back(struct sqlite_store *s, struct db *db)
{
	(void)pthread_mutex_lock(&s->pool);
	if (db != NULL)
		s->idle[s->idle_count++] = db;
	else
		s->open_count--;
	(void)pthread_cond_signal(&s->freed);
	(void)pthread_mutex_unlock(&s->pool);
}

enum err
reader_take(const struct call *c, struct db **ret)
{
	struct sqlite_store *s = sqlite_of(c);
	struct db *db;
	enum err err = OK;

	TRY(admit(c));
	TRY(take_idle(s, c, &db));
	if (db == NULL)
		err = db_open(s->path, DB_READ, &db, c->error);
	if (err == OK) {
		int code;

		db->deadline_us = c->deadline_us;
		code = db_exec(db, STR("BEGIN"));
		if (code != SQLITE_OK)
			err = db_fail(code, c->error);
	}
	if (err != OK)
		give_back(s, db);
	else
		*ret = db;
	return err;
}

void
reader_give(const struct call *c, struct db *db)
{
	(void)db_exec(db, STR("ROLLBACK"));
	give_back(sqlite_of(c), db);
}

enum err
writer_take(const struct call *c, struct db **ret)
{
	struct sqlite_store *s = sqlite_of(c);
	struct timespec until = time_of(c->deadline_us);
	int code;

	TRY(admit(c));
	if (pthread_mutex_clocklock(&s->turn, CLOCK_MONOTONIC, &until) != 0)
		return too_late(c);
	s->writer->deadline_us = c->deadline_us;
	code = db_exec(s->writer, STR("BEGIN IMMEDIATE"));
	if (code != SQLITE_OK) {
		(void)pthread_mutex_unlock(&s->turn);
		return db_fail(code, c->error);
	}
	*ret = s->writer;
	return OK;
}

void
writer_give(const struct call *c)
{
	struct sqlite_store *s = sqlite_of(c);

	if (!sqlite3_get_autocommit(s->writer->handle))
		(void)db_exec(s->writer, STR("ROLLBACK"));
	(void)pthread_mutex_unlock(&s->turn);
}
