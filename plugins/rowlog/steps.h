/* steps.h - the steps that the calls share, inside this folder. */
#ifndef PANGOLIN_STEPS_H
#define PANGOLIN_STEPS_H

#include "plugins/rowlog/engine.h"

/* ---- records.c */
MUST_CHECK enum err rowlog_get(struct engine *, uint16_t entity,
    const struct value *const *keys, size_t count, struct rows *ret);
MUST_CHECK enum err rowlog_scan(
    struct engine *, const struct scan *, struct rows *ret);
/* The first row; NULL: there is none. */
MUST_CHECK enum err rowlog_first(struct engine *, const struct entity *,
    const struct scan *, const struct value **ret);
MUST_CHECK enum err rowlog_find(struct engine *, const struct entity *,
    const struct value *key, const struct value **ret);
MUST_CHECK enum err rowlog_walk(
    struct engine *, const struct scan *, uint16_t parent, struct rows *ret);
/* All fields; `fresh`: only where there is no such row, else CONFLICT. */
MUST_CHECK enum err rowlog_put(struct engine *, const struct entity *,
    const struct value *row, bool fresh, enum verdict *ret);
/* The last commit of a branch. */
MUST_CHECK enum err rowlog_head(
    struct engine *, int64_t branch, const struct value **ret);

/* ---- reads.c */
MUST_CHECK enum err rowlog_heads(
    struct engine *, struct point *io, size_t count);
MUST_CHECK enum err rowlog_read(struct engine *, struct chain,
    const struct key *keys, size_t count, struct version *ret);
MUST_CHECK enum err rowlog_list(struct engine *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
MUST_CHECK enum err rowlog_changes(struct engine *, struct point above,
    int64_t upto, uint32_t limit, struct versions *ret);
/* The newest version of a key at or below a position; kind 0: none. */
MUST_CHECK enum err rowlog_newest(
    struct engine *, struct point at, const struct key *, struct version *ret);

/* ---- upkeep.c */
MUST_CHECK enum err rowlog_fold(struct engine *, struct chain, int64_t to,
    struct key *io_after, uint32_t limit);
MUST_CHECK enum err rowlog_prune(struct engine *, struct point *io_above,
    const int64_t *pins, size_t count, uint32_t limit, struct versions *ret);
MUST_CHECK enum err rowlog_erase(struct engine *, struct point *io_above,
    struct id object, bool live, uint32_t limit, struct versions *ret);

/* ---- load.c */
MUST_CHECK enum err rowlog_load(struct engine *, const struct history *);

/* ---- apply.c */
struct unit_result {
	enum verdict verdict;
	size_t failed;
	int64_t seq;
	struct str first_hash;
};

/* Judges and writes all units; one unit_result each, in the arena. */
MUST_CHECK enum err rowlog_apply(struct engine *, int64_t branch,
    const struct unit *, size_t count, struct unit_result **ret);
#endif
