#include "catalog/location_owners.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "catalog/location_claims.h"
#include "catalog/location_directories.h"
#include "catalog/location_holds.h"
#include "catalog/location_rows.h"
#include "object/object.h"
#include "record/retry.h"

/* ---- the refusal */

/* Whether a branch of this catalog shows the owner under the name for which the
 * location was claimed. */
static bool
is_shown(struct call *c, const struct branch *b, const struct value *row,
    struct ident ident)
{
	const struct point head = { row[LOCATION_BRANCH].as.i, SEQ_HEAD };
	const struct key key = ident_key(ident);
	struct version table;
	struct chain chain;

	return chain_of(c, &b->catalog, head, &chain) == OK &&
	       store_read(c, chain, &key, 1, &table) == OK &&
	       version_is_live(&table) &&
	       id_eq(table.object, row[LOCATION_OBJECT].as.id);
}

/* Names the owner where it lives on the branch that it was claimed on, in this
 * catalog; false: it does not, or not under that name. */
static bool
find_owner(struct call *c, const struct branch *b, const struct value *row,
    struct str *ret)
{
	struct str text = value_str_or_absent(row[LOCATION_TABLE]);
	struct error ignored;
	struct call quiet = *c;
	struct ident ident;
	struct ref ref;

	quiet.error = &ignored;
	if (!id_eq(row[LOCATION_CATALOG].as.id, b->catalog.id) ||
	    !location_owner_ident(text, &ident) ||
	    ref_get_by_id(
		&quiet, &b->catalog, row[LOCATION_BRANCH].as.i, &ref) != OK ||
	    ref.state != REF_LIVE || !is_shown(&quiet, b, row, ident))
		return false;
	*ret = arena_printf(
	    c->arena, "table " STR_FMT, STR_ARG(ident_shown(c->arena, ident)));
	if (ref.id != b->id)
		*ret =
		    arena_printf(c->arena, STR_FMT " of branch '" STR_FMT "'",
			STR_ARG(*ret), STR_ARG(ref.name));
	return true;
}

static enum err
taken(struct call *c, const struct branch *b, const struct value *row,
    const struct location_wish *wish)
{
	struct str whose = STR("another table, or of one that was dropped");

	if (row[LOCATION_OBJECT].type == VALUE_NULL)
		whose = STR("tables that the server places there");
	else if (location_row_is_doomed(row))
		whose = STR("a table that is being purged");
	else if (!b->hides_owners)
		(void)find_owner(c, b, row, &whose);
	return fail(c->error, wish->taken,
	    "Location is in, at or around that of " STR_FMT
	    ", whose files it would share: choose another location, or "
	    "none: " STR_FMT,
	    STR_ARG(whose), STR_ARG(wish->location));
}

/* ---- claiming */
struct claiming {
	struct call *call;
	const struct branch *branch;
	struct location_holds holds;
	bool passes; /* what is replaced gives its locations away */
};

/* The owner that is in no way of a wish. */
static struct location_owner
owner_of(const struct claiming *k, const struct location_wish *wish)
{
	return (struct location_owner){ .catalog = k->branch->catalog.id,
		.object = wish->object,
		.replaced = k->passes ? wish->replaced : (struct id){ { 0 } } };
}

static enum err
hold_taken(
    struct claiming *k, const struct location_hold *h, const struct value *row)
{
	if (!id_is_nil(h->wish->replaced) &&
	    location_row_is(row, k->branch->catalog.id, h->wish->replaced))
		return fail(k->call->error, h->wish->taken,
		    "Location is in, at or around that of the table to be "
		    "replaced, which other branches or tags may show: register "
		    "a table with another location: " STR_FMT,
		    STR_ARG(h->wish->location));
	return taken(k->call, k->branch, row, h->wish);
}

static int
by_id(const void *a, const void *b)
{
	const struct location_hold *x = a, *y = b;

	return memcmp(x->id.b, y->id.b, sizeof(x->id.b));
}

/* In the order of their keys, in which the store locks their rows. */
static void
make_holds(struct claiming *k, const struct location_wish *wishes, size_t count)
{
	k->holds.at = ARENA_NEW(k->call->arena, struct location_hold, count);
	k->holds.count = count;
	for (size_t i = 0; i < count; i++) {
		struct str path = object_path(wishes[i].location);

		k->holds.at[i] = (struct location_hold){ &wishes[i], path,
			location_row_id(path),
			wishes[i].is_fresh ? HOLD_FRESH : HOLD_WANTS, 0 };
	}
	if (count != 0)
		qsort(k->holds.at, count, sizeof(*k->holds.at), by_id);
}

/* Two tables of one request. */
static enum err
check_twins(struct claiming *k)
{
	for (size_t i = 1; i < k->holds.count; i++)
		if (by_id(&k->holds.at[i - 1], &k->holds.at[i]) == 0)
			return fail(k->call->error, k->holds.at[i].wish->taken,
			    "Location is in, at or around that of another "
			    "table of this request: " STR_FMT,
			    STR_ARG(k->holds.at[i].wish->location));
	return OK;
}

/* A table that is replaced gives its locations away while no other branch or
 * tag can show it. */
static enum err
find_passing(struct claiming *k)
{
	const struct value *catalog;
	bool any = false;

	for (size_t i = 0; i < k->holds.count; i++)
		any |= !id_is_nil(k->holds.at[i].wish->replaced);
	if (!any)
		return OK;
	TRY(record_find_by_key(k->call, ENTITY_CATALOGS,
	    value_id(k->branch->catalog.id), &catalog));
	k->passes =
	    catalog != NULL && value_int_or(catalog[CATALOG_SHARED], 0) == 0;
	return OK;
}

static enum err
open_directories(struct claiming *k)
{
	for (size_t i = 0; i < k->holds.count; i++) {
		const struct location_hold *h = &k->holds.at[i];
		const struct value *holder;

		if (h->state != HOLD_FRESH)
			continue;
		TRY(location_directory_open(
		    k->call, k->branch, h->path, &holder));
		if (holder != NULL)
			return hold_taken(k, h, holder);
	}
	return OK;
}

/* Inserts the rows that are wanted, all or none. */
static enum err
insert_wanted(struct claiming *k, enum verdict *ret)
{
	struct call *c = k->call;
	struct batch b = batch_of(c);
	int64_t now = clock_now_us();

	*ret = VERDICT_APPLIED;
	for (size_t i = 0; i < k->holds.count; i++) {
		const struct location_hold *h = &k->holds.at[i];

		if (h->state != HOLD_WANTS)
			continue;

		struct value *row = batch_insert(&b, ENTITY_LOCATIONS);

		location_row_fill(c->arena, row, h->path, k->branch->catalog.id,
		    k->branch->id, h->wish->ident, h->wish->object);
		row[LOCATION_CONFIRMED_US] = value_null();
		row[LOCATION_LEFT_US] = value_int(now);
	}
	if (b.count == 0)
		return OK;
	TRY(location_rows_apply(&b, ret));
	for (size_t i = 0; i < k->holds.count; i++) {
		struct location_hold *h = &k->holds.at[i];

		if (*ret == VERDICT_APPLIED && h->state == HOLD_WANTS) {
			h->state = HOLD_CLAIMED;
			h->claimed_us = now;
		}
	}
	return OK;
}

static enum err
judge_row(struct claiming *k, struct location_hold *h, const struct value *row)
{
	const struct location_owner own = owner_of(k, h->wish);
	bool gone;

	if (location_row_is_doomed(row))
		return hold_taken(k, h, row);
	if (location_row_is(row, own.catalog, own.object))
		h->state =
		    location_row_is_confirmed(row) ? HOLD_OWN : HOLD_SHARED;
	else if (!id_is_nil(own.replaced) &&
		 location_row_is(row, own.catalog, own.replaced))
		h->state = HOLD_PASSES;
	if (h->state != HOLD_WANTS)
		return OK;
	TRY(location_row_bury(k->call, row, &gone));
	return gone ? OK : hold_taken(k, h, row);
}

#define READ_ROWS 500 /* in one call of the store */

/* Judges the rows of at most READ_ROWS holds. */
static enum err
judge_some(struct claiming *k, struct location_hold *holds, size_t count)
{
	const struct value *keys[READ_ROWS];
	struct value id[READ_ROWS];
	struct rows rows;

	for (size_t i = 0; i < count; i++) {
		id[i] = value_id(holds[i].id);
		keys[i] = &id[i];
	}
	TRY(store_get(k->call, ENTITY_LOCATIONS, keys, count, &rows));
	for (size_t i = 0; i < count; i++)
		if (holds[i].state == HOLD_WANTS && rows.row[i] != NULL)
			TRY(judge_row(k, &holds[i], rows.row[i]));
	return arena_check(k->call->arena, k->call->error);
}

/* Whose are the rows that are there already? */
static enum err
judge_rows(struct claiming *k)
{
	for (size_t from = 0; from < k->holds.count; from += READ_ROWS) {
		size_t left = k->holds.count - from;

		TRY(judge_some(k, &k->holds.at[from],
		    left < READ_ROWS ? left : READ_ROWS));
	}
	return OK;
}

static enum err
insert_rows(struct claiming *k)
{
	struct retry retry = retry_of(k->call);
	enum verdict verdict;

	for (;;) {
		TRY(insert_wanted(k, &verdict));
		if (verdict == VERDICT_APPLIED)
			return OK;
		TRY(judge_rows(k));
		if (!retry_again(&retry))
			return fail(k->call->error, ERR_COMMIT_FAILED,
			    "Locations are being claimed by others, try again");
	}
}

/* The higher key gives way, and so does whoever meets a directory. */
static bool
may_wait(const struct location_hold *h, const struct value *holder)
{
	return holder[LOCATION_OBJECT].type == VALUE_ID &&
	       !location_row_is_confirmed(holder) &&
	       memcmp(h->id.b, holder[LOCATION_ID].as.id.b, sizeof(h->id.b)) <
		   0;
}

static enum err
meet(struct claiming *k, const struct location_hold *h,
    const struct location_owner *own, const struct value **ret)
{
	if (location_directory_is_known(own->catalog, h->path))
		return location_rows_meet_below(k->call, h->path, own, ret);
	return location_rows_meet(k->call, h->path, own, ret);
}

static enum err
look(struct claiming *k, const struct location_hold *h)
{
	const struct location_owner own = owner_of(k, h->wish);
	struct retry retry = retry_of(k->call);
	const struct value *holder;

	for (int looks = 1;; looks++) {
		TRY(meet(k, h, &own, &holder));
		if (holder == NULL)
			return OK;
		if (!may_wait(h, holder) || looks == LOCATION_LOOKS)
			return hold_taken(k, h, holder);
		if (!retry_again(&retry))
			return fail(k->call->error, ERR_COMMIT_FAILED,
			    "Locations are being claimed by others, try again");
	}
}

static enum err
claim_all(struct claiming *k)
{
	TRY(check_twins(k));
	TRY(find_passing(k));
	TRY(open_directories(k));
	TRY(insert_rows(k));
	FAULT_POINT("location_inserted");
	for (size_t i = 0; i < k->holds.count; i++)
		if (k->holds.at[i].state == HOLD_CLAIMED ||
		    k->holds.at[i].state == HOLD_SHARED)
			TRY(look(k, &k->holds.at[i]));
	return OK;
}

enum err
location_owners_claim(struct call *c, const struct branch *b,
    const struct location_wish *wishes, size_t count,
    struct location_holds *ret)
{
	struct claiming k = { .call = c, .branch = b };
	enum err err;

	*ret = (struct location_holds){ 0 };
	if (count == 0)
		return OK;
	make_holds(&k, wishes, count);
	err = claim_all(&k);
	if (err != OK)
		location_owners_release(c, &k.holds);
	else
		*ret = k.holds;
	return err;
}

/* ---- looking */
/* While there is one branch only, the row of a table that is dropped may go at
 * any time (location_row_bury()). */
static bool
is_settled(const struct value *row, const struct branch *b,
    const struct location_wish *wish)
{
	return b->catalog.is_shared && row != NULL &&
	       location_row_is(row, b->catalog.id, wish->object) &&
	       location_row_is_confirmed(row) &&
	       row[LOCATION_LEFT_US].type == VALUE_NULL;
}

enum err
location_owners_lacking(struct call *c, const struct branch *b,
    struct location_wish *io, size_t *io_count)
{
	const struct value *keys[READ_ROWS];
	struct value id[READ_ROWS];
	size_t lacking = 0;

	for (size_t from = 0; from < *io_count; from += READ_ROWS) {
		size_t count = *io_count - from;
		struct rows rows;

		if (count > READ_ROWS)
			count = READ_ROWS;
		for (size_t i = 0; i < count; i++) {
			id[i] = value_id(location_row_id(
			    object_path(io[from + i].location)));
			keys[i] = &id[i];
		}
		TRY(store_get(c, ENTITY_LOCATIONS, keys, count, &rows));
		for (size_t i = 0; i < count; i++)
			if (!is_settled(rows.row[i], b, &io[from + i]))
				io[lacking++] = io[from + i];
		TRY(arena_check(c->arena, c->error));
	}
	*io_count = lacking;
	return OK;
}

enum err
location_owners_check(
    struct call *c, const struct branch *b, struct str location)
{
	const struct location_wish wish = { .location = location,
		.taken = ERR_ALREADY_EXISTS };
	const struct location_owner new = { .catalog = b->catalog.id,
		.object = id_v4() };
	const struct value *holder;

	TRY(location_rows_meet(c, object_path(location), &new, &holder));
	return holder != NULL ? taken(c, b, holder, &wish) : OK;
}
