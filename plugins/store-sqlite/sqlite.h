/*
 * sqlite.h - the open store: eight readers at most, one writer, and a reader
 * for calls that must not wait.
 *
 * Each call borrows a connection.  A reader's call is one read transaction:
 * one snapshot, over before the call returns.
 */
#ifndef PANGOLIN_SQLITE_H
#define PANGOLIN_SQLITE_H

#include "db.h"
#include "plugins/rowlog/engine.h"
#include "plugins/watch/pool_queue.h"

#define READERS_MAX 8

struct sqlite_store {
	struct rowlog_store base; /* first: a struct store * is this struct */
	char *path;
	const struct store_watch *watch; /* NULL: nobody */
	struct pool_queue readers, writers;
	struct db *idle[READERS_MAX]; /* opened readers that are free; */
	size_t idle_count;            /* under readers.lock */
	struct db *writer;
	struct db *prompt; /* for calls that must not wait */
	pthread_mutex_t prompt_lock;
};

/* One call on one connection. */
struct sqlite_engine {
	struct engine base; /* first */
	const struct call *call;
	struct sqlite_store *store;
	struct db *db;
	int64_t began_us; /* see slow.h */
};

extern const struct engine_ops sqlite_engine_ops;

/* pool.c */
void pool_init(struct sqlite_store *);
void pool_clear(struct sqlite_store *);
MUST_CHECK enum err pool_begin(
    const struct call *, bool write, struct engine **ret);
MUST_CHECK enum err pool_end(struct engine *, bool commit);

/* The connection for calls that must not wait; pool_leave() gives it back. */
MUST_CHECK enum err pool_borrow_prompt(
    struct sqlite_store *, const struct call *, struct db **ret);
void pool_leave(struct sqlite_store *, struct db *);

/* heads.c */
MUST_CHECK enum err sqlite_heads(struct call *, struct point *io, size_t count);

/* migrate.c */
MUST_CHECK enum err sqlite_migrate(
    const struct plugin_settings *, const struct schema *, struct error *);
/* Checks that the file is as open() needs it. */
MUST_CHECK enum err sqlite_check_version(
    struct db *, const struct schema *, struct error *);
char *sqlite_path(const struct plugin_settings *); /* free() it */

#endif
