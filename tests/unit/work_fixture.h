/* work_fixture.h - budgets for what tests do. */
#ifndef PANGOLIN_WORK_FIXTURE_H
#define PANGOLIN_WORK_FIXTURE_H

#include "base/work_budget.h"

/* As much as a request has, and all the time there is. */
static inline struct work_budget *
plenty(void)
{
	static struct work_budget budget;

	budget = work_until(INT64_MAX);
	return &budget;
}

/* So many steps, and then the time is over. */
static inline struct work_budget *
only_steps(size_t steps)
{
	static struct work_budget budget;

	budget = work_until(0);
	budget.slice = steps + 1;
	return &budget;
}

#endif
