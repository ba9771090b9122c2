#include "base/budget.h"

struct budget process_budget;

void
budget_add(struct budget *b, int64_t bytes)
{
	(void)atomic_fetch_add_explicit(&b->held, bytes, memory_order_relaxed);
	if (bytes < 0)
		(void)atomic_fetch_sub_explicit(
		    &b->freed, bytes, memory_order_relaxed);
}

int64_t
budget_reservable(const struct budget *b)
{
	int64_t limit = budget_limit(b);

	return limit == 0 ? INT64_MAX : limit - limit / 8;
}

bool
budget_has_room(const struct budget *b, int64_t bytes)
{
	return bytes <= budget_reservable(b) - budget_held(b);
}

bool
budget_reserve(struct budget *b, int64_t bytes)
{
	int64_t most = budget_reservable(b), held = budget_held(b);

	do {
		if (bytes > most - held)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&b->held, &held,
	    held + bytes, memory_order_relaxed, memory_order_relaxed));
	return true;
}
