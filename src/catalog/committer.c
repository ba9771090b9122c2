/*
 * committer.c - leading a batch, and waiting for one's own unit.
 *
 * Units of which nobody knows whether they are applied stay in the queue, and
 * are submitted again by whoever leads next.
 */
#include "catalog/committer.h"

#include "base/clock.h"
#include "catalog/unit_code.h"
#include "plugin/usage.h"
#include "record/submit.h"

struct committer {
	struct unit_queue *queue;
	struct turns *turns;
};

/* Units of one branch that are applied together. */
struct batch_group {
	struct unit_slot *slot[UNIT_SLOTS];
	struct unit *unit;
	size_t count;
	int64_t branch;
	bool doubtful; /* a lost answer may have been theirs */
};

size_t
committer_size(void)
{
	return sizeof(struct committer) + 64 + unit_queue_size() + turns_size();
}

struct committer *
committer_new(struct shm *shm)
{
	struct committer *m = SHM_NEW(shm, struct committer, 1);

	m->queue = unit_queue_new(shm);
	m->turns = turns_new(shm);
	return m;
}

void
committer_sweep(struct committer *m)
{
	unit_queue_sweep(m->queue);
	turns_sweep(m->turns);
}

struct committer_counts
committer_count(struct committer *m)
{
	return (struct committer_counts){ unit_queue_count(m->queue),
		turns_count(m->turns) };
}

/* ---- the leader */
static struct unit_answer
answer_of(enum err err, const struct error *e, const struct unit *unit)
{
	struct unit_answer a = { .code = (int)err };

	if (err != OK) {
		size_t len = str_from(e->message).len;

		if (len >= sizeof(a.message))
			len = sizeof(a.message) - 1;
		memcpy(a.message, e->message, len);
		return a;
	}
	a.verdict = (int)unit->verdict;
	a.failed = unit->failed;
	a.seq = unit->seq;
	if (unit->first_hash.len <= sizeof(a.hash))
		a.hash_size = unit->first_hash.len;
	if (a.hash_size != 0)
		memcpy(a.hash, unit->first_hash.ptr, a.hash_size);
	return a;
}

static void
answer_one(struct committer *m, const struct batch_group *g, size_t i,
    enum err err, const struct error *e)
{
	struct unit_answer answer = answer_of(err, e, &g->unit[i]);

	unit_answer(m->queue, g->slot[i], &answer);
}

/* The store refused the group for something that is not a verdict on a unit:
 * one of them may be the cause, and only that one shall fail.  Two in a row
 * that find the store unavailable speak for the rest; on a full disk a smaller
 * one may fit. */
static void
apply_one_by_one(struct committer *m, struct call *c, struct batch_group *g)
{
	int unavailable = 0;

	for (size_t i = 0; i < g->count; i++) {
		enum err err = ERR_UNAVAILABLE;
		bool doubtful = false;

		if (unavailable < 2)
			err = submit(c, g->branch, &g->unit[i], 1, &doubtful);
		unavailable = err == ERR_UNAVAILABLE ? unavailable + 1 : 0;
		if (err != ERR_COMMIT_UNKNOWN)
			answer_one(m, g, i, err, c->error);
	}
}

/* Units without an answer stay with the queue: the next leader takes them. */
static void
apply_group(struct committer *m, struct call *c, struct batch_group *g)
{
	enum err err = submit(c, g->branch, g->unit, g->count, &g->doubtful);

	if (err == ERR_COMMIT_UNKNOWN)
		return;
	if (err != OK && err != ERR_SLOW_DOWN && g->count > 1) {
		apply_one_by_one(m, c, g);
		return;
	}
	for (size_t i = 0; i < g->count; i++)
		answer_one(m, g, i, err, c->error);
}

/* Move the first of `io` and those that go with it to a group. */
static struct batch_group
next_group(struct committer *m, struct arena *a, struct unit_slot **io,
    size_t *io_count)
{
	struct batch_group g = { .unit = ARENA_NEW(a, struct unit, *io_count),
		.branch = unit_label_of(io[0])->branch,
		.doubtful = unit_is_doubtful(io[0]) };
	size_t stay = 0;

	for (size_t i = 0; i < *io_count; i++) {
		if (unit_label_of(io[i])->branch != g.branch ||
		    unit_is_doubtful(io[i]) != g.doubtful) {
			io[stay++] = io[i];
			continue;
		}
		g.unit[g.count] = unit_unpack(a, unit_bytes(m->queue, io[i]));
		g.slot[g.count++] = io[i];
	}
	*io_count = stay;
	return g;
}

static void
lead(struct committer *m, const struct call *own)
{
	struct unit_slot *taken[UNIT_SLOTS];
	size_t count = unit_take(m->queue, taken);
	struct arena *a = arena_new();
	struct error error;
	struct call c = { .store = own->store,
		.arena = a,
		.error = &error,
		.deadline_us = own->deadline_us,
		.request = own->request };

	while (count != 0) {
		struct batch_group g = next_group(m, a, taken, &count);

		apply_group(m, &c, &g);
	}
	arena_free(a);
}

/* ---- the owner of a unit */
#define HASH_START 14695981039346656037u /* FNV-1a, 64 bits */
#define HASH_PRIME 1099511628211u

static uint64_t
hash_bytes(uint64_t h, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < size; i++)
		h = (h ^ at[i]) * HASH_PRIME;
	return h;
}

static uint64_t
hash_key(int64_t branch, const struct key *k)
{
	uint64_t h = hash_bytes(HASH_START, &branch, sizeof(branch));

	h = hash_bytes(h, &k->space, sizeof(k->space));
	h = hash_bytes(h, &k->ns.len, sizeof(k->ns.len));
	h = hash_bytes(h, k->ns.ptr, k->ns.len);
	h = hash_bytes(h, k->name.ptr, k->name.len);
	return (h ^ h >> 32) << 1;
}

/* False: the unit has to travel alone. */
static bool
label_unit(int64_t branch, const struct unit *u, struct unit_label *ret)
{
	*ret = (struct unit_label){ .branch = branch };
	if (u->write_count != 0 || u->put_count == 0 ||
	    u->request_hash.len > UNIT_HASH_BYTES ||
	    u->put_count + u->expect_count > UNIT_KEYS)
		return false;
	for (size_t i = 0; i < u->put_count; i++)
		ret->key[ret->key_count++] =
		    hash_key(branch, &u->puts[i].key) | 1;
	for (size_t i = 0; i < u->expect_count; i++)
		ret->key[ret->key_count++] =
		    hash_key(branch, &u->expects[i].key);
	return true;
}

static enum err
read_answer(struct call *c, const struct unit_answer *a, struct unit *io)
{
	if (a->code != OK)
		return fail(c->error, (enum err)a->code, "%s", a->message);
	io->verdict = (enum verdict)a->verdict;
	io->failed = a->failed;
	io->seq = a->seq;
	io->first_hash = (struct str){ 0 };
	if (a->hash_size != 0)
		io->first_hash =
		    arena_copy(c->arena, (struct str){ a->hash, a->hash_size });
	return OK;
}

static enum err
too_slow(struct call *c)
{
	return fail(c->error, ERR_SLOW_DOWN,
	    "Too many commits are waiting: nothing was written");
}

/* Lead as often as nobody else does, until the own unit has its answer. */
static enum err
wait_for_answer(struct committer *m, struct call *c, struct unit_slot *slot)
{
	while (unit_answered(slot) == NULL) {
		if (clock_mono_us() < c->deadline_us &&
		    unit_queue_lead(m->queue)) {
			if (unit_answered(slot) == NULL)
				lead(m, c);
			unit_queue_follow(m->queue);
			continue;
		}
		if (unit_sleep(slot, c->deadline_us))
			continue;
		switch (unit_withdraw(m->queue, slot)) {
		case WITHDRAWN:
			return too_slow(c);
		case TOO_LATE:
			return fail(c->error, ERR_COMMIT_UNKNOWN,
			    "The store did not answer in time: look before "
			    "you try again");
		case IS_ANSWERED:
			break;
		}
	}
	return OK;
}

enum err
committer_apply(
    struct committer *m, struct call *c, int64_t branch, struct unit *unit)
{
	struct unit_label label;
	bool doubtful = false;

	if (m == NULL || !label_unit(branch, unit, &label))
		return submit(c, branch, unit, 1, &doubtful);

	TRY(usage_writes(c)); /* others may apply it from now on */

	struct unit_slot *slot = unit_claim(m->queue, c->deadline_us);

	if (slot == NULL)
		return too_slow(c);
	label.size = unit_pack(unit, unit_bytes(m->queue, slot), UNIT_BYTES);
	if (label.size == 0) {
		unit_free(m->queue, slot);
		return submit(c, branch, unit, 1, &doubtful);
	}
	unit_post(slot, &label);
	TRY(wait_for_answer(m, c, slot));

	enum err err = read_answer(c, unit_answered(slot), unit);

	unit_free(m->queue, slot);
	return err;
}

/* ---- turns */
/* Without a committer nobody has to wait. */
static bool
take_turn(
    struct committer *m, const struct call *c, uint64_t hash, struct turn **ret)
{
	*ret = m != NULL ? turn_take(m->turns, hash, c->deadline_us) : NULL;
	return m == NULL || *ret != NULL;
}

enum err
committer_turn(struct committer *m, struct call *c, int64_t branch,
    const struct key *key, struct turn **ret)
{
	return take_turn(m, c, hash_key(branch, key), ret) ? OK : too_slow(c);
}

/* Hashes of keys are even. */
enum err
committer_turn_of_id(
    struct committer *m, struct call *c, struct id id, struct turn **ret)
{
	uint64_t hash = hash_bytes(HASH_START, id.b, sizeof(id.b)) | 1;

	if (take_turn(m, c, hash, ret))
		return OK;
	return fail(c->error, ERR_SLOW_DOWN,
	    "The first request with this Idempotency-Key is still at work: "
	    "try again later");
}

void
committer_turn_end(struct committer *m, struct turn *turn)
{
	if (turn != NULL)
		turn_drop(m->turns, turn);
}
