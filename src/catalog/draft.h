/* draft.h - a unit that is put together, part by part. */
#ifndef PANGOLIN_DRAFT_H
#define PANGOLIN_DRAFT_H

#include "base/str_map.h"
#include "plugin/store.h"

struct draft {
	struct arena *arena;
	struct expect *expects;
	struct version *puts;
	struct write *writes;
	size_t expect_count, expect_room, put_count, put_room;
	size_t write_count, write_room;

	/* of location_claims.c, by path: claims, and the directories above
	 * them */
	struct str_map claims, around;
};

static inline struct draft
draft_in(struct arena *a)
{
	return (struct draft){
		.arena = a, .claims = str_map_in(a), .around = str_map_in(a)
	};
}

void draft_expect(struct draft *, struct expect);

/* Valid until the next put. */
struct version *draft_put(struct draft *, const struct version *);

void draft_write(struct draft *, struct write);

struct unit draft_unit(const struct draft *, struct str message);

#endif
