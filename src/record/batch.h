/*
 * batch.h - one unit of record writes: rows are built in place, then applied
 * together.  It makes no commit on any log.
 */
#ifndef PANGOLIN_BATCH_H
#define PANGOLIN_BATCH_H

#include "plugin/store_call.h"
#include "record/entities.h"
#include "record/value.h"

#define BATCH_MAX 16

struct batch {
	struct call *call;
	struct write at[BATCH_MAX];
	size_t count;
};

static inline struct batch
batch_of(struct call *c)
{
	return (struct batch){ .call = c };
}

/* A new row, all fields NULL: the caller fills it in.  The unit fails when
 * its key is there. */
struct value *batch_insert(struct batch *, uint16_t entity);

/* An empty row in which the caller sets the key, and fields by batch_set().
 * The unit fails unless `field` of the stored row equals `value`. */
struct write *batch_update(struct batch *, uint16_t entity, struct value key,
    uint16_t field, struct value value);
void batch_set(struct write *, uint16_t field, struct value);

/* Delete the row; and demand that one is there. */
void batch_delete(struct batch *, uint16_t entity, struct value key);
void batch_expect(struct batch *, uint16_t entity, struct value key,
    uint16_t field, struct value value);

/* VERDICT_APPLIED, _CONFLICT with the number of the write that failed, or
 * _GONE; the engine's refusal of the data is ERR_BAD_REQUEST. */
MUST_CHECK enum err batch_apply(
    struct batch *, int64_t branch, enum verdict *ret, size_t *ret_failed);

/* The row of a key of one field; NULL: there is none. */
MUST_CHECK enum err record_get(
    struct call *, uint16_t entity, struct value key, const struct value **ret);

/* The first row that passes the tests; NULL: there is none. */
MUST_CHECK enum err record_find(struct call *, uint16_t entity, uint16_t index,
    const struct test *where, size_t count, const struct value **ret);

/* Rows in the order of an index, from `offset` on; limit 0: to the end. */
MUST_CHECK enum err record_list(struct call *, const struct scan *,
    int64_t limit, int64_t offset, struct rows *ret);

#endif
