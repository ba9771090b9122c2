/*
 * rows.h - the steps that the calls share, inside this folder: finding rows,
 * many questions in one round trip, and the work of transactions.
 */
#ifndef PANGOLIN_ROWS_H
#define PANGOLIN_ROWS_H

#include "mongo.h"

/* ---- rows.c */
/* Documents that a query finds, as rows. */
MUST_CHECK enum err mongo_find(struct engine *, const struct entity *,
    const bson_t *filter, bson_t *options, struct rows *ret);
MUST_CHECK enum err mongo_aggregate(struct engine *, const struct entity *,
    const bson_t *pipeline, struct rows *ret);

/* Keeps other transactions from making this row. */
MUST_CHECK enum err mongo_hold_absent(
    struct engine *, const struct entity *, const struct value *key);
/* Takes the next position of a log and gives it back: a commit under way, which
 * claims it too, is judged again behind this transaction. */
MUST_CHECK enum err mongo_hold_log(struct engine *, int64_t branch);
/* Inserts a row, and leaves one that is there as it is; the bulk's command is
 * "update". */
MUST_CHECK enum err bulk_add_missing(
    struct bulk *, const struct entity *, const struct value *row);
/* Whether the row is small enough for a document. */
bool mongo_fits(const struct entity *, const struct value *row);

/* ---- find.c: what takes many questions, in one round trip */
/* The first row, in the order of an index, of each list of tests. */
struct question {
	const struct test *where;
	size_t where_count;
};
MUST_CHECK enum err mongo_firsts(struct engine *, const struct entity *,
    const struct scan *order, const struct question *, size_t count,
    struct rows *ret);
/* The rows of these keys, in no order. */
MUST_CHECK enum err mongo_find_keys(struct engine *, const struct entity *,
    const struct value *const *keys, size_t count, struct rows *ret);

/* ---- log.c */
/* ret[i]: what a link shows of a page's entries, which are sorted by name. */
MUST_CHECK enum err mongo_versions_of(struct engine *, struct point link,
    const struct rows *entries, struct version *ret);

/* ---- batch.c */
/* Units of one call that are decided in one transaction. */
struct run {
	int64_t branch;
	const struct unit *unit;
	size_t count;
	struct unit_result *ret;
	bool clashed; /* a unit's writes failed: nothing was kept */
};
bool batch_takes(const struct unit *);
mongo_work batch_work; /* of a struct run */

#endif
