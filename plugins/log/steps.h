/* steps.h - what calls are made of, inside this folder. */
#ifndef PANGOLIN_STEPS_H
#define PANGOLIN_STEPS_H

#include "plugins/log/engine.h"

/* ---- records.c */
MUST_CHECK enum err engine_get(struct engine *, uint16_t entity,
    const struct value *const *keys, size_t count, struct rows *ret);
MUST_CHECK enum err engine_scan(
    struct engine *, const struct scan *, struct rows *ret);
/* The first row; NULL: there is none. */
MUST_CHECK enum err engine_first(struct engine *, const struct entity *,
    const struct scan *, const struct value **ret);
MUST_CHECK enum err engine_find(struct engine *, const struct entity *,
    const struct value *key, const struct value **ret);
/* The last commit of a branch. */
MUST_CHECK enum err engine_head(
    struct engine *, int64_t branch, const struct value **ret);

/* ---- log.c */
MUST_CHECK enum err engine_tails(
    struct engine *, struct point *io, size_t count);
MUST_CHECK enum err engine_read(struct engine *, struct chain,
    const struct key *keys, size_t count, struct version *ret);
MUST_CHECK enum err engine_list(struct engine *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
MUST_CHECK enum err engine_changes(struct engine *, struct point above,
    int64_t upto, uint32_t limit, struct versions *ret);

/* ---- judge.c */
struct judgement {
	enum verdict verdict;
	size_t failed;
	int64_t seq;
	struct str first_hash;
};

/* Judges and writes all units; one judgement each, in the arena. */
MUST_CHECK enum err engine_apply(struct engine *, int64_t branch,
    const struct unit *, size_t count, struct judgement **ret);
#endif
