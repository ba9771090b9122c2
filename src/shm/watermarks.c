/*
 * watermarks.c - a hash table of logs, each with a window of eight places.
 *
 * Readers take no lock.  They read the time of the last poll before they read
 * the life, so the life they see is at least as young, and what is cached under
 * it is right.  A place that is given to another log gets a new life, and the
 * log's number is part of every cache key, so a reader that sees halves of both
 * finds nothing.
 */
#include "shm/watermarks.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "shm/shared_lock.h"

#define WINDOW 8
#define WORD_BITS 64
#define WORDS (WATERMARKS_MAX / WORD_BITS)

#define ASLEEP_US (5 * CLOCK_SECOND) /* not used for so long: not polled */
#define FREE_US (60 * CLOCK_SECOND)  /* the same: the place is free */
#define TOUCH_US (CLOCK_SECOND / 2)  /* between two notes of a use */

struct place {
	alignas(64) struct shared_lock lock;
	_Atomic uint64_t life;
	_Atomic int64_t known;
	_Atomic int64_t polled_ns;
	_Atomic int64_t used_us;
};

struct watermarks {
	_Atomic int64_t log[WATERMARKS_MAX]; /* 0: the place is free */
	_Atomic uint64_t awake[WORDS];
	_Atomic uint64_t lives;
	_Atomic int64_t refused, asked_ns;
	struct place place[WATERMARKS_MAX];
};

size_t
watermarks_size(void)
{
	return sizeof(struct watermarks) + 64;
}

struct watermarks *
watermarks_new(struct shm *shm)
{
	struct watermarks *m = SHM_NEW(shm, struct watermarks, 1);
	uint64_t first;

	/* no number that an earlier run may have left somewhere */
	if (getrandom(&first, sizeof(first), 0) != sizeof(first))
		abort();
	atomic_store(&m->lives, first);
	for (unsigned i = 0; i < WATERMARKS_MAX; i++)
		shared_lock_init(&m->place[i].lock);
	return m;
}

static uint64_t
new_life(struct watermarks *m)
{
	uint64_t life = atomic_fetch_add(&m->lives, 1);

	return life != 0 ? life : new_life(m);
}

/* The caller has the lock, or nobody knows the place yet. */
static void
renew(struct watermarks *m, struct place *p)
{
	atomic_store(&p->polled_ns, 0);
	atomic_store(&p->known, WATERMARK_UNKNOWN);
	atomic_store(&p->life, new_life(m));
}

static unsigned
home_of(int64_t log)
{
	uint64_t h = (uint64_t)log * 0x9E3779B97F4A7C15u;

	return (unsigned)(h >> 32) % (WATERMARKS_MAX / WINDOW) * WINDOW;
}

static bool
has_room(struct watermarks *m, unsigned slot, int64_t now)
{
	return atomic_load(&m->log[slot]) == 0 ||
	       atomic_load(&m->place[slot].used_us) < now - FREE_US;
}

/* Two workers may give one log two places: look-ups find the first, and what is
 * cached under the other's life is right as well. */
static bool
enter(struct watermarks *m, int64_t log, int64_t now, unsigned *ret)
{
	unsigned home = home_of(log);
	bool entered = false, died;

	for (unsigned i = home; i < home + WINDOW && !entered; i++) {
		struct place *p = &m->place[i];

		if (!has_room(m, i, now) ||
		    !shared_lock_wait(&p->lock, 0, &died))
			continue;
		if (has_room(m, i, now)) {
			atomic_store(&p->used_us, now);
			renew(m, p);
			atomic_store(&m->log[i], log);
			entered = true;
			*ret = i;
		}
		shared_lock_drop(&p->lock);
	}
	return entered;
}

static bool
find(const struct watermarks *m, int64_t log, unsigned *ret)
{
	unsigned home = home_of(log);

	for (unsigned i = home; i < home + WINDOW; i++) {
		if (atomic_load_explicit(&m->log[i], memory_order_acquire) ==
		    log) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static void
wake(struct watermarks *m, unsigned slot, int64_t now)
{
	struct place *p = &m->place[slot];
	uint64_t bit = (uint64_t)1 << slot % WORD_BITS;

	if (now - atomic_load_explicit(&p->used_us, memory_order_relaxed) >
	    TOUCH_US)
		atomic_store(&p->used_us, now);
	if ((atomic_load_explicit(
		 &m->awake[slot / WORD_BITS], memory_order_relaxed) &
		bit) == 0)
		atomic_fetch_or(&m->awake[slot / WORD_BITS], bit);
}

bool
watermark_find(
    struct watermarks *m, int64_t log, int64_t since_ns, struct watermark *ret)
{
	int64_t now = clock_mono_us();
	unsigned slot;

	*ret = (struct watermark){ .log = log, .known = WATERMARK_UNKNOWN };
	if (!find(m, log, &slot) && !enter(m, log, now, &slot)) {
		atomic_fetch_add(&m->refused, 1);
		return false;
	}
	wake(m, slot, now);

	const struct place *p = &m->place[slot];
	bool fresh = atomic_load(&p->polled_ns) > since_ns;

	ret->slot = slot;
	ret->life = atomic_load(&p->life);
	ret->known = atomic_load(&p->known);
	return fresh && ret->known != WATERMARK_UNKNOWN;
}

bool
watermark_look(const struct watermarks *m, struct watermark *io)
{
	const struct place *p = &m->place[io->slot];

	io->life = atomic_load(&p->life);
	io->known = atomic_load(&p->known);
	return atomic_load(&m->log[io->slot]) == io->log;
}

size_t
watermarks_count(const struct watermarks *m)
{
	size_t count = 0;

	for (unsigned w = 0; w < WORDS; w++)
		count +=
		    (size_t)__builtin_popcountll(atomic_load(&m->awake[w]));
	return count;
}

/* False, and the log is no longer polled, when it was not used lately. */
static bool
is_awake(struct watermarks *m, unsigned slot, int64_t now)
{
	uint64_t bit = (uint64_t)1 << slot % WORD_BITS;

	if (atomic_load(&m->place[slot].used_us) >= now - ASLEEP_US)
		return true;
	atomic_fetch_and(&m->awake[slot / WORD_BITS], ~bit);
	return false;
}

size_t
watermarks_active(struct watermarks *m, struct watermark *ret, size_t room)
{
	int64_t now = clock_mono_us();
	size_t count = 0;

	for (unsigned w = 0; w < WORDS; w++) {
		uint64_t bits = atomic_load(&m->awake[w]);

		for (; bits != 0 && count < room; bits &= bits - 1) {
			unsigned slot =
			    w * WORD_BITS + (unsigned)__builtin_ctzll(bits);

			if (!is_awake(m, slot, now))
				continue;
			ret[count].log = atomic_load(&m->log[slot]);
			ret[count].slot = slot;
			count += watermark_look(m, &ret[count]);
		}
	}
	return count;
}

enum watermark_state
watermark_hold(
    struct watermarks *m, const struct watermark *mark, int64_t wait_us)
{
	struct place *p = &m->place[mark->slot];
	bool died;

	if (!shared_lock_wait(&p->lock, wait_us, &died))
		return WATERMARK_BUSY;
	if (died)
		renew(m, p);
	if (atomic_load(&m->log[mark->slot]) == mark->log &&
	    atomic_load(&p->life) == mark->life &&
	    atomic_load(&p->known) == mark->known)
		return WATERMARK_HELD;
	shared_lock_drop(&p->lock);
	return WATERMARK_MOVED;
}

void
watermark_release(struct watermarks *m, const struct watermark *mark)
{
	shared_lock_drop(&m->place[mark->slot].lock);
}

void
watermark_advance(struct watermarks *m, const struct watermark *mark,
    int64_t known, int64_t polled_ns)
{
	struct place *p = &m->place[mark->slot];

	atomic_store(&p->known, known);
	if (atomic_load(&p->polled_ns) < polled_ns)
		atomic_store(&p->polled_ns, polled_ns);
}

void
watermark_renew(struct watermarks *m, const struct watermark *mark)
{
	renew(m, &m->place[mark->slot]);
}

void
watermarks_polled(struct watermarks *m, int64_t begun_ns)
{
	if (atomic_load(&m->asked_ns) < begun_ns)
		atomic_store(&m->asked_ns, begun_ns);
}

int64_t
watermarks_polled_ns(const struct watermarks *m)
{
	return atomic_load(&m->asked_ns);
}

int64_t
watermarks_refused(const struct watermarks *m)
{
	return atomic_load(&m->refused);
}
