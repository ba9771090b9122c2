/*
 * unit_queue.c - slots whose state is one word each.
 *
 * A state changes by one store and, where owner and leader could meet, under
 * the lock: a process that is killed leaves no slot torn, so nothing is ever
 * repaired.  Only a leader makes SLOT_TAKEN: a new leader that finds one knows
 * that an earlier leader died or gave up.
 */
#include "shm/unit_queue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shm/futex.h"
#include "shm/shared_lock.h"

enum slot_state {
	SLOT_FREE,
	SLOT_FILLING, /* its owner writes */
	SLOT_WAITING,
	SLOT_TAKEN, /* by a leader */
	SLOT_LEFT,  /* the same, and the owner has gone: the leader frees it */
	SLOT_DONE   /* its owner reads the answer */
};

#define MARKS 16384 /* room for hashes: few of a batch meet by chance */
enum { MARK_READ = 1, MARK_CHANGED = 2 };

struct unit_slot {
	_Atomic uint32_t state; /* what the owner sleeps on */
	pid_t owner;
	uint64_t ticket; /* older units have smaller ones */
	uint64_t leader; /* of the leader that took it last; 0: none */
	bool doubtful;
	struct unit_label label;
	struct unit_answer answer;
};

struct unit_queue {
	struct shared_lock lock;
	struct leader leader;
	uint64_t tickets;
	_Atomic uint32_t freed; /* moves when a slot becomes free */
	_Atomic int64_t batches, units, full_size;
	uint8_t mark[MARKS]; /* the leader's, while it takes */
	struct unit_slot slot[UNIT_SLOTS];
	char bytes[UNIT_SLOTS][UNIT_BYTES]; /* pages appear as they are used */
};

size_t
unit_queue_size(void)
{
	return sizeof(struct unit_queue) + 64;
}

struct unit_queue *
unit_queue_new(struct shm *shm, struct slots slots)
{
	struct unit_queue *q = SHM_NEW(shm, struct unit_queue, 1);

	shared_lock_init(&q->lock);
	leader_init(&q->leader, slots);
	return q;
}

static enum slot_state
state_of(const struct unit_slot *s)
{
	return (enum slot_state)atomic_load(&s->state);
}

static struct unit_slot *
end_of(struct unit_queue *q)
{
	return q->slot + UNIT_SLOTS;
}

void
unit_free(struct unit_queue *q, struct unit_slot *s)
{
	atomic_store(&s->state, SLOT_FREE);
	atomic_fetch_add(&q->freed, 1);
	futex_wake(&q->freed);
}

/* ---- the slots of dead processes; under the lock */

/* Nobody waits for the unit: a leader that has it frees it. */
static void
abandon(struct unit_queue *q, struct unit_slot *s)
{
	if (state_of(s) == SLOT_TAKEN && leader_holds(&q->leader, s->leader))
		atomic_store(&s->state, SLOT_LEFT);
	else
		unit_free(q, s);
}

static void
abandon_the_dead(struct unit_queue *q)
{
	pid_t self = getpid();

	for (struct unit_slot *s = q->slot; s < end_of(q); s++) {
		enum slot_state state = state_of(s);

		if (state != SLOT_FREE && state != SLOT_LEFT &&
		    s->owner != self && process_is_gone(s->owner))
			abandon(q, s);
	}
}

/* Frees units that a leader took and left, their owner being gone too. */
static void
free_what_was_left(struct unit_queue *q)
{
	for (struct unit_slot *s = q->slot; s < end_of(q); s++)
		if (state_of(s) == SLOT_LEFT)
			unit_free(q, s);
}

void
unit_queue_sweep(struct unit_queue *q)
{
	(void)shared_lock_take(&q->lock);
	abandon_the_dead(q);
	if (leader_is_gone(&q->leader))
		free_what_was_left(q);
	shared_lock_drop(&q->lock);
}

/* ---- owners */
static struct unit_slot *
claim_one(struct unit_queue *q)
{
	struct unit_slot *s = q->slot;

	(void)shared_lock_take(&q->lock);
	while (s < end_of(q) && state_of(s) != SLOT_FREE)
		s++;
	if (s == end_of(q)) {
		abandon_the_dead(q);
		s = NULL;
	} else {
		s->owner = getpid();
		s->ticket = q->tickets++;
		s->doubtful = false;
		s->leader = 0;
		atomic_store(&s->state, SLOT_FILLING);
	}
	shared_lock_drop(&q->lock);
	return s;
}

struct unit_slot *
unit_claim(struct unit_queue *q, int64_t deadline_us)
{
	uint32_t freed = atomic_load(&q->freed);
	struct unit_slot *s = claim_one(q);

	while (s == NULL && futex_wait(&q->freed, freed, deadline_us)) {
		freed = atomic_load(&q->freed);
		s = claim_one(q);
	}
	return s;
}

char *
unit_bytes(struct unit_queue *q, struct unit_slot *s)
{
	return q->bytes[s - q->slot];
}

void
unit_post(struct unit_slot *s, const struct unit_label *label)
{
	s->label = *label;
	atomic_store(&s->state, SLOT_WAITING);
}

const struct unit_answer *
unit_answered(const struct unit_slot *s)
{
	return state_of(s) == SLOT_DONE ? &s->answer : NULL;
}

bool
unit_waits(const struct unit_slot *s)
{
	return state_of(s) == SLOT_WAITING;
}

bool
unit_sleep(struct unit_slot *s, int64_t deadline_us)
{
	enum slot_state state = state_of(s);

	return state == SLOT_DONE ||
	       futex_wait(&s->state, (uint32_t)state, deadline_us);
}

enum withdrawal
unit_withdraw(struct unit_queue *q, struct unit_slot *s)
{
	enum withdrawal result = IS_ANSWERED;

	(void)shared_lock_take(&q->lock);
	if (state_of(s) != SLOT_DONE) {
		result = state_of(s) == SLOT_TAKEN ? TOO_LATE : WITHDRAWN;
		abandon(q, s);
	}
	shared_lock_drop(&q->lock);
	return result;
}

/* ---- the leader */
uint64_t
unit_queue_lead(struct unit_queue *q, bool look)
{
	uint64_t token = leader_try(&q->leader);

	return token == 0 && look ? leader_depose(&q->leader) : token;
}

void
unit_queue_follow(struct unit_queue *q, uint64_t token)
{
	struct unit_slot *s = q->slot;

	leader_resign(&q->leader, token);
	while (s < end_of(q) && state_of(s) != SLOT_WAITING &&
	       state_of(s) != SLOT_TAKEN)
		s++;
	if (s < end_of(q))
		futex_wake(&s->state); /* it leads next */
}

bool
unit_queue_has_zombies(struct unit_queue *q)
{
	return leader_has_zombies(&q->leader);
}

static int
by_ticket(const void *a, const void *b)
{
	const struct unit_slot *x = *(struct unit_slot *const *)a;
	const struct unit_slot *y = *(struct unit_slot *const *)b;

	return x->ticket < y->ticket ? -1 : x->ticket > y->ticket;
}

static size_t
find_waiting(struct unit_queue *q, struct unit_slot **ret)
{
	size_t count = 0;

	for (struct unit_slot *s = q->slot; s < end_of(q); s++)
		if (state_of(s) == SLOT_WAITING || state_of(s) == SLOT_TAKEN)
			ret[count++] = s;
	qsort(ret, count, sizeof(struct unit_slot *), by_ticket);
	return count;
}

/* Whether the unit fits the batch: no key is changed by two units, or changed
 * by one and read by another.  Its keys are marked even when it stays in the
 * queue: later units may not overtake it. */
static bool
mark_keys(struct unit_queue *q, const struct unit_label *label)
{
	bool fits = true;

	for (size_t i = 0; i < label->key_count; i++) {
		bool changes = (label->key[i] & 1) != 0;
		uint8_t found = q->mark[(label->key[i] >> 1) % MARKS];

		if ((found & MARK_CHANGED) != 0 || (changes && found != 0))
			fits = false;
	}
	for (size_t i = 0; i < label->key_count; i++)
		q->mark[(label->key[i] >> 1) % MARKS] |=
		    (label->key[i] & 1) != 0 ? MARK_CHANGED : MARK_READ;
	return fits;
}

static struct taken_unit
take_one(struct unit_slot *s, uint64_t token)
{
	s->doubtful |= state_of(s) == SLOT_TAKEN;
	s->leader = token;
	atomic_store(&s->state, SLOT_TAKEN);
	return (struct taken_unit){ s, s->label.branch, s->label.deadline_us,
		s->label.size, s->doubtful };
}

static size_t
choose(struct unit_queue *q, uint64_t token, struct taken_unit *ret)
{
	struct unit_slot *waiting[UNIT_SLOTS];
	size_t count = find_waiting(q, waiting), bytes = 0, chosen = 0;

	memset(q->mark, 0, sizeof(q->mark));
	for (size_t i = 0; i < count && bytes < BATCH_BYTES; i++) {
		struct unit_slot *s = waiting[i];

		if (!mark_keys(q, &s->label))
			continue;
		bytes += s->label.size;
		if (bytes > BATCH_BYTES)
			break;
		ret[chosen++] = take_one(s, token);
	}
	return chosen;
}

static void
count_batch(struct unit_queue *q, size_t size)
{
	if (size == 0)
		return;
	atomic_fetch_add(&q->batches, 1);
	atomic_fetch_add(&q->units, (int64_t)size);
	if (atomic_load(&q->full_size) < (int64_t)size)
		atomic_store(&q->full_size, (int64_t)size);
}

size_t
unit_take(struct unit_queue *q, uint64_t token, struct taken_unit *ret)
{
	size_t count = 0;

	(void)shared_lock_take(&q->lock);
	if (leader_holds(&q->leader, token)) {
		abandon_the_dead(q);
		free_what_was_left(q);
		count = choose(q, token, ret);
	}
	shared_lock_drop(&q->lock);
	count_batch(q, count);
	return count;
}

/* A slot gets another unit only after its leader was deposed: this leader still
 * leads, so the bytes were its unit's. */
bool
unit_copy(
    struct unit_queue *q, uint64_t token, const struct taken_unit *u, char *ret)
{
	memcpy(ret, unit_bytes(q, u->slot), u->size);
	return leader_held(&q->leader, token);
}

/* Under the lock: in this state from now on, unless it is not the leader's. */
static void
settle(struct unit_queue *q, uint64_t token, struct unit_slot *s,
    enum slot_state state, const struct unit_answer *answer)
{
	if (s->leader != token)
		return;
	if (state_of(s) == SLOT_LEFT) {
		unit_free(q, s);
	} else if (state_of(s) == SLOT_TAKEN) {
		if (answer != NULL)
			s->answer = *answer;
		atomic_store(&s->state, (uint32_t)state);
	}
}

void
unit_answer(struct unit_queue *q, uint64_t token, const struct taken_unit *u,
    const struct unit_answer *answer)
{
	(void)shared_lock_take(&q->lock);
	settle(q, token, u->slot, SLOT_DONE, answer);
	shared_lock_drop(&q->lock);
	futex_wake(&u->slot->state);
}

void
unit_return(struct unit_queue *q, uint64_t token, const struct taken_unit *u)
{
	(void)shared_lock_take(&q->lock);
	settle(q, token, u->slot, SLOT_WAITING, NULL);
	shared_lock_drop(&q->lock);
	futex_wake(&u->slot->state);
}

/* ---- anyone */
struct unit_queue_counts
unit_queue_count(struct unit_queue *q)
{
	struct unit_queue_counts n = { .batches = atomic_load(&q->batches),
		.units = atomic_load(&q->units),
		.full_size = atomic_load(&q->full_size) };

	for (struct unit_slot *s = q->slot; s < end_of(q); s++) {
		enum slot_state state = state_of(s);

		n.waiting += state == SLOT_WAITING;
		n.taken += state == SLOT_TAKEN || state == SLOT_LEFT;
		n.others += state == SLOT_FILLING || state == SLOT_DONE;
	}
	return n;
}
