#include "base/priority.h"

#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS 100000 /* the least that the kernel takes */

/* struct sched_attr of sched_setattr(2), which glibc 2.36 does not have. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/* The kernel takes a thread's number where POSIX has a process's; 0 is the
 * caller's. */
void
priority_lower(int steps)
{
	(void)setpriority(
	    PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + steps);
}

void
priority_short_slice(void)
{
	struct attributes attributes = { .size = sizeof(attributes),
		.policy = SCHED_OTHER,
		.nice = getpriority(PRIO_PROCESS, 0),
		.runtime = SLICE_NS };

	(void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
