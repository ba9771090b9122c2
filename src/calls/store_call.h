/* store_call.h - calls a store: one wrapper per operation.  Those that requests
 * use take a permit of BULKHEAD_STORE. */
#ifndef PANGOLIN_STORE_CALL_H
#define PANGOLIN_STORE_CALL_H

#include "calls/bulkheads.h"

MUST_CHECK static inline enum err
store_ping(struct call *c, struct store_stats *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(c, BULKHEAD_STORE, c->store->ops->ping(c, ret));
}

MUST_CHECK static inline enum err
store_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(
	    c, BULKHEAD_STORE, c->store->ops->get(c, entity, keys, count, ret));
}

MUST_CHECK static inline enum err
store_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(
	    c, BULKHEAD_STORE, c->store->ops->scan(c, scan, ret));
}

MUST_CHECK static inline enum err
store_count(struct call *c, const struct scan *scan, int64_t *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(
	    c, BULKHEAD_STORE, c->store->ops->count(c, scan, ret));
}

MUST_CHECK static inline enum err
store_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	TRY(arena_check(c->arena, c->error));
	TRY(bulkhead_enter_write(c, BULKHEAD_STORE));
	if (c->usage != NULL)
		c->usage->submitted = true;
	return bulkhead_leave(
	    c, BULKHEAD_STORE, c->store->ops->apply(c, branch, units, count));
}

MUST_CHECK static inline enum err
store_heads(struct call *c, struct point *io, size_t count)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(
	    c, BULKHEAD_STORE, c->store->ops->heads(c, io, count));
}

MUST_CHECK static inline enum err
store_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(
	    c, BULKHEAD_STORE, c->store->ops->read(c, chain, keys, count, ret));
}

MUST_CHECK static inline enum err
store_list(struct call *c, struct chain chain, struct key after, uint32_t limit,
    struct versions *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(c, BULKHEAD_STORE,
	    c->store->ops->list(c, chain, after, limit, ret));
}

MUST_CHECK static inline enum err
store_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	TRY(bulkhead_enter(c, BULKHEAD_STORE));
	return bulkhead_leave(c, BULKHEAD_STORE,
	    c->store->ops->changes(c, above, upto, limit, ret));
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
store_erase(struct call *c, struct point *io_above, struct id object, bool live,
    uint32_t limit, struct versions *ret)
{
	return c->store->ops->erase(c, io_above, object, live, limit, ret);
}

MUST_CHECK static inline enum err
store_load(struct call *c, int64_t branch, const struct history *history)
{
	return c->store->ops->load(c, branch, history);
}

#endif
