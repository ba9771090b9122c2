/* futex.c - the system call, for words that several processes map. */
#include "shm/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

bool
futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_us)
{
	int64_t left = deadline_us - clock_mono_us();

	if (left <= 0)
		return false;
	if (left > FUTEX_TICK_US)
		left = FUTEX_TICK_US;

	const struct timespec span = { .tv_nsec = (long)left * 1000 };

	(void)syscall(SYS_futex, word, FUTEX_WAIT, value, &span, NULL, 0);
	return true;
}

void
futex_wake(_Atomic uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool
process_is_gone(pid_t pid)
{
	return kill(pid, 0) != 0 && errno == ESRCH;
}
