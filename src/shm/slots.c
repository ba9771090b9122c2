/* slots.c - the slots of all workers. */
#include "shm/slots.h"

#include <unistd.h>

#include "shm/futex.h"

size_t
slots_size(unsigned workers)
{
	return workers * sizeof(struct slot);
}

struct slots
slots_new(struct shm *shm, unsigned workers)
{
	return (struct slots){ SHM_NEW(shm, struct slot, workers), workers };
}

void
slot_leave(struct slot *s)
{
	atomic_store(&s->pid, 0);
}

static bool
is_silent(const struct slot *s, int64_t now_us)
{
	return now_us - atomic_load(&s->beat_us) > SLOT_SILENT_US;
}

static bool
sibling_serves(struct slots slots, unsigned index, int64_t now_us)
{
	for (unsigned i = 0; i < slots.count; i++) {
		const struct slot *s = &slots.at[i];
		pid_t pid = atomic_load(&s->pid);

		if (i != index && pid != 0 && !is_silent(s, now_us) &&
		    !process_is_gone(pid))
			return true;
	}
	return false;
}

int64_t
slot_wait(struct slots slots, unsigned index, int64_t now_us)
{
	const struct slot *s = &slots.at[index];

	if (s->births < DEATHS_MAX)
		return 0;

	int64_t oldest = s->born_us[s->births % DEATHS_MAX];
	int64_t wait = oldest + DEATHS_SPAN_US - now_us;

	return wait > 0 && sibling_serves(slots, index, now_us) ? wait : 0;
}

bool
slots_silent(struct slots slots, pid_t pid, int64_t now_us)
{
	if (pid == getpid())
		return false;
	for (unsigned i = 0; i < slots.count; i++)
		if (atomic_load(&slots.at[i].pid) == pid)
			return is_silent(&slots.at[i], now_us);
	return false;
}

void
slot_born(struct slot *s, int64_t now_us)
{
	s->born_us[s->births++ % DEATHS_MAX] = now_us;
}

struct slot *
slot_take(struct slots slots, unsigned index)
{
	struct slot *s = &slots.at[index];

	slot_set(s, GAUGE_CONNECTIONS, 0);
	slot_set(s, GAUGE_POOLED, 0);
	slot_set(s, GAUGE_BODY_BYTES, 0);
	slot_set(s, GAUGE_MEMORY_BYTES, 0);
	slot_set(s, GAUGE_PASSWORDS, 0);
	slot_set(s, GAUGE_S3_CLIENTS, 0);
	atomic_store(&s->beat_us, clock_mono_us());
	atomic_store(&s->pid, getpid());
	return s;
}

int64_t
slots_sum(struct slots slots, enum gauge g)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < slots.count; i++)
		sum += atomic_load_explicit(
		    &slots.at[i].gauge[g], memory_order_relaxed);
	return sum;
}
