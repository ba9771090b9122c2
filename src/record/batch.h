/*
 * batch.h - a unit of record writes: rows are built in place, then applied
 * together.
 *
 * It makes a commit on a log when it has versions too.  Keys of records have
 * one field here, but for batch_delete_row() and _row_when().
 */
#ifndef PANGOLIN_BATCH_H
#define PANGOLIN_BATCH_H

#include "calls/store_call.h"
#include "record/entities.h"
#include "record/value.h"

#define BATCH_PUTS 8

struct deed; /* record/audit.h */

struct batch {
	struct call *call;
	struct write *at;
	size_t count, room;
	struct version put[BATCH_PUTS];
	size_t put_count;
	/* of the unit's commit, if it makes one */
	struct id id; /* nil: a new one */
	struct str author, message, request_hash;
	struct deed *deed; /* the one that it puts on record; NULL: none */
	/* set by batch_apply(): VERDICT_APPLIED, but a commit of this id was
	 * there before, with this hash */
	bool was_there;
	struct str first_hash;
};

static inline struct batch
batch_of(struct call *c)
{
	return (struct batch){ .call = c };
}

/* A new row, all fields NULL: the caller fills it in.  The unit fails when
 * its key is there. */
struct value *batch_insert(struct batch *, uint16_t entity);

/* Inserts a row, or replaces the one of its key. */
struct value *batch_replace(struct batch *, uint16_t entity);

/* Fields of a row that is there, set by update_set() before the batch grows.
 * The unit fails unless the stored row passes the test. */
struct update {
	struct value *row;
	uint64_t *set;
};
struct update batch_update(
    struct batch *, uint16_t entity, struct value key, struct test);
void update_set(struct update, uint16_t field, struct value);

/* Add one to a number of a row that is there and passes the tests: the unit
 * fails otherwise. */
void batch_add(struct batch *, uint16_t entity, struct value key,
    uint16_t field, const struct test *, size_t count);

/* Add any number; the rest as batch_add(). */
void batch_add_many(struct batch *, uint16_t entity, struct value key,
    uint16_t field, int64_t n, const struct test *, size_t count);

/* Delete a row, whatever is in it or when it passes a test: a row that does
 * not pass fails the unit, one that is not there does not.  Demand that a row
 * passes a test. */
void batch_delete(struct batch *, uint16_t entity, struct value key);
void batch_delete_row(struct batch *, uint16_t entity, const struct value *key);
void batch_delete_row_when(
    struct batch *, uint16_t entity, const struct value *key, struct test);
void batch_delete_when(
    struct batch *, uint16_t entity, struct value key, struct test);
void batch_expect(
    struct batch *, uint16_t entity, struct value key, struct test);

/* Demand that there is no row of a key, of any number of fields. */
void batch_expect_absent(
    struct batch *, uint16_t entity, const struct value *key);

/* Delete the first `limit` rows by key that pass the test. */
void batch_purge(struct batch *, uint16_t entity, uint32_t limit, struct test);

/* Adds a version, unless there is one of its key: at most BATCH_PUTS. */
void batch_put(struct batch *, struct version);

/* Applies the batch.  VERDICT_APPLIED, _CONFLICT with the number of the write
 * that failed, or _GONE (branch 0 never is); ERR_BAD_REQUEST: the engine
 * refuses the data.  ERR_COMMIT_UNKNOWN: an answer was lost, and the next one
 * could not tell. */
MUST_CHECK enum err batch_apply(
    struct batch *, int64_t branch, enum verdict *ret, size_t *ret_failed);

/* The row of a key of one field; NULL: there is none. */
MUST_CHECK enum err record_find_by_key(
    struct call *, uint16_t entity, struct value key, const struct value **ret);

/* The first row that passes the tests; NULL: there is none. */
MUST_CHECK enum err record_find(struct call *, uint16_t entity, uint16_t index,
    const struct test *where, size_t count, const struct value **ret);

/* Rows in the order of an index, from `offset` on; limit 0: to the end. */
MUST_CHECK enum err record_list(struct call *, const struct scan *,
    int64_t limit, int64_t offset, struct rows *ret);

/*
 * The same for an answer: at most LIST_ROWS_MAX rows (limit 0: as many), and
 * no more of them once they have LIST_BYTES_MAX together.  ret->next.ptr is
 * not NULL when there are more.  On the event loop there are short lists only:
 * ERR_WOULD_BLOCK for others.
 */
#define LIST_ROWS_MAX 1000
#define LIST_BYTES_MAX ((size_t)16 << 20)
MUST_CHECK enum err record_page(struct call *, const struct scan *,
    int64_t limit, int64_t offset, struct rows *ret);

#endif
