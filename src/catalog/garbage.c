#include "catalog/garbage.h"

#include <sodium.h>

#include "base/clock.h"
#include "object/object.h"
#include "record/entities.h"
#include "record/value.h"

#define HASH_BYTES 16

/* ---- keys */
static struct id
key_of(struct str text)
{
	uint8_t hash[HASH_BYTES];

	(void)crypto_generichash(
	    hash, sizeof(hash), (const uint8_t *)text.ptr, text.len, NULL, 0);
	return id_v8(hash);
}

struct id
garbage_id(struct arena *a, struct str location)
{
	return key_of(object_location_at(a, object_path(location)));
}

/* ---- rows */

static void
fill(struct arena *a, struct value *row, struct id catalog, int64_t branch,
    struct id object, struct str location)
{
	row[GARBAGE_ID] = value_id(garbage_id(a, location));
	row[GARBAGE_BRANCH] = value_int(branch);
	row[GARBAGE_OBJECT] = value_id(object);
	row[GARBAGE_LOCATION] = value_text(location);
	row[GARBAGE_SINCE_US] = value_int(clock_now_us());
	row[GARBAGE_CATALOG] = value_id(catalog);
	row[GARBAGE_DOOMED] = value_null();
}

void
garbage_note(struct draft *d, const struct branch *b, struct id object,
    struct str location)
{
	struct value *row = ARENA_NEW(d->arena, struct value, GARBAGE_FIELDS);

	fill(d->arena, row, b->catalog.id, b->id, object, location);
	draft_write(d, (struct write){ .entity = ENTITY_GARBAGE,
			   .op = WRITE_PUT,
			   .row = row,
			   .set = ((uint64_t)1 << GARBAGE_FIELDS) - 2 });
}

void
garbage_put(struct batch *b, const struct catalog *catalog, int64_t branch,
    struct id object, struct str location)
{
	fill(b->call->arena, batch_replace(b, ENTITY_GARBAGE), catalog->id,
	    branch, object, location);
}

void
garbage_insert_like(
    struct batch *b, const struct value *row, struct str location)
{
	struct value *new = batch_insert(b, ENTITY_GARBAGE);

	for (size_t i = 0; i < GARBAGE_FIELDS; i++)
		new[i] = row[i];
	new[GARBAGE_ID] = value_id(garbage_id(b->call->arena, location));
	new[GARBAGE_LOCATION] = value_text(location);
	new[GARBAGE_DOOMED] = value_null();
}

/* ---- rows of releases whose key was a hash of the text as it was spelled */
bool
garbage_is_spelled(struct arena *a, const struct value *row)
{
	struct str location = value_str_or_absent(row[GARBAGE_LOCATION]);

	return !id_eq(row[GARBAGE_ID].as.id, garbage_id(a, location));
}

enum err
garbage_begin_anew(struct call *c, const struct value *row)
{
	struct str location = value_str_or_absent(row[GARBAGE_LOCATION]);
	const struct test same = { GARBAGE_SINCE_US, TEST_EQ,
		row[GARBAGE_SINCE_US] };
	struct value young[GARBAGE_FIELDS];
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	memcpy(young, row, sizeof(young));
	young[GARBAGE_SINCE_US] = value_int(clock_now_us());
	batch_delete_when(&b, ENTITY_GARBAGE, row[GARBAGE_ID], same);
	garbage_insert_like(&b, young, location);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict == VERDICT_APPLIED)
		return OK;
	b = batch_of(c); /* the file has a row of its own */
	batch_delete_when(&b, ENTITY_GARBAGE, row[GARBAGE_ID], same);
	return batch_apply(&b, 0, &verdict, &failed);
}

/* ---- a file that is needed again */
static void
rescue(struct draft *d, struct id key)
{
	struct value *row = ARENA_NEW(d->arena, struct value, GARBAGE_FIELDS);
	struct test *test = ARENA_NEW(d->arena, struct test, 1);

	row[GARBAGE_ID] = value_id(key);
	*test = (struct test){ GARBAGE_DOOMED, TEST_EQ, value_null() };
	draft_write(d, (struct write){ .entity = ENTITY_GARBAGE,
			   .op = WRITE_DELETE,
			   .row = row,
			   .when = test,
			   .when_count = 1 });
}

void
garbage_rescue(struct draft *d, struct str location)
{
	struct id key = garbage_id(d->arena, location);
	struct id spelled = key_of(location);

	rescue(d, key);
	if (!id_eq(key, spelled))
		rescue(d, spelled);
}
