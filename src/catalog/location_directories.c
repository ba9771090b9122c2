#include "catalog/location_directories.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/fault.h"
#include "catalog/location_claims.h"
#include "catalog/location_rows.h"
#include "record/retry.h"

/* ---- what this process has seen confirmed */
#define KNOWN_ROOM 4096

static struct {
	pthread_mutex_t lock;
	struct id at[KNOWN_ROOM]; /* each in the slot of its hash */
} known = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct id *
slot_of(struct id id)
{
	return &known.at[(id.b[14] << 8 | id.b[15]) % KNOWN_ROOM];
}

static bool
is_known(struct id id)
{
	(void)pthread_mutex_lock(&known.lock);

	bool found = id_eq(*slot_of(id), id);

	(void)pthread_mutex_unlock(&known.lock);
	return found;
}

static void
remember(struct id id)
{
	(void)pthread_mutex_lock(&known.lock);
	*slot_of(id) = id;
	(void)pthread_mutex_unlock(&known.lock);
}

/* ---- opening */
struct opening {
	struct call *call;
	const struct branch *branch;
	struct str path;
	struct id id;
	int64_t left_us; /* of the row that this call inserted; 0: none */
};

static enum err
insert(struct opening *o)
{
	struct batch b = batch_of(o->call);
	struct value *row = batch_insert(&b, ENTITY_LOCATIONS);
	int64_t now = clock_now_us();
	enum verdict verdict;

	location_directory_fill(
	    o->call->arena, row, o->path, o->branch->catalog.id, o->branch->id);
	row[LOCATION_LEFT_US] = value_int(now);
	TRY(location_rows_apply(&b, &verdict));
	if (verdict == VERDICT_APPLIED) /* else another has inserted it */
		o->left_us = now;
	return OK;
}

static enum err
confirm(struct opening *o, bool *ret)
{
	struct batch b = batch_of(o->call);
	struct update u = batch_update(&b, ENTITY_LOCATIONS, value_id(o->id),
	    (struct test){
		LOCATION_CATALOG, TEST_EQ, value_id(o->branch->catalog.id) });
	enum verdict verdict;

	update_set(u, LOCATION_LEFT_US, value_null());
	update_set(u, LOCATION_CONFIRMED_US, value_int(clock_now_us()));
	TRY(location_rows_apply(&b, &verdict));
	*ret = verdict == VERDICT_APPLIED;
	return OK;
}

/* Unless another has confirmed it meanwhile. */
static enum err
take_back(struct opening *o)
{
	struct batch b = batch_of(o->call);
	enum verdict verdict;

	if (o->left_us == 0)
		return OK;
	batch_delete_when(&b, ENTITY_LOCATIONS, value_id(o->id),
	    (struct test){ LOCATION_LEFT_US, TEST_EQ, value_int(o->left_us) });
	return location_rows_apply(&b, &verdict);
}

/* *ret: it is confirmed.  A row of a backup is left, and is looked at again. */
static enum err
open_once(struct opening *o, bool *ret, const struct value **ret_holder)
{
	const struct location_owner nobody = { .catalog = { { 0 } } };
	const struct value *row;

	*ret_holder = NULL;
	TRY(record_find_by_key(
	    o->call, ENTITY_LOCATIONS, value_id(o->id), &row));
	*ret = row != NULL && location_row_is_confirmed(row) &&
	       row[LOCATION_LEFT_US].type == VALUE_NULL;
	if (*ret)
		return OK;
	if (row == NULL)
		TRY(insert(o));
	FAULT_POINT("directory_inserted");
	TRY(location_rows_meet_above(o->call, o->path, &nobody, ret_holder));
	return *ret_holder == NULL ? confirm(o, ret) : OK;
}

bool
location_directory_is_known(struct id catalog, struct str path)
{
	return is_known(location_directory_id(location_parent(path), catalog));
}

enum err
location_directory_open(struct call *c, const struct branch *b, struct str path,
    const struct value **ret_holder)
{
	struct opening o = {
		.call = c, .branch = b, .path = location_parent(path)
	};
	struct retry retry = retry_of(c);
	bool done;
	int looks = 0;

	o.id = location_directory_id(o.path, b->catalog.id);
	*ret_holder = NULL;
	if (is_known(o.id))
		return OK;
	for (;;) {
		TRY(open_once(&o, &done, ret_holder));
		if (done) {
			remember(o.id);
			return OK;
		}
		/* a claim that sees the directory goes */
		if (*ret_holder != NULL &&
		    (location_row_is_confirmed(*ret_holder) ||
			++looks == LOCATION_LOOKS))
			return take_back(&o);
		if (!retry_again(&retry))
			return fail(c->error, ERR_COMMIT_FAILED,
			    "Locations are being claimed by others, try again");
	}
}
