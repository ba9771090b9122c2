#include "catalog/draft.h"

#define ROOM_FIRST 16

void
draft_expect(struct draft *d, struct expect x)
{
	if (d->expect_count == d->expect_room) {
		size_t room =
		    d->expect_room != 0 ? d->expect_room * 2 : ROOM_FIRST;

		d->expects = arena_grow(d->arena, d->expects,
		    d->expect_room * sizeof(x), room * sizeof(x));
		d->expect_room = room;
	}
	d->expects[d->expect_count++] = x;
}

struct version *
draft_put(struct draft *d, const struct version *v)
{
	if (d->put_count == d->put_room) {
		size_t room = d->put_room != 0 ? d->put_room * 2 : ROOM_FIRST;

		d->puts = arena_grow(d->arena, d->puts,
		    d->put_room * sizeof(*v), room * sizeof(*v));
		d->put_room = room;
	}
	d->puts[d->put_count] = *v;
	return &d->puts[d->put_count++];
}

const struct version *
draft_find(const struct draft *d, const struct key *key)
{
	for (size_t i = 0; i < d->put_count; i++) {
		const struct key *k = &d->puts[i].key;

		if (k->space == key->space && str_eq(k->ns, key->ns) &&
		    str_eq(k->name, key->name))
			return &d->puts[i];
	}
	return NULL;
}

struct unit
draft_unit(const struct draft *d, struct str message)
{
	return (struct unit){ .message = message,
		.expects = d->expects,
		.expect_count = d->expect_count,
		.puts = d->puts,
		.put_count = d->put_count };
}
