/*
 * sqlite.h - the open store: eight readers at most, one writer.
 *
 * Each call borrows a connection.  A reader's call is one read transaction:
 * one snapshot, over before the call returns.
 */
#ifndef PANGOLIN_SQLITE_H
#define PANGOLIN_SQLITE_H

#include <pthread.h>

#include "db.h"

#define READERS_MAX 8

struct sqlite_store {
	struct store base; /* first: a struct store * is this struct */
	const struct schema *schema;
	char *path;

	pthread_mutex_t pool;
	pthread_cond_t freed;
	struct db *idle[READERS_MAX];
	size_t idle_count, open_count;

	pthread_mutex_t turn; /* held by the thread that writes */
	struct db *writer;
};

static inline struct sqlite_store *
sqlite_of(const struct call *c)
{
	return (struct sqlite_store *)c->store;
}

/* pool.c */
MUST_CHECK enum err reader_take(const struct call *, struct db **ret);
void reader_give(const struct call *, struct db *);
MUST_CHECK enum err writer_take(const struct call *, struct db **ret);
void writer_give(const struct call *);

/* migrate.c */
#define STATE_TABLE "meta"
MUST_CHECK enum err sqlite_migrate(
    const struct plugin_settings *, const struct schema *, struct error *);
MUST_CHECK enum err sqlite_check_version(
    struct db *, const struct schema *, struct error *);
char *sqlite_path(const struct plugin_settings *); /* free() it */

/* records.c */
MUST_CHECK enum err sqlite_get(struct call *, uint16_t entity,
    const struct value *const *keys, size_t count, struct rows *ret);
MUST_CHECK enum err sqlite_scan(
    struct call *, const struct scan *, struct rows *ret);
MUST_CHECK enum err sqlite_count(
    struct call *, const struct scan *, int64_t *ret);
/* NULL: there is none. */
MUST_CHECK enum err find_row(const struct call *, struct db *,
    const struct entity *, const struct value *key, const struct value **ret);
MUST_CHECK enum err find_first(const struct call *, struct db *,
    const struct scan *, const struct value **ret);
/* The last commit of a branch. */
MUST_CHECK enum err find_head(
    const struct call *, struct db *, int64_t branch, const struct value **ret);

/* log.c */
MUST_CHECK enum err sqlite_tails(struct call *, struct point *io, size_t count);
MUST_CHECK enum err sqlite_read(struct call *, struct chain,
    const struct key *keys, size_t count, struct version *ret);
MUST_CHECK enum err sqlite_list(struct call *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
MUST_CHECK enum err sqlite_changes(struct call *, struct point above,
    int64_t upto, uint32_t limit, struct versions *ret);

/* apply.c */
MUST_CHECK enum err sqlite_apply(
    struct call *, int64_t branch, struct unit *, size_t count);

#endif
