#include "record/submit.h"

#include <time.h>

#include "base/clock.h"
#include "base/fault.h"
#include "calls/store_call.h"

#define AGAIN_US (5 * CLOCK_MS) /* between two submissions */

enum err
submit(struct call *c, int64_t branch, struct unit *units, size_t count,
    bool *io_doubtful)
{
	static const struct timespec pause = { .tv_nsec = AGAIN_US * 1000 };
	bool submitted = c->usage != NULL && c->usage->submitted;

	for (;;) {
		enum err err = store_apply(c, branch, units, count);

		/* the background writes records by itself, but no commits */
		FAULT_POINT(count != 1              ? "group_applied"
			    : units->put_count != 0 ? "unit_applied"
						    : "records_applied");
		if (err == OK && !*io_doubtful)
			usage_judged(c, submitted, units, count);
		if (err == OK)
			return OK;
		*io_doubtful |= err == ERR_COMMIT_UNKNOWN;
		if (!*io_doubtful)
			return err;
		if (clock_mono_us() + AGAIN_US >= c->deadline_us)
			return fail(c->error, ERR_COMMIT_UNKNOWN,
			    "The store does not know whether this was "
			    "written: look before you try again");
		(void)nanosleep(&pause, NULL);
	}
}
