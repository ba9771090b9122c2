#include "catalog/draft.h"

#include "base/list.h"

void
draft_expect(struct draft *d, struct expect x)
{
	LIST_RESERVE(d->arena, d->expects, d->expect_count, d->expect_room, 1);
	d->expects[d->expect_count++] = x;
}

struct version *
draft_put(struct draft *d, const struct version *v)
{
	LIST_RESERVE(d->arena, d->puts, d->put_count, d->put_room, 1);
	d->puts[d->put_count] = *v;
	return &d->puts[d->put_count++];
}

void
draft_write(struct draft *d, struct write w)
{
	LIST_RESERVE(d->arena, d->writes, d->write_count, d->write_room, 1);
	d->writes[d->write_count++] = w;
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
