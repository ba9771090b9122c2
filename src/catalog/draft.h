/* draft.h - a unit while it is put together, of parts that know only their
 * own. */
#ifndef PANGOLIN_DRAFT_H
#define PANGOLIN_DRAFT_H

#include "plugin/store.h"

struct draft {
	struct arena *arena;
	struct expect *expects;
	struct version *puts;
	struct write *writes;
	size_t expect_count, expect_room, put_count, put_room;
	size_t write_count, write_room;
};

static inline struct draft
draft_in(struct arena *a)
{
	return (struct draft){ .arena = a };
}

void draft_expect(struct draft *, struct expect);

/* Valid until the next put. */
struct version *draft_put(struct draft *, const struct version *);

void draft_write(struct draft *, struct write);

/* What it puts under a key; NULL: nothing. */
const struct version *draft_find(const struct draft *, const struct key *);

struct unit draft_unit(const struct draft *, struct str message);

#endif
