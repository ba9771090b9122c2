/*
 * log_marks.c - a hash table of logs, each with a window of eight places.
 *
 * Readers take no lock.  They read when a log was asked for before they read
 * its life: who finds both has a life that is at least as young, and what is
 * kept under it is right.  A place that is given to another log gets a new life
 * too, and the log's number is part of every key, so a reader that sees halves
 * of both finds nothing.
 */
#include "shm/log_marks.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/clock.h"
#include "shm/shared_lock.h"

#define WINDOW 8
#define WORD_BITS 64
#define WORDS (LOG_MARKS_MAX / WORD_BITS)

#define ASLEEP_US (5 * CLOCK_SECOND) /* not used: not asked for */
#define FREE_US (60 * CLOCK_SECOND)  /* not used: another may have the place */
#define TOUCH_US (CLOCK_SECOND / 2)  /* between two notes of a use */

struct place {
	alignas(64) struct shared_lock lock;
	_Atomic uint64_t life;
	_Atomic int64_t known;
	_Atomic int64_t polled_ns;
	_Atomic int64_t used_us;
};

struct log_marks {
	_Atomic int64_t log[LOG_MARKS_MAX]; /* 0: nobody's place */
	_Atomic uint64_t awake[WORDS];
	_Atomic uint64_t lives;
	_Atomic int64_t refused, asked_ns;
	struct place place[LOG_MARKS_MAX];
};

size_t
log_marks_size(void)
{
	return sizeof(struct log_marks) + 64;
}

struct log_marks *
log_marks_new(struct shm *shm)
{
	struct log_marks *m = SHM_NEW(shm, struct log_marks, 1);
	uint64_t first;

	/* no number that an earlier run may have left somewhere */
	if (getrandom(&first, sizeof(first), 0) != sizeof(first))
		abort();
	atomic_store(&m->lives, first);
	for (unsigned i = 0; i < LOG_MARKS_MAX; i++)
		shared_lock_init(&m->place[i].lock);
	return m;
}

static uint64_t
new_life(struct log_marks *m)
{
	uint64_t life = atomic_fetch_add(&m->lives, 1);

	return life != 0 ? life : new_life(m);
}

/* Under the lock, or before anybody knows the place. */
static void
renew(struct log_marks *m, struct place *p)
{
	atomic_store(&p->polled_ns, 0);
	atomic_store(&p->known, LOG_UNKNOWN);
	atomic_store(&p->life, new_life(m));
}

static unsigned
home_of(int64_t log)
{
	uint64_t h = (uint64_t)log * 0x9E3779B97F4A7C15u;

	return (unsigned)(h >> 32) % (LOG_MARKS_MAX / WINDOW) * WINDOW;
}

static bool
has_room(struct log_marks *m, unsigned slot, int64_t now)
{
	return atomic_load(&m->log[slot]) == 0 ||
	       atomic_load(&m->place[slot].used_us) < now - FREE_US;
}

/* Two workers may give one log two places: the first is found, and what is
 * kept by the other is right as well. */
static bool
enter(struct log_marks *m, int64_t log, int64_t now, unsigned *ret)
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
find(const struct log_marks *m, int64_t log, unsigned *ret)
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
wake(struct log_marks *m, unsigned slot, int64_t now)
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
log_mark_find(
    struct log_marks *m, int64_t log, int64_t since_ns, struct log_mark *ret)
{
	int64_t now = clock_mono_us();
	unsigned slot;

	*ret = (struct log_mark){ .log = log, .known = LOG_UNKNOWN };
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
	return fresh && ret->known != LOG_UNKNOWN;
}

bool
log_mark_look(const struct log_marks *m, struct log_mark *io)
{
	const struct place *p = &m->place[io->slot];

	io->life = atomic_load(&p->life);
	io->known = atomic_load(&p->known);
	return atomic_load(&m->log[io->slot]) == io->log;
}

size_t
log_marks_count(const struct log_marks *m)
{
	size_t count = 0;

	for (unsigned w = 0; w < WORDS; w++)
		count +=
		    (size_t)__builtin_popcountll(atomic_load(&m->awake[w]));
	return count;
}

/* False, and not asked for any more, when nobody has used it lately. */
static bool
is_awake(struct log_marks *m, unsigned slot, int64_t now)
{
	uint64_t bit = (uint64_t)1 << slot % WORD_BITS;

	if (atomic_load(&m->place[slot].used_us) >= now - ASLEEP_US)
		return true;
	atomic_fetch_and(&m->awake[slot / WORD_BITS], ~bit);
	return false;
}

size_t
log_marks_awake(struct log_marks *m, struct log_mark *ret, size_t room)
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
			count += log_mark_look(m, &ret[count]);
		}
	}
	return count;
}

enum mark_hold
log_mark_hold(struct log_marks *m, const struct log_mark *mark, int64_t wait_us)
{
	struct place *p = &m->place[mark->slot];
	bool died;

	if (!shared_lock_wait(&p->lock, wait_us, &died))
		return MARK_BUSY;
	if (died)
		renew(m, p);
	if (atomic_load(&m->log[mark->slot]) == mark->log &&
	    atomic_load(&p->life) == mark->life &&
	    atomic_load(&p->known) == mark->known)
		return MARK_HELD;
	shared_lock_drop(&p->lock);
	return MARK_MOVED;
}

void
log_mark_release(struct log_marks *m, const struct log_mark *mark)
{
	shared_lock_drop(&m->place[mark->slot].lock);
}

void
log_mark_advance(struct log_marks *m, const struct log_mark *mark,
    int64_t known, int64_t polled_ns)
{
	struct place *p = &m->place[mark->slot];

	atomic_store(&p->known, known);
	if (atomic_load(&p->polled_ns) < polled_ns)
		atomic_store(&p->polled_ns, polled_ns);
}

void
log_mark_renew(struct log_marks *m, const struct log_mark *mark)
{
	renew(m, &m->place[mark->slot]);
}

void
log_marks_asked(struct log_marks *m, int64_t begun_ns)
{
	if (atomic_load(&m->asked_ns) < begun_ns)
		atomic_store(&m->asked_ns, begun_ns);
}

int64_t
log_marks_asked_ns(const struct log_marks *m)
{
	return atomic_load(&m->asked_ns);
}

int64_t
log_marks_refused(const struct log_marks *m)
{
	return atomic_load(&m->refused);
}
