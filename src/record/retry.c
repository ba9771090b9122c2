#include "record/retry.h"

#include <time.h>

#include <sodium.h>

#include "base/clock.h"
#include "calls/usage.h"

/* Of the pause before the second try, at most; of each later one twice that. */
#define PAUSE_US CLOCK_MS
#define DOUBLINGS_MAX 6

struct retry
retry_of(const struct call *c)
{
	return (struct retry){ .call = c, .mark = arena_mark(c->arena) };
}

void
retry_keep(struct retry *r)
{
	r->mark = arena_mark(r->call->arena);
}

bool
retry_again(struct retry *r)
{
	int64_t most = PAUSE_US << r->tries;
	int64_t pause = 1 + randombytes_uniform((uint32_t)most);

	if (clock_mono_us() + pause >= r->call->deadline_us)
		return false;
	if (r->tries < DOUBLINGS_MAX)
		r->tries++;
	(void)nanosleep(&(struct timespec){ .tv_nsec = pause * 1000 }, NULL);
	arena_cut(r->call->arena, r->mark);
	if (r->call->usage != NULL)
		r->call->usage->since_ns = clock_mono_ns();
	return true;
}
