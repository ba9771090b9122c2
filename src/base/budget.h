/*
 * budget.h - the memory budget of a process: what its arenas hold and may hold.
 *
 * Every arena counts here what it holds, or what it has reserved if that is
 * more, by the block: nothing is counted per allocation.  A plugin has a budget
 * of its own, as it has a copy of base/, but the arenas that it is handed count
 * where they were made.
 */
#ifndef PANGOLIN_BUDGET_H
#define PANGOLIN_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct budget {
	_Atomic int64_t held, limit; /* bytes; limit 0: there is none */
	_Atomic int64_t freed;       /* bytes that were ever given back */
};

extern struct budget process_budget;

static inline int64_t
budget_held(const struct budget *b)
{
	return atomic_load_explicit(&b->held, memory_order_relaxed);
}

static inline int64_t
budget_limit(const struct budget *b)
{
	return atomic_load_explicit(&b->limit, memory_order_relaxed);
}

static inline int64_t
budget_freed(const struct budget *b)
{
	return atomic_load_explicit(&b->freed, memory_order_relaxed);
}

static inline void
budget_set_limit(struct budget *b, int64_t bytes)
{
	atomic_store_explicit(&b->limit, bytes, memory_order_relaxed);
}

/* While this is true only small work should begin. */
static inline bool
budget_is_exceeded(const struct budget *b)
{
	int64_t limit = budget_limit(b);

	return limit != 0 && budget_held(b) > limit;
}

/* Whether so many more bytes would not exceed it. */
static inline bool
budget_takes(const struct budget *b, int64_t bytes)
{
	int64_t limit = budget_limit(b);

	return limit == 0 || budget_held(b) + bytes <= limit;
}

/* Counts so many bytes more, or fewer. */
void budget_add(struct budget *, int64_t bytes);

/* An eighth of the limit is never reserved: it is for the many that are small
 * and reserve nothing.  INT64_MAX: there is no limit. */
int64_t budget_reservable(const struct budget *);

/* budget_add() if they fit into that. */
bool budget_reserve(struct budget *, int64_t bytes);
bool budget_has_room(const struct budget *, int64_t bytes);

#endif
