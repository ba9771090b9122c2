/*
 * rival_store.h - somebody else is faster: what race() is given happens behind
 * everything that the next operation reads, and before its unit is applied.
 */
#ifndef PANGOLIN_RIVAL_STORE_H
#define PANGOLIN_RIVAL_STORE_H

#include "plugin/store.h"

typedef void rival_act(void);

static const struct store_ops *rival_real_ops;
static rival_act *rival_next;

static inline enum err
rival_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	rival_act *act = rival_next;

	rival_next = NULL;
	if (act != NULL)
		act();
	return rival_real_ops->apply(c, branch, units, count);
}

/* Once per store, of which there is one at a time. */
static inline void
race(struct store *store, rival_act *act)
{
	static struct store_ops ops;

	if (store->ops != &ops) {
		rival_real_ops = store->ops;
		ops = *store->ops;
		ops.apply = rival_apply;
		store->ops = &ops;
	}
	rival_next = act;
}

#endif
