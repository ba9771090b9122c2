#include "catalog/garbage.h"

#include <sodium.h>

#include "base/clock.h"
#include "record/entities.h"
#include "record/value.h"

#define HASH_BYTES 16

struct id
garbage_id(struct str location)
{
	uint8_t hash[HASH_BYTES];

	(void)crypto_generichash(hash, sizeof(hash),
	    (const uint8_t *)location.ptr, location.len, NULL, 0);
	return id_v8(hash);
}

static void
fill(struct value *row, struct id catalog, int64_t branch, struct id object,
    struct str location)
{
	row[GARBAGE_ID] = value_id(garbage_id(location));
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

	fill(row, b->catalog.id, b->id, object, location);
	draft_write(d, (struct write){ .entity = ENTITY_GARBAGE,
			   .op = WRITE_PUT,
			   .row = row,
			   .set = ((uint64_t)1 << GARBAGE_FIELDS) - 2 });
}

void
garbage_put(struct batch *b, const struct catalog *catalog, int64_t branch,
    struct id object, struct str location)
{
	fill(batch_replace(b, ENTITY_GARBAGE), catalog->id, branch, object,
	    location);
}

void
garbage_insert_like(
    struct batch *b, const struct value *row, struct str location)
{
	struct value *new = batch_insert(b, ENTITY_GARBAGE);

	for (size_t i = 0; i < GARBAGE_FIELDS; i++)
		new[i] = row[i];
	new[GARBAGE_ID] = value_id(garbage_id(location));
	new[GARBAGE_LOCATION] = value_text(location);
	new[GARBAGE_DOOMED] = value_null();
}

void
garbage_rescue(struct draft *d, struct str location)
{
	struct value *row = ARENA_NEW(d->arena, struct value, GARBAGE_FIELDS);
	struct test *test = ARENA_NEW(d->arena, struct test, 1);

	row[GARBAGE_ID] = value_id(garbage_id(location));
	*test = (struct test){ GARBAGE_DOOMED, TEST_EQ, value_null() };
	draft_write(d, (struct write){ .entity = ENTITY_GARBAGE,
			   .op = WRITE_DELETE,
			   .row = row,
			   .when = test,
			   .when_count = 1 });
}
