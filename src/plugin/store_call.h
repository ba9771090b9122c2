/* store_call.h - how the host calls a store: one wrapper per operation, each in
 * the store's lane. */
#ifndef PANGOLIN_STORE_CALL_H
#define PANGOLIN_STORE_CALL_H

#include "plugin/lanes.h"

MUST_CHECK static inline enum err
store_ping(struct call *c, struct store_stats *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(c, LANE_STORE, c->store->ops->ping(c, ret));
}

MUST_CHECK static inline enum err
store_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(
	    c, LANE_STORE, c->store->ops->get(c, entity, keys, count, ret));
}

MUST_CHECK static inline enum err
store_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(c, LANE_STORE, c->store->ops->scan(c, scan, ret));
}

MUST_CHECK static inline enum err
store_count(struct call *c, const struct scan *scan, int64_t *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(c, LANE_STORE, c->store->ops->count(c, scan, ret));
}

MUST_CHECK static inline enum err
store_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	TRY(lane_enter_write(c, LANE_STORE));
	return lane_leave(
	    c, LANE_STORE, c->store->ops->apply(c, branch, units, count));
}

MUST_CHECK static inline enum err
store_tails(struct call *c, struct point *io, size_t count)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(c, LANE_STORE, c->store->ops->tails(c, io, count));
}

MUST_CHECK static inline enum err
store_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(
	    c, LANE_STORE, c->store->ops->read(c, chain, keys, count, ret));
}

MUST_CHECK static inline enum err
store_list(struct call *c, struct chain chain, struct key after, uint32_t limit,
    struct versions *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(
	    c, LANE_STORE, c->store->ops->list(c, chain, after, limit, ret));
}

MUST_CHECK static inline enum err
store_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	TRY(lane_enter(c, LANE_STORE));
	return lane_leave(
	    c, LANE_STORE, c->store->ops->changes(c, above, upto, limit, ret));
}

MUST_CHECK static inline enum err
store_walk(
    struct call *c, const struct scan *scan, uint16_t parent, struct rows *ret)
{
	return c->store->ops->walk(c, scan, parent, ret);
}

MUST_CHECK static inline enum err
store_fold(struct call *c, struct chain chain, int64_t to, struct key *io_after,
    uint32_t limit)
{
	return c->store->ops->fold(c, chain, to, io_after, limit);
}

MUST_CHECK static inline enum err
store_prune(struct call *c, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret)
{
	return c->store->ops->prune(c, io_above, pins, count, limit, ret);
}

MUST_CHECK static inline enum err
store_load(struct call *c, int64_t branch, const struct history *history)
{
	return c->store->ops->load(c, branch, history);
}

#endif
