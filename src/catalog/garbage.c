#include "catalog/garbage.h"

#include <sodium.h>

#include "base/clock.h"
#include "record/entities.h"
#include "record/value.h"

#define HASH_BYTES 16

static struct id
id_of(struct str location)
{
	uint8_t hash[HASH_BYTES];

	(void)crypto_generichash(hash, sizeof(hash),
	    (const uint8_t *)location.ptr, location.len, NULL, 0);
	return id_v8(hash);
}

void
garbage_note(struct draft *d, const struct branch *b, struct id object,
    struct str location)
{
	struct value *row = ARENA_NEW(d->arena, struct value, GARBAGE_FIELDS);

	row[GARBAGE_ID] = value_id(id_of(location));
	row[GARBAGE_BRANCH] = value_int(b->id);
	row[GARBAGE_OBJECT] = value_id(object);
	row[GARBAGE_LOCATION] = value_text(location);
	row[GARBAGE_SINCE_US] = value_int(clock_now_us());
	draft_write(d, (struct write){ .entity = ENTITY_GARBAGE,
			   .op = WRITE_PUT,
			   .row = row,
			   .set = ((uint64_t)1 << GARBAGE_FIELDS) - 2 });
}
