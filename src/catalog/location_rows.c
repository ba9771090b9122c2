#include "catalog/location_rows.h"

#include <sodium.h>

#include "base/clock.h"
#include "calls/store_call.h"
#include "catalog/location_claims.h"

#define DEPTH_MAX 64   /* directories of a path */
#define HEAD_BYTES 200 /* of LOCATION_HEAD */
#define PAGE 16        /* rows below a path that are looked at together */
#define HASH_BYTES 16

/* A claim that no unit has confirmed for so long is that of a dead request;
 * one that is alive all the same finds its row gone, and claims again. */
#define CLAIM_US (5 * 60 * CLOCK_SECOND)

/* ---- rows */
struct id
location_row_id(struct str path)
{
	uint8_t hash[HASH_BYTES];

	(void)crypto_generichash(
	    hash, sizeof(hash), (const uint8_t *)path.ptr, path.len, NULL, 0);
	return id_v8(hash);
}

/* The catalog is the key of the hash. */
struct id
location_directory_id(struct str path, struct id catalog)
{
	uint8_t hash[HASH_BYTES];

	(void)crypto_generichash(hash, sizeof(hash), (const uint8_t *)path.ptr,
	    path.len, catalog.b, sizeof(catalog.b));
	return id_v8(hash);
}

/* At most so many bytes, and no part of a character. */
static struct str
head_of(struct str path, size_t most)
{
	if (path.len <= most)
		return path;
	while (most != 0 && ((unsigned char)path.ptr[most] & 0xC0) == 0x80)
		most--;
	return (struct str){ path.ptr, most };
}

static void
fill(struct value *row, struct id id, struct str path, struct id catalog,
    int64_t branch)
{
	for (size_t i = 0; i < LOCATION_FIELDS; i++)
		row[i] = value_null();
	row[LOCATION_ID] = value_id(id);
	row[LOCATION_PATH] = value_text(path);
	row[LOCATION_HEAD] = value_text(head_of(path, HEAD_BYTES));
	row[LOCATION_CATALOG] = value_id(catalog);
	row[LOCATION_BRANCH] = value_int(branch);
}

void
location_row_fill(struct arena *a, struct value *row, struct str path,
    struct id catalog, int64_t branch, struct ident ident, struct id object)
{
	fill(row, location_row_id(path), path, catalog, branch);
	row[LOCATION_OBJECT] = value_id(object);
	row[LOCATION_CONFIRMED_US] = value_int(clock_now_us());
	if (ident.name.ptr != NULL)
		row[LOCATION_TABLE] = value_text(location_owner_text(a, ident));
}

void
location_directory_fill(struct arena *a, struct value *row, struct str path,
    struct id catalog, int64_t branch)
{
	fill(row, location_directory_id(path, catalog),
	    arena_printf(a, STR_FMT "/", STR_ARG(path)), catalog, branch);
}

bool
location_row_is(const struct value *row, struct id catalog, struct id object)
{
	return row[LOCATION_OBJECT].type == VALUE_ID &&
	       id_eq(row[LOCATION_CATALOG].as.id, catalog) &&
	       id_eq(row[LOCATION_OBJECT].as.id, object);
}

bool
location_row_is_confirmed(const struct value *row)
{
	return row[LOCATION_CONFIRMED_US].type != VALUE_NULL;
}

bool
location_row_is_doomed(const struct value *row)
{
	return row[LOCATION_DOOMED_US].type != VALUE_NULL;
}

enum err
location_rows_apply(struct batch *b, enum verdict *ret)
{
	size_t failed;
	enum err err = batch_apply(b, 0, ret, &failed);

	if (err == ERR_COMMIT_UNKNOWN)
		return fail(b->call->error, ERR_UNAVAILABLE,
		    "The store lost an answer: nothing was changed");
	return err;
}

/* ---- rows that count as none */

/* The branch's own claim goes with its table. */
static enum err
is_dropped(struct call *c, const struct value *row, const struct value *catalog,
    bool *ret)
{
	const struct point main = { catalog[CATALOG_MAIN].as.i, SEQ_HEAD };
	const struct key key = location_claim_key(
	    c->arena, value_str_or_absent(row[LOCATION_PATH]));
	struct version claim;

	TRY(store_read(c, (struct chain){ &main, 1 }, &key, 1, &claim));
	*ret = !version_is_live(&claim) || claim.kind != KIND_LOCATION_CLAIM;
	return OK;
}

static enum err
is_dead(struct call *c, const struct value *row, const struct value *catalog,
    bool *ret)
{
	*ret = catalog == NULL;
	if (*ret)
		return OK;
	if (!location_row_is_confirmed(row)) {
		*ret = value_int_or(row[LOCATION_LEFT_US], 0) <
		       clock_now_us() - CLAIM_US;
		return OK;
	}
	if (row[LOCATION_OBJECT].type == VALUE_NULL ||
	    location_row_is_doomed(row) ||
	    value_int_or(catalog[CATALOG_SHARED], 0) != 0)
		return OK;
	return is_dropped(c, row, catalog, ret);
}

enum err
location_row_bury(struct call *c, const struct value *row, bool *ret_gone)
{
	bool is_confirmed = location_row_is_confirmed(row);
	uint16_t stamp =
	    is_confirmed ? LOCATION_CONFIRMED_US : LOCATION_LEFT_US;
	struct batch b = batch_of(c);
	const struct value *catalog;
	enum verdict verdict;

	TRY(record_find_by_key(
	    c, ENTITY_CATALOGS, row[LOCATION_CATALOG], &catalog));
	TRY(is_dead(c, row, catalog, ret_gone));
	if (!*ret_gone)
		return OK;
	batch_delete_when(&b, ENTITY_LOCATIONS, row[LOCATION_ID],
	    (struct test){ stamp, TEST_EQ, row[stamp] });
	if (catalog != NULL && is_confirmed)
		batch_expect(&b, ENTITY_CATALOGS, catalog[CATALOG_ID],
		    (struct test){
			CATALOG_SHARED, TEST_EQ, catalog[CATALOG_SHARED] });
	TRY(location_rows_apply(&b, &verdict));
	*ret_gone = verdict == VERDICT_APPLIED;
	return OK;
}

/* ---- who is in the way */
static enum err
is_in_the_way(struct call *c, const struct value *row,
    const struct location_owner *own, bool *ret)
{
	bool gone;

	*ret = false;
	if (row == NULL)
		return OK;
	if ((!location_row_is_doomed(row) || own->is_purged) &&
	    (location_row_is(row, own->catalog, own->object) ||
		(!id_is_nil(own->replaced) &&
		    location_row_is(row, own->catalog, own->replaced))))
		return OK;
	TRY(location_row_bury(c, row, &gone));
	*ret = !gone;
	return OK;
}

/* The rows of a path and of those above it. */
static enum err
read_above(struct call *c, struct str path, struct rows *ret)
{
	const struct value *keys[DEPTH_MAX];
	struct value id[DEPTH_MAX];
	size_t count = 0;

	for (; path.len != 0; path = location_parent(path)) {
		if (count == DEPTH_MAX)
			return fail(c->error, ERR_BAD_REQUEST,
			    "Location has more than %d levels", DEPTH_MAX);
		id[count] = value_id(location_row_id(path));
		keys[count] = &id[count];
		count++;
	}
	if (count == 0)
		return fail(
		    c->error, ERR_BAD_REQUEST, "Location is the root of all");
	return store_get(c, ENTITY_LOCATIONS, keys, count, ret);
}

enum err
location_rows_meet_above(struct call *c, struct str path,
    const struct location_owner *own, const struct value **ret)
{
	struct rows rows;
	bool found = false;

	*ret = NULL;
	TRY(read_above(c, path, &rows));
	for (size_t i = 0; i < rows.count && !found; i++) {
		TRY(is_in_the_way(c, rows.row[i], own, &found));
		if (found)
			*ret = rows.row[i];
	}
	return OK;
}

enum err
location_rows_meet_below(struct call *c, struct str path,
    const struct location_owner *own, const struct value **ret)
{
	struct str inside = arena_printf(c->arena, STR_FMT "/", STR_ARG(path));
	const struct test where[] = {
		{ LOCATION_HEAD, TEST_PREFIX,
		    value_text(head_of(inside, HEAD_BYTES - 4)) },
		{ LOCATION_PATH, TEST_PREFIX, value_text(inside) },
	};
	struct scan scan = { .entity = ENTITY_LOCATIONS,
		.index = LOCATIONS_BY_HEAD,
		.limit = PAGE,
		.where = where,
		.where_count = 2 };
	struct rows rows;
	bool found = false;

	*ret = NULL;
	do {
		TRY(store_scan(c, &scan, &rows));
		for (size_t i = 0; i < rows.count && !found; i++) {
			TRY(is_in_the_way(c, rows.row[i], own, &found));
			if (found)
				*ret = rows.row[i];
		}
		TRY(arena_check(c->arena, c->error));
		scan.after = rows.next;
	} while (!found && rows.next.ptr != NULL);
	return OK;
}

enum err
location_rows_meet(struct call *c, struct str path,
    const struct location_owner *own, const struct value **ret)
{
	TRY(location_rows_meet_above(c, path, own, ret));
	return *ret != NULL ? OK : location_rows_meet_below(c, path, own, ret);
}

enum err
location_rows_check_doomed(struct call *c, struct str path, enum err taken)
{
	struct rows rows;

	TRY(read_above(c, path, &rows));
	for (size_t i = 0; i < rows.count; i++)
		if (rows.row[i] != NULL && location_row_is_doomed(rows.row[i]))
			return fail(c->error, taken,
			    "Location is that of a table that is being "
			    "purged: " STR_FMT,
			    STR_ARG(path));
	return OK;
}
