#include "catalog/location_rows.h"

#include <sodium.h>

#include "calls/store_call.h"
#include "catalog/location_claims.h"

#define DEPTH_MAX 64   /* directories of a path */
#define HEAD_BYTES 200 /* of LOCATION_HEAD */
#define PAGE 16        /* rows below a path that are looked at together */
#define HASH_BYTES 16

/* ---- rows */
struct id
location_row_id(struct str path)
{
	uint8_t hash[HASH_BYTES];

	(void)crypto_generichash(
	    hash, sizeof(hash), (const uint8_t *)path.ptr, path.len, NULL, 0);
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

void
location_row_fill(struct arena *a, struct value *row, struct str path,
    struct id catalog, int64_t branch, struct ident ident, struct id object)
{
	for (size_t i = 0; i < LOCATION_FIELDS; i++)
		row[i] = value_null();
	row[LOCATION_ID] = value_id(location_row_id(path));
	row[LOCATION_PATH] = value_text(path);
	row[LOCATION_HEAD] = value_text(head_of(path, HEAD_BYTES));
	row[LOCATION_CATALOG] = value_id(catalog);
	row[LOCATION_OBJECT] = value_id(object);
	row[LOCATION_BRANCH] = value_int(branch);
	if (ident.name.ptr != NULL)
		row[LOCATION_TABLE] = value_text(location_owner_text(a, ident));
}

bool
location_row_is(const struct value *row, struct id catalog, struct id object)
{
	return id_eq(row[LOCATION_CATALOG].as.id, catalog) &&
	       id_eq(row[LOCATION_OBJECT].as.id, object);
}

bool
location_row_is_doomed(const struct value *row)
{
	return row[LOCATION_DOOMED_US].type != VALUE_NULL;
}

/*
 * A deleted catalog keeps no locations, and a table that was dropped keeps none
 * where there never was a second branch or tag: it is in history only, and
 * tables are made again at the place that somebody gave them.  Such rows go
 * when they are met.
 */
static enum err
bury_dead(struct call *c, const struct value *row, bool *ret)
{
	struct batch b = batch_of(c);
	struct test *same;
	const struct value *catalog;
	enum verdict verdict;
	size_t failed;

	TRY(record_find_by_key(
	    c, ENTITY_CATALOGS, row[LOCATION_CATALOG], &catalog));
	*ret = catalog == NULL ||
	       (row[LOCATION_DROPPED_US].type != VALUE_NULL &&
		   value_int_or(catalog[CATALOG_SHARED], 0) == 0);
	if (!*ret)
		return OK;
	batch_delete_when(&b, ENTITY_LOCATIONS, row[LOCATION_ID],
	    (struct test){
		LOCATION_DROPPED_US, TEST_EQ, row[LOCATION_DROPPED_US] });
	same = ARENA_NEW(c->arena, struct test, 2);
	same[0] = *b.at[0].when;
	same[1] =
	    (struct test){ LOCATION_OBJECT, TEST_EQ, row[LOCATION_OBJECT] };
	b.at[0].when = same;
	b.at[0].when_count = 2;
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	return OK;
}

/* ---- who is in the way */
static struct str
parent_of(struct str path)
{
	while (path.len != 0 && path.ptr[--path.len] != '/')
		;
	return path;
}

/* The rows of a path and of those above it, the path's own first. */
static enum err
read_above(struct call *c, struct str path, struct rows *ret)
{
	const struct value *keys[DEPTH_MAX];
	struct value id[DEPTH_MAX];
	size_t count = 0;

	for (; path.len != 0; path = parent_of(path)) {
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

/* *ret_own: the path's own row, if the object has it. */
enum err
location_rows_meet_above(struct call *c, struct str path, struct id catalog,
    struct id object, const struct value **ret, const struct value **ret_own)
{
	struct rows rows;
	bool dead;

	*ret = *ret_own = NULL;
	TRY(read_above(c, path, &rows));
	for (size_t i = 0; i < rows.count && *ret == NULL; i++) {
		if (rows.row[i] == NULL)
			continue;
		if (location_row_is(rows.row[i], catalog, object) &&
		    !location_row_is_doomed(rows.row[i])) {
			if (i == 0)
				*ret_own = rows.row[i];
			continue;
		}
		TRY(bury_dead(c, rows.row[i], &dead));
		if (!dead)
			*ret = rows.row[i];
	}
	return OK;
}

enum err
location_rows_meet_below(struct call *c, struct str path, struct id catalog,
    struct id object, const struct value **ret)
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
	bool dead;

	*ret = NULL;
	do {
		TRY(store_scan(c, &scan, &rows));
		for (size_t i = 0; i < rows.count; i++) {
			if (location_row_is(rows.row[i], catalog, object))
				continue;
			TRY(bury_dead(c, rows.row[i], &dead));
			if (dead)
				continue;
			*ret = rows.row[i];
			return OK;
		}
		TRY(arena_check(c->arena, c->error));
		scan.after = rows.next;
	} while (rows.next.ptr != NULL);
	return OK;
}

enum err
location_rows_meet(struct call *c, struct str path, struct id catalog,
    struct id object, const struct value **ret)
{
	const struct value *own;

	TRY(location_rows_meet_above(c, path, catalog, object, ret, &own));
	return *ret != NULL
		   ? OK
		   : location_rows_meet_below(c, path, catalog, object, ret);
}
