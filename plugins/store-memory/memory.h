/*
 * memory.h - the open store: tables and one log of versions, one mutex.
 */
#ifndef PANGOLIN_MEMORY_H
#define PANGOLIN_MEMORY_H

#include <pthread.h>

#include "plugin/store.h"
#include "table.h"

struct log {
	struct sorted by_key; /* branch, space, ns, name, seq */
	struct sorted by_seq; /* branch, seq, space, ns, name */
};

struct memory {
	struct store base; /* first: a struct store * is this struct */
	const struct schema *schema;
	uint16_t commit_by_id; /* the index */
	pthread_mutex_t lock;
	struct table *tables;
	struct log log;
};

static inline struct memory *
memory_of(const struct call *c)
{
	return (struct memory *)c->store;
}

/* Waits for the mutex no longer than the call may; unlocked by the caller. */
MUST_CHECK enum err memory_lock(const struct call *);
void memory_unlock(const struct call *);

/* The last commit of a branch, or NULL. */
const struct value *last_commit(const struct memory *, int64_t branch);

/* log.c: the versions themselves */
bool log_add(struct log *, const struct version *); /* false: it has one */
void log_drop(struct log *, struct point);          /* what a unit put there */
/* At or below a position, or NULL. */
const struct version *log_newest(
    const struct log *, struct point, const struct key *);
bool log_has_live(const struct log *, int64_t branch, struct str ns);
void log_free(struct log *);

enum err memory_tails(struct call *, struct point *io, size_t count);
enum err memory_read(struct call *, struct chain, const struct key *keys,
    size_t count, struct version *ret);
enum err memory_list(struct call *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
enum err memory_changes(struct call *, struct point above, int64_t upto,
    uint32_t limit, struct versions *ret);

/* apply.c */
enum err memory_apply(
    struct call *, int64_t branch, struct unit *, size_t count);

#endif
