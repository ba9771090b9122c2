#include "catalog/location_owners.h"

#include "base/clock.h"
#include "catalog/location_claims.h"
#include "catalog/location_rows.h"
#include "object/object.h"
#include "record/retry.h"
#include "record/revision.h"

/* ---- the refusal */

/* Names the owner where it lives on the branch that it was claimed on, in this
 * catalog; false: it does not, or not under that name. */
static bool
find_owner(struct call *c, const struct branch *b, const struct value *row,
    struct str *ret)
{
	struct str text = value_str_or_absent(row[LOCATION_TABLE]);
	const struct point head = { row[LOCATION_BRANCH].as.i, SEQ_HEAD };
	struct version table;
	struct chain chain;
	struct ident ident;
	struct error ignored;
	struct call quiet = *c;
	struct ref ref;
	struct key key;

	quiet.error = &ignored;
	if (!id_eq(row[LOCATION_CATALOG].as.id, b->catalog.id) ||
	    !location_owner_ident(text, &ident))
		return false;
	key = ident_key(ident);
	if (ref_get_by_id(&quiet, &b->catalog, head.branch, &ref) != OK ||
	    ref.state != REF_LIVE ||
	    chain_of(&quiet, &b->catalog, head, &chain) != OK ||
	    store_read(&quiet, chain, &key, 1, &table) != OK ||
	    !version_is_live(&table) ||
	    !id_eq(table.object, row[LOCATION_OBJECT].as.id))
		return false;
	*ret =
	    arena_printf(c->arena, "table " STR_FMT " of branch '" STR_FMT "'",
		STR_ARG(ident_shown(c->arena, ident)), STR_ARG(ref.name));
	return true;
}

static enum err
taken(struct call *c, const struct branch *b, const struct value *row,
    const struct location_wish *wish)
{
	struct str whose = STR("another table, or of one that was dropped");

	if (location_row_is_doomed(row))
		whose = STR("a table that is being purged");
	else
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
	const struct location_wish *wishes;
	size_t count;
	struct value revision;
	bool *lacks; /* per wish: it is named, and has no row */
	size_t lacking;
	struct location_holds holds;
};

/* Tenants have places of their own. */
static struct str
revision_name(struct arena *a, const struct branch *b)
{
	char tenant[ID_TEXT];

	id_format(b->catalog.tenant, tenant);
	return arena_printf(a, "locations %s", tenant);
}

static struct str
path_of(const struct location_wish *wish)
{
	return object_path(wish->location);
}

static enum err
look_above(struct claiming *k)
{
	struct call *c = k->call;

	k->lacking = 0;
	TRY(revision_read(c, revision_name(c->arena, k->branch), &k->revision));
	for (size_t i = 0; i < k->count; i++) {
		const struct location_wish *wish = &k->wishes[i];
		const struct value *holder, *own;

		TRY(location_rows_meet_above(c, path_of(wish),
		    k->branch->catalog.id, wish->object, &holder, &own));
		if (holder != NULL)
			return taken(c, k->branch, holder, wish);
		k->lacks[i] = own == NULL && !wish->is_fresh;
		k->lacking += k->lacks[i];
		TRY(arena_check(c->arena, c->error));
	}
	return OK;
}

static void
fill_row(const struct claiming *k, const struct location_wish *wish,
    struct value *row)
{
	location_row_fill(k->call->arena, row, path_of(wish),
	    k->branch->catalog.id, k->branch->id, wish->ident, wish->object);
}

/* Inserts the rows that are lacking, and swaps the revision. */
static enum err
insert_rows(struct claiming *k, enum verdict *ret)
{
	struct call *c = k->call;
	struct batch b = batch_of(c);
	size_t failed;

	k->holds.left_us = clock_now_us();
	k->holds.at = ARENA_NEW(c->arena, struct id, k->lacking);
	k->holds.count = 0;
	for (size_t i = 0; i < k->count; i++) {
		if (!k->lacks[i])
			continue;

		struct value *row = batch_insert(&b, ENTITY_LOCATIONS);

		fill_row(k, &k->wishes[i], row);
		row[LOCATION_LEFT_US] = value_int(k->holds.left_us);
		k->holds.at[k->holds.count++] = row[LOCATION_ID].as.id;
	}
	revision_swap(&b, revision_name(c->arena, k->branch), k->revision);

	enum err err = batch_apply(&b, 0, ret, &failed);

	if (err == ERR_COMMIT_UNKNOWN) /* nothing but rows that may stay */
		return fail(c->error, ERR_UNAVAILABLE,
		    "The store lost an answer: nothing was changed");
	if (err == OK && *ret != VERDICT_APPLIED)
		k->holds.count = 0;
	k->revision = value_int(
	    k->revision.type == VALUE_NULL ? 1 : k->revision.as.i + 1);
	return err;
}

static enum err
look_below(struct claiming *k)
{
	for (size_t i = 0; i < k->count; i++) {
		const struct location_wish *wish = &k->wishes[i];
		const struct value *holder;

		if (!k->lacks[i])
			continue;
		TRY(location_rows_meet_below(k->call, path_of(wish),
		    k->branch->catalog.id, wish->object, &holder));
		if (holder != NULL)
			return taken(k->call, k->branch, holder, wish);
	}
	return OK;
}

static enum err
claim_rows(struct claiming *k)
{
	struct retry retry = retry_of(k->call);
	enum verdict verdict = VERDICT_APPLIED;

	do {
		TRY(look_above(k));
		if (k->lacking == 0)
			return OK;
		TRY(insert_rows(k, &verdict));
	} while (verdict != VERDICT_APPLIED && retry_again(&retry));
	if (verdict != VERDICT_APPLIED)
		return fail(k->call->error, ERR_COMMIT_FAILED,
		    "Locations are being claimed by others, try again");

	enum err err = look_below(k);

	if (err != OK)
		location_owners_release(k->call, &k->holds);
	return err;
}

/* ---- what the table's unit says */
static void
draft_fresh(struct claiming *k, struct draft *d, const struct location_wish *w)
{
	struct value *row = ARENA_NEW(d->arena, struct value, LOCATION_FIELDS);
	struct test *absent = ARENA_NEW(d->arena, struct test, 1);

	fill_row(k, w, row);
	*absent = (struct test){ .op = TEST_ABSENT };
	draft_write(d, (struct write){ .entity = ENTITY_LOCATIONS,
			   .op = WRITE_PUT,
			   .row = row,
			   .set = FIELDS_ALL(LOCATION_FIELDS),
			   .when = absent,
			   .when_count = 1 });
}

static void
draft_confirmed(
    struct claiming *k, struct draft *d, const struct location_wish *w)
{
	struct value *row = ARENA_NEW(d->arena, struct value, LOCATION_FIELDS);
	struct test *own = ARENA_NEW(d->arena, struct test, 3);

	row[LOCATION_ID] = value_id(location_row_id(path_of(w)));
	own[0] = (struct test){ LOCATION_OBJECT, TEST_EQ, value_id(w->object) };
	own[1] = (struct test){ LOCATION_CATALOG, TEST_EQ,
		value_id(k->branch->catalog.id) };
	own[2] = (struct test){ LOCATION_DOOMED_US, TEST_EQ, value_null() };
	draft_write(d, (struct write){ .entity = ENTITY_LOCATIONS,
			   .op = WRITE_PUT,
			   .row = row,
			   .set = FIELD_BIT(LOCATION_LEFT_US) |
				  FIELD_BIT(LOCATION_DROPPED_US),
			   .when = own,
			   .when_count = 3 });
}

/* Nobody has claimed a location above since it was looked for. */
static void
draft_revision(struct claiming *k, struct draft *d)
{
	struct value *row = ARENA_NEW(d->arena, struct value, REVISION_FIELDS);
	struct test *same = ARENA_NEW(d->arena, struct test, 1);
	bool first = k->revision.type == VALUE_NULL;

	row[REVISION_NAME] = value_text(revision_name(d->arena, k->branch));
	row[REVISION_NUMBER] = value_int(1);
	*same = first ? (struct test){ .op = TEST_ABSENT }
		      : (struct test){ REVISION_NUMBER, TEST_EQ, k->revision };
	draft_write(d, (struct write){ .entity = ENTITY_REVISIONS,
			   .op = first ? WRITE_PUT : WRITE_TEST,
			   .row = row,
			   .set = first ? FIELDS_ALL(REVISION_FIELDS) : 0,
			   .when = same,
			   .when_count = 1 });
}

enum err
location_owners_claim(struct call *c, const struct branch *b, struct draft *d,
    const struct location_wish *wishes, size_t count,
    struct location_holds *ret)
{
	struct claiming k = { .call = c,
		.branch = b,
		.wishes = wishes,
		.count = count,
		.lacks = ARENA_NEW(c->arena, bool, count) };
	bool any_fresh = false;

	*ret = (struct location_holds){ 0 };
	if (count == 0)
		return OK;
	TRY(claim_rows(&k));
	*ret = k.holds;
	for (size_t i = 0; i < count; i++) {
		any_fresh |= wishes[i].is_fresh;
		if (wishes[i].is_fresh)
			draft_fresh(&k, d, &wishes[i]);
		else
			draft_confirmed(&k, d, &wishes[i]);
	}
	if (any_fresh)
		draft_revision(&k, d);
	return OK;
}

enum err
location_owners_drop(struct call *c, const struct branch *b, struct draft *d,
    const struct version *table)
{
	struct str paths = table->body;

	while (paths.len != 0) {
		struct value *row =
		    ARENA_NEW(d->arena, struct value, LOCATION_FIELDS);
		struct test *own = ARENA_NEW(d->arena, struct test, 2);
		const struct value *found;

		row[LOCATION_ID] =
		    value_id(location_row_id(str_cut(&paths, '\n')));
		row[LOCATION_DROPPED_US] = value_int(clock_now_us());
		TRY(record_find_by_key(
		    c, ENTITY_LOCATIONS, row[LOCATION_ID], &found));
		if (found == NULL ||
		    !location_row_is(found, b->catalog.id, table->object))
			continue;
		own[0] = (struct test){ LOCATION_OBJECT, TEST_EQ,
			value_id(table->object) };
		own[1] = (struct test){ LOCATION_CATALOG, TEST_EQ,
			value_id(b->catalog.id) };
		draft_write(d, (struct write){ .entity = ENTITY_LOCATIONS,
				   .op = WRITE_PUT,
				   .row = row,
				   .set = FIELD_BIT(LOCATION_DROPPED_US),
				   .when = own,
				   .when_count = 2 });
	}
	return OK;
}

#define READ_ROWS 500 /* in one call of the store */

static bool
is_settled(const struct value *row, const struct branch *b,
    const struct location_wish *wish)
{
	return row != NULL &&
	       location_row_is(row, b->catalog.id, wish->object) &&
	       row[LOCATION_LEFT_US].type == VALUE_NULL &&
	       row[LOCATION_DROPPED_US].type == VALUE_NULL;
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
			id[i] =
			    value_id(location_row_id(path_of(&io[from + i])));
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

void
location_owners_release(struct call *c, const struct location_holds *holds)
{
	struct error ignored;
	struct call quiet = *c;

	quiet.error = &ignored;
	for (size_t i = 0; i < holds->count; i++) {
		struct batch b = batch_of(&quiet);
		enum verdict verdict;
		size_t failed;

		batch_delete_when(&b, ENTITY_LOCATIONS, value_id(holds->at[i]),
		    (struct test){
			LOCATION_LEFT_US, TEST_EQ, value_int(holds->left_us) });
		if (batch_apply(&b, 0, &verdict, &failed) != OK)
			return;
	}
}

enum err
location_owners_check(
    struct call *c, const struct branch *b, struct str location)
{
	const struct location_wish wish = { .location = location,
		.taken = ERR_ALREADY_EXISTS };
	const struct value *holder;

	TRY(location_rows_meet(c, object_path(location), b->catalog.id,
	    (struct id){ 0 }, &holder));
	return holder != NULL ? taken(c, b, holder, &wish) : OK;
}
