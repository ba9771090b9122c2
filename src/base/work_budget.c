#include "base/work_budget.h"

#include "base/clock.h"

bool
work_look(struct work_budget *w)
{
	w->over = w->over || clock_mono_us() > w->deadline_us;
	w->slice = w->over ? 0 : WORK_SLICE;
	return !w->over;
}

enum err
work_check(const struct work_budget *w, struct error *e)
{
	if (!w->over)
		return OK;
	return fail(e, ERR_UNAVAILABLE,
	    "The time for this request was over before its work was done");
}
