#include "tasks/sweep_deleted.h"

#include "base/clock.h"
#include "base/fault.h"
#include "calls/store_call.h"
#include "catalog/deleted_catalogs.h"
#include "record/batch.h"
#include "tasks/sweep_places.h"

#define ROWS 200                   /* that are deleted together */
#define STEP_US (5 * CLOCK_SECOND) /* what a step may wait for the store */

/* No request or chunk that has begun with the catalog lasts longer. */
#define REQUEST_US (600 * CLOCK_SECOND)

struct forgetting {
	struct work *work;
	struct id catalog;
};

static enum err
apply(struct batch *b)
{
	enum verdict verdict;
	size_t failed;

	return batch_apply(b, 0, &verdict, &failed);
}

/* ---- rows */
static enum err
scan_some(const struct forgetting *f, uint16_t entity, uint16_t index,
    struct test of, uint32_t limit, struct rows *ret)
{
	const struct scan scan = { .entity = entity,
		.index = index,
		.limit = limit,
		.where = &of,
		.where_count = 1 };

	return store_scan(f->work->call, &scan, ret);
}

/* *ret_any: perhaps there are more.  A row that a catalog made anew has
 * replaced under its key, the hash of a path, stays, and the others go the next
 * time. */
static enum err
delete_some(const struct forgetting *f, uint16_t entity, uint16_t index,
    struct test of, bool *ret_any)
{
	struct batch b = batch_of(f->work->call);
	struct rows rows;

	TRY(scan_some(f, entity, index, of, ROWS, &rows));
	for (size_t i = 0; i < rows.count; i++)
		batch_delete_row_when(&b, entity, rows.row[i], of);
	*ret_any = rows.count != 0;
	if (!*ret_any)
		return OK;
	FAULT_POINT("deleted_scanned");
	f->work->progress.done += (int64_t)rows.count;
	return apply(&b);
}

static enum err
delete_operations(const struct forgetting *f, bool *ret_any)
{
	struct batch b = batch_of(f->work->call);
	const struct value *operation;
	struct rows rows;
	bool more;

	TRY(scan_some(f, ENTITY_MERGE_OPERATIONS, OPERATIONS_BY_CATALOG,
	    (struct test){ OPERATION_CATALOG, TEST_EQ, value_id(f->catalog) },
	    1, &rows));
	*ret_any = rows.count != 0;
	if (rows.count == 0)
		return OK;
	operation = rows.row[0];
	TRY(delete_some(f, ENTITY_MERGE_CONFLICTS, CONFLICTS_BY_OPERATION,
	    (struct test){
		CONFLICT_OPERATION, TEST_EQ, operation[OPERATION_ID] },
	    &more));
	if (more)
		return OK;
	batch_delete(&b, ENTITY_MERGE_OPERATIONS, operation[OPERATION_ID]);
	return apply(&b);
}

/* Rows are found by the catalog's id. */
static enum err
delete_rows(const struct forgetting *f, bool *ret_any)
{
	static const struct {
		uint16_t entity, index, field;
	} kinds[] = {
		{ ENTITY_GARBAGE, GARBAGE_BY_CATALOG, GARBAGE_CATALOG },
		{ ENTITY_PURGES, PURGES_BY_CATALOG, PURGE_CATALOG },
		{ ENTITY_LOCATIONS, LOCATIONS_BY_LEFT, LOCATION_CATALOG },
	};

	TRY(delete_operations(f, ret_any));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && !*ret_any; i++)
		TRY(delete_some(f, kinds[i].entity, kinds[i].index,
		    (struct test){
			kinds[i].field, TEST_EQ, value_id(f->catalog) },
		    ret_any));
	return OK;
}

/* ---- logs */

/* Versions go before the commits that say where they are. */
static enum err
delete_log(const struct forgetting *f, struct value branch, bool *ret_any)
{
	struct point above = { branch.as.i, -1 };
	struct versions dropped = { .more = true };

	while (dropped.more && work_has_room(f->work)) {
		TRY(store_prune(
		    f->work->call, &above, NULL, 0, ROWS, &dropped));
		f->work->progress.done += (int64_t)dropped.count;
		TRY(work_beat(f->work));
	}
	*ret_any = dropped.more;
	if (!*ret_any)
		TRY(delete_some(f, ENTITY_MERGES, MERGES_BY_INTO,
		    (struct test){ MERGE_INTO, TEST_EQ, branch }, ret_any));
	if (!*ret_any)
		TRY(delete_some(f, ENTITY_COMMITS, INDEX_KEY,
		    (struct test){ COMMIT_BRANCH, TEST_EQ, branch }, ret_any));
	return OK;
}

/* A branch goes with its log. */
static enum err
delete_refs(const struct forgetting *f, bool *ret_any)
{
	struct batch b = batch_of(f->work->call);
	const struct value *ref;
	struct rows rows;
	bool more = false;

	TRY(scan_some(f, ENTITY_REFS, REFS_BY_NAME,
	    (struct test){ REF_CATALOG, TEST_EQ, value_id(f->catalog) }, 1,
	    &rows));
	*ret_any = rows.count != 0;
	if (rows.count == 0)
		return OK;
	ref = rows.row[0];
	if (value_int_or(ref[REF_KIND], 0) == REF_BRANCH)
		TRY(delete_log(f, ref[REF_ID], &more));
	if (more)
		return OK;
	batch_delete(&b, ENTITY_REFS, ref[REF_ID]);
	batch_delete(&b, ENTITY_AUDIT_CURSORS, ref[REF_ID]);
	return apply(&b);
}

/* ---- the catalog */
static enum err
forget_some(const struct forgetting *f)
{
	struct call *c = f->work->call;
	struct batch b = batch_of(c);
	const struct value *catalog;
	bool any = false;

	TRY(record_find_by_key(
	    c, ENTITY_CATALOGS, value_id(f->catalog), &catalog));
	if (catalog == NULL) {
		TRY(delete_rows(f, &any));
		if (!any)
			TRY(delete_refs(f, &any));
	}
	FAULT_POINT("deleted_swept");
	if (any)
		return OK;
	place_sweep_forget(&b, f->catalog);
	deleted_catalog_forget(&b, f->catalog);
	return apply(&b);
}

enum err
deleted_sweep_some(struct work *w, struct str *io_after, bool *ret_more)
{
	int64_t wait = w->grace_us < REQUEST_US ? w->grace_us : REQUEST_US;
	struct forgetting f = { .work = w };

	w->call->deadline_us = clock_mono_us() + STEP_US;
	TRY(work_beat(w));
	TRY(deleted_catalogs_look(w->call, io_after, ret_more));
	if (*ret_more)
		return OK;
	TRY(deleted_catalog_find(
	    w->call, clock_now_us() - wait, &f.catalog, ret_more));
	return *ret_more ? forget_some(&f) : OK;
}
