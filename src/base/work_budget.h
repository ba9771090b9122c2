/*
 * work_budget.h - bounds the work that one request may cause.
 *
 * A few bytes can ask for hours of work.  A function that loops over what a
 * client or a table has brought is handed a budget and spends steps of it; the
 * clock is read once in WORK_SLICE steps.  An exhausted budget stays so: a
 * function that cannot return an error gives any answer, and its caller asks
 * work_check() before using it.
 */
#ifndef PANGOLIN_WORK_BUDGET_H
#define PANGOLIN_WORK_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define WORK_SLICE 1000

/* Bounds for all compressed files that a request reads: far beyond what honest
 * tables take, and seconds of one processor. */
#define WORK_VALUES_MAX ((size_t)500 * 1000 * 1000)
#define WORK_BYTES_MAX ((size_t)1 << 30)

struct work_budget {
	int64_t deadline_us; /* clock_mono_us() */
	size_t values;       /* that may still be decoded */
	size_t bytes;        /* that may still be unpacked */
	size_t slice;        /* steps until the clock is looked at */
	bool over;           /* the deadline has passed */
};

static inline struct work_budget
work_until(int64_t deadline_us)
{
	return (struct work_budget){ .deadline_us = deadline_us,
		.values = WORK_VALUES_MAX,
		.bytes = WORK_BYTES_MAX };
}

/* Looks at the clock; false: the time is over. */
bool work_look(struct work_budget *);

/* Spends so many steps, each of them nanoseconds.  False: the time is over. */
static inline bool
work_steps(struct work_budget *w, size_t steps)
{
	if (steps >= w->slice)
		return work_look(w);
	w->slice -= steps;
	return true;
}

/* ERR_UNAVAILABLE: the time was over at the last look. */
MUST_CHECK enum err work_check(const struct work_budget *, struct error *);

#endif
