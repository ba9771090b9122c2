/* leader.c - one word that is changed by compare-and-swap. */
#include "shm/leader.h"

#include <unistd.h>

#include "base/clock.h"
#include "shm/futex.h"

/* Numbers of processes are below 2^22 (proc(5), pid_max); 0: nobody leads. */
#define PID_BITS 22
#define PID_MASK (((uint64_t)1 << PID_BITS) - 1)

static pid_t
pid_of(uint64_t token)
{
	return (pid_t)(token & PID_MASK);
}

static uint64_t
next_token(uint64_t token)
{
	return ((token >> PID_BITS) + 1) << PID_BITS | (uint64_t)getpid();
}

void
leader_init(struct leader *l, struct slots slots)
{
	l->slots = slots;
}

/* Behind `token`, which still is the last; 0: it is not. */
static uint64_t
succeed(struct leader *l, uint64_t token)
{
	uint64_t own = next_token(token);

	return atomic_compare_exchange_strong(&l->token, &token, own) ? own : 0;
}

uint64_t
leader_try(struct leader *l)
{
	uint64_t token = atomic_load(&l->token);

	return pid_of(token) == 0 ? succeed(l, token) : 0;
}

/* In place of one that may wake up. */
static uint64_t
succeed_silent(struct leader *l, uint64_t token)
{
	for (int i = 0; i < LEADER_ZOMBIES; i++) {
		uint64_t none = 0, listed = token;

		if (!atomic_compare_exchange_strong(
			&l->zombie[i], &none, token))
			continue;

		uint64_t own = succeed(l, token);

		if (own == 0) /* it has resigned, or another was quicker */
			(void)atomic_compare_exchange_strong(
			    &l->zombie[i], &listed, 0);
		return own;
	}
	return 0;
}

uint64_t
leader_depose(struct leader *l)
{
	uint64_t token = atomic_load(&l->token);
	pid_t pid = pid_of(token);

	if (pid == 0 || process_is_gone(pid))
		return succeed(l, token);
	if (slots_silent(l->slots, pid, clock_mono_us()))
		return succeed_silent(l, token);
	return 0;
}

void
leader_resign(struct leader *l, uint64_t token)
{
	uint64_t last = token;

	(void)atomic_compare_exchange_strong(
	    &l->token, &last, token & ~PID_MASK);
	for (int i = 0; i < LEADER_ZOMBIES; i++) {
		uint64_t listed = token;

		if (atomic_load(&l->zombie[i]) == token)
			(void)atomic_compare_exchange_strong(
			    &l->zombie[i], &listed, 0);
	}
}

bool
leader_holds(const struct leader *l, uint64_t token)
{
	return atomic_load(&l->token) == token;
}

/* Writes before a change of the word stay before it. */
bool
leader_held(struct leader *l, uint64_t token)
{
	return atomic_fetch_add(&l->token, 0) == token;
}

bool
leader_is_gone(const struct leader *l)
{
	pid_t pid = pid_of(atomic_load(&l->token));

	return pid == 0 || process_is_gone(pid);
}

bool
leader_has_zombies(struct leader *l)
{
	bool any = false;

	for (int i = 0; i < LEADER_ZOMBIES; i++) {
		uint64_t token = atomic_load(&l->zombie[i]);

		if (token == 0)
			continue;
		if (process_is_gone(pid_of(token)))
			(void)atomic_compare_exchange_strong(
			    &l->zombie[i], &token, 0);
		else
			any = true;
	}
	return any;
}
