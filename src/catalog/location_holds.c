#include "catalog/location_holds.h"

#include "catalog/location_rows.h"

/* ---- what the table's unit says */
static void
draft_fresh(
    const struct branch *b, struct draft *d, const struct location_hold *h)
{
	struct value *row = ARENA_NEW(d->arena, struct value, LOCATION_FIELDS);
	struct test *absent = ARENA_NEW(d->arena, struct test, 1);

	location_row_fill(d->arena, row, h->path, b->catalog.id, b->id,
	    h->wish->ident, h->wish->object);
	row[LOCATION_CHOSEN] = value_int(1);
	*absent = (struct test){ .op = TEST_ABSENT };
	draft_write(d, (struct write){ .entity = ENTITY_LOCATIONS,
			   .op = WRITE_PUT,
			   .row = row,
			   .set = FIELDS_ALL(LOCATION_FIELDS),
			   .when = absent,
			   .when_count = 1 });
}

/* A row that passes to another table says no longer that the server chose the
 * place for it; one that the table has already stays as it is. */
static uint64_t
set_chosen(const struct location_hold *h, struct value *row)
{
	bool is_claim = h->state == HOLD_CLAIMED || h->state == HOLD_SHARED;

	if (is_claim && h->wish->is_chosen)
		row[LOCATION_CHOSEN] = value_int(1);
	return h->state == HOLD_PASSES || (is_claim && h->wish->is_chosen)
		   ? FIELD_BIT(LOCATION_CHOSEN)
		   : 0;
}

static void
draft_confirmed(
    const struct branch *b, struct draft *d, const struct location_hold *h)
{
	struct value *row = ARENA_NEW(d->arena, struct value, LOCATION_FIELDS);
	struct test *own = ARENA_NEW(d->arena, struct test, 3);
	struct id before =
	    h->state == HOLD_PASSES ? h->wish->replaced : h->wish->object;

	location_row_fill(d->arena, row, h->path, b->catalog.id, b->id,
	    h->wish->ident, h->wish->object);
	own[0] = (struct test){ LOCATION_OBJECT, TEST_EQ, value_id(before) };
	own[1] =
	    (struct test){ LOCATION_CATALOG, TEST_EQ, value_id(b->catalog.id) };
	own[2] = (struct test){ LOCATION_DOOMED_US, TEST_EQ, value_null() };
	draft_write(d,
	    (struct write){ .entity = ENTITY_LOCATIONS,
		.op = WRITE_PUT,
		.row = row,
		.set = FIELD_BIT(LOCATION_OBJECT) | FIELD_BIT(LOCATION_BRANCH) |
		       FIELD_BIT(LOCATION_TABLE) | FIELD_BIT(LOCATION_LEFT_US) |
		       FIELD_BIT(LOCATION_CONFIRMED_US) | set_chosen(h, row),
		.when = own,
		.when_count = 3 });
}

/* No second branch or tag has come since. */
static void
draft_alone(const struct branch *b, struct draft *d)
{
	struct value *row = ARENA_NEW(d->arena, struct value, CATALOG_FIELDS);
	struct test *alone = ARENA_NEW(d->arena, struct test, 1);

	row[CATALOG_ID] = value_id(b->catalog.id);
	*alone = (struct test){ CATALOG_SHARED, TEST_NE, value_int(1) };
	draft_write(d, (struct write){ .entity = ENTITY_CATALOGS,
			   .op = WRITE_TEST,
			   .row = row,
			   .when = alone,
			   .when_count = 1 });
}

void
location_owners_confirm(
    const struct branch *b, struct draft *d, const struct location_holds *holds)
{
	bool any_passes = false;

	for (size_t i = 0; i < holds->count; i++) {
		const struct location_hold *h = &holds->at[i];

		any_passes |= h->state == HOLD_PASSES;
		if (h->state == HOLD_FRESH)
			draft_fresh(b, d, h);
		else
			draft_confirmed(b, d, h);
	}
	if (any_passes)
		draft_alone(b, d);
}

void
location_owners_release(struct call *c, const struct location_holds *holds)
{
	struct error ignored;
	struct call quiet = *c;
	struct batch b = batch_of(&quiet);
	enum verdict verdict;

	quiet.error = &ignored;
	for (size_t i = 0; i < holds->count; i++) {
		const struct location_hold *h = &holds->at[i];

		if (h->state != HOLD_CLAIMED)
			continue;
		b.count = 0;
		batch_delete_when(&b, ENTITY_LOCATIONS, value_id(h->id),
		    (struct test){
			LOCATION_LEFT_US, TEST_EQ, value_int(h->claimed_us) });
		if (location_rows_apply(&b, &verdict) != OK)
			return;
	}
}
