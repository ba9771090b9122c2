/*
 * merge_operations.h - merges as stored operations: the request, its conflicts,
 * its result.
 *
 * A merge without conflicts is a row in the unit that it makes.  One with
 * conflicts is a row first, with a row for each conflict; every change of it
 * moves its revision, and fails if another change was faster.
 */
#ifndef PANGOLIN_MERGE_OPERATIONS_H
#define PANGOLIN_MERGE_OPERATIONS_H

#include "versions/merge_plan.h"

enum merge_status { /* stored; the wire's words are in api/forms_merges.c */
	STATUS_PENDING = 1,
	STATUS_CONFLICTED,
	STATUS_RESOLVING,
	STATUS_READY,
	STATUS_COMPLETED,
	STATUS_ABORTED
};

struct merge_operation {
	struct id id, tenant, catalog;
	enum merge_status status;
	struct str source_name, target_name;
	struct point source, target; /* the states that it was planned on */
	struct id source_head, target_head; /* of these states; not stored */
	struct id base;     /* a commit that both know; nil: none */
	struct str message; /* ptr NULL: made from the names */
	bool squash;
	int64_t conflicts;
	struct id created_by;
	int64_t created_us, finished_us; /* 0: not yet */
	struct id result;                /* nil: none yet */
	int64_t revision;
};

struct merge_conflict_row {
	struct id id, operation;
	int64_t order;
	enum merge_conflict kind;
	struct key key;
	struct id object;
	bool in_source;          /* what was deleted, was it there */
	struct str what, reason; /* see struct merge_item */
	struct point source, target;
	struct str base_value, source_value, target_value; /* JSON objects */
	int64_t created_us;
	int strategy; /* enum merge_strategy; 0: not resolved */
	struct str value;
	struct id resolved_by;
	int64_t resolved_us;
};

static inline bool
operation_is_open(const struct merge_operation *op)
{
	return op->status < STATUS_COMPLETED;
}

/* ERR_NOT_FOUND, also for another tenant's. */
MUST_CHECK enum err operations_get(
    struct call *, struct id tenant, struct id, struct merge_operation *ret);

struct operation_list {
	struct merge_operation *at;
	size_t count;
	bool more;
};
/* The newest first; limit 0: as many as an answer may have. */
MUST_CHECK enum err operations_list(struct call *, const struct catalog *,
    int64_t limit, int64_t offset, struct operation_list *ret);

/* Whether a branch is the source or target of one that is open. */
MUST_CHECK enum err operations_use(
    struct call *, const struct catalog *, int64_t branch, struct id *ret);

/* The row of a new one, and changes of one that is there: the unit fails
 * unless its revision is what was read. */
void operation_insert(struct batch *, const struct merge_operation *);
void operation_update(struct batch *, const struct merge_operation *);

struct conflict_list {
	struct merge_conflict_row *at;
	size_t count;
	bool more;
};
MUST_CHECK enum err conflicts_list(struct call *, struct id operation,
    int64_t limit, int64_t offset, struct conflict_list *ret);
/* All conflicts of an operation. */
MUST_CHECK enum err conflicts_all(
    struct call *, struct id operation, struct conflict_list *ret);
MUST_CHECK enum err conflicts_get(
    struct call *, struct id, struct merge_conflict_row *ret);
/* The number of conflicts that are not resolved. */
MUST_CHECK enum err conflicts_open(
    struct call *, struct id operation, int64_t *ret);
void conflict_insert(struct batch *, const struct merge_conflict_row *);
void conflict_resolve(struct batch *, const struct merge_conflict_row *);

/* A conflict of a plan as a row, not stored yet. */
struct merge_conflict_row conflict_of_item(
    struct arena *, const struct merge_item *);

/* More than this many are no merge but a question of another kind. */
#define CONFLICTS_MAX 10000

/*
 * Stores the plan's conflicts in the place of those that the operation has;
 * the resolutions of `old` that still hold for the versions they saw are kept.
 * The operation, which is new if its revision is 0, comes last.
 */
MUST_CHECK enum err conflicts_store(struct call *, const struct merge_plan *,
    const struct conflict_list *old, struct merge_operation *io);

#endif
