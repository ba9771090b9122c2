#include "catalog/draft.h"

#define ROOM_FIRST 16

/* Room for one more behind `count`. */
static void *
grown(struct arena *a, void *at, size_t size, size_t count, size_t *io_room)
{
	size_t room = *io_room;

	if (count < room)
		return at;
	*io_room = room != 0 ? room * 2 : ROOM_FIRST;
	return arena_grow(a, at, room * size, *io_room * size);
}

void
draft_expect(struct draft *d, struct expect x)
{
	d->expects = grown(
	    d->arena, d->expects, sizeof(x), d->expect_count, &d->expect_room);
	d->expects[d->expect_count++] = x;
}

struct version *
draft_put(struct draft *d, const struct version *v)
{
	d->puts =
	    grown(d->arena, d->puts, sizeof(*v), d->put_count, &d->put_room);
	d->puts[d->put_count] = *v;
	return &d->puts[d->put_count++];
}

void
draft_write(struct draft *d, struct write w)
{
	d->writes = grown(
	    d->arena, d->writes, sizeof(w), d->write_count, &d->write_room);
	d->writes[d->write_count++] = w;
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
		.put_count = d->put_count,
		.writes = d->writes,
		.write_count = d->write_count };
}
