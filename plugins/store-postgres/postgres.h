/*
 * postgres.h - the open store, and how its calls ask the server.
 *
 * A read is one statement outside of any transaction: one round trip, one
 * snapshot, asked again on another connection when its own was lost.
 */
#ifndef PANGOLIN_POSTGRES_H
#define PANGOLIN_POSTGRES_H

#include "plugins/rowlog/engine.h"
#include "plugins/watch/slow.h"
#include "pool.h"

struct postgres {
	struct rowlog_store base; /* first: a struct store * is this struct */
	struct options options;
	const struct store_watch *watch; /* NULL: nobody */
	struct pool pool;
};

/* A statement, and how it is named to people. */
struct query {
	struct asked asked;
	const char *text;
	const struct params *params; /* NULL: none */
};
#define QUERY(name, text, params)                                              \
	((const struct query){ { (name), NULL, NULL, 0 }, (text), (params) })

extern const struct dialect postgres_dialect;
extern const struct engine_ops postgres_engine_ops;

/* Outside of calls, or on the one connection of a transaction. */
struct postgres_engine {
	struct engine base; /* first */
	const struct call *call;
	struct conn *conn;    /* NULL: each statement borrows one */
	enum outcome outcome; /* of the last statement on it */
	/* A statement that travels before the next one; its result, once that
	 * one is done.  NULL: none. */
	const char *before;
	PGresult *first;
	bool alone; /* one unit: no savepoints */
};

/* ask.c: the caller clears the result */
MUST_CHECK enum err ask(
    const struct call *, const struct query *, PGresult **ret);
/* The same on this connection, which may be in a transaction. */
MUST_CHECK enum outcome ask_on(
    const struct call *, struct conn *, const struct query *, PGresult **ret);
/* One statement in a transaction of its own, under the branch's lock, all in
 * one flush; ERR_* only when there is no connection. */
MUST_CHECK enum err ask_locked(const struct call *, int64_t branch,
    const struct query *, PGresult **ret, enum outcome *ret_outcome,
    char state[6]);
/* The same of what may be done again: a lost answer does not matter. */
MUST_CHECK enum err ask_until_told(
    const struct call *, int64_t branch, const struct query *, PGresult **ret);
/* Of an answer to COMMIT: a transaction of which a statement has failed is
 * rolled back, and the server calls that no error. */
bool has_committed(PGresult *);
/* A statement that was built, with what it binds. */
struct query query_of(const struct sql *, const struct asked *);
void rest_a_while(int *io_tries); /* before the same is tried again */

/* engine.c: how a write is named to people. */
struct asked postgres_asked(const struct entity *, const struct write *);

/* explain.c: tells of a query that was slow; `r` NULL: it failed. */
void explain_slow(const struct call *, struct conn *, const struct query *,
    PGresult *r, int64_t took_us);

/* reads.c */
enum err postgres_get(struct call *, uint16_t entity,
    const struct value *const *keys, size_t count, struct rows *ret);
enum err postgres_walk(
    struct call *, const struct scan *, uint16_t parent, struct rows *ret);
enum err postgres_heads(struct call *, struct point *io, size_t count);
enum err postgres_read(struct call *, struct chain, const struct key *keys,
    size_t count, struct version *ret);
enum err postgres_list(struct call *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
enum err postgres_changes(struct call *, struct point above, int64_t upto,
    uint32_t limit, struct versions *ret);
enum err postgres_fold(struct call *, struct chain, int64_t to,
    struct key *io_after, uint32_t limit);
enum err postgres_prune(struct call *, struct point *io_above,
    const int64_t *pins, size_t count, uint32_t limit, struct versions *ret);
enum err postgres_erase(struct call *, struct point *io_above, struct id object,
    bool live, uint32_t limit, struct versions *ret);

/* load.c */
enum err postgres_load(struct call *, int64_t branch, const struct history *);

/* apply.c, unit.c */
enum err postgres_apply(
    struct call *, int64_t branch, struct unit *, size_t count);
MUST_CHECK enum err apply_by_steps(
    struct call *, int64_t branch, struct unit *, size_t count);

/* migrate.c */
enum err postgres_migrate(
    const struct plugin_settings *, const struct schema *, struct error *);
MUST_CHECK enum err postgres_check_version(
    struct conn *, const struct schema *, struct error *);

#endif
