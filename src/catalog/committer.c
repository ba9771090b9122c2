/*
 * committer.c - leads a batch of units, and waits for one's own unit.
 *
 * Units whose fate is unknown stay in the queue, and the next leader submits
 * them again.  So do units that a silent leader may still submit, unless they
 * are applied: that leader is fenced off the memory that workers share, but not
 * off the store.
 */
#include "catalog/committer.h"

#include "base/clock.h"
#include "base/hash.h"
#include "calls/bulkheads.h"
#include "catalog/unit_code.h"
#include "catalog/unit_label.h"
#include "record/submit.h"

struct committer {
	struct unit_queue *queue;
	struct ticket_locks *ticket_locks;
};

/* The store answers a group so long before the first of its members gives up:
 * an owner that gives up a unit that a leader holds does not know its fate. */
#define ANSWER_US (20 * CLOCK_MS)

/* A thread that has less time does not lead, and no leader takes its unit: it
 * was not begun when its time is over. */
#define BEGIN_US (50 * CLOCK_MS)

/* Units of one branch that are applied together. */
struct batch_group {
	struct taken_unit *taken;
	struct unit *unit;
	size_t count;
	int64_t branch;
	bool doubtful; /* a lost answer may have been theirs */
	bool zombies;  /* and a deposed leader may submit them yet */
};

/* A leader and its batch. */
struct lead {
	struct committer *committer;
	struct call *call;
	uint64_t token;
};

size_t
committer_size(void)
{
	return sizeof(struct committer) + 64 + unit_queue_size() +
	       ticket_locks_size();
}

struct committer *
committer_new(struct shm *shm, struct slots slots)
{
	struct committer *m = SHM_NEW(shm, struct committer, 1);

	m->queue = unit_queue_new(shm, slots);
	m->ticket_locks = ticket_locks_new(shm, slots);
	return m;
}

void
committer_sweep(struct committer *m)
{
	unit_queue_sweep(m->queue);
	ticket_locks_sweep(m->ticket_locks);
}

struct committer_counts
committer_count(struct committer *m)
{
	return (struct committer_counts){ unit_queue_count(m->queue),
		ticket_locks_count(m->ticket_locks) };
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

/* The time that was over is that of the first member: others may have more, and
 * another leader may use it. */
static bool
has_more_time(const struct call *c, const struct taken_unit *u, enum err err)
{
	return u->deadline_us > c->deadline_us + ANSWER_US &&
	       (err == ERR_SLOW_DOWN || (err == ERR_UNAVAILABLE &&
					    clock_mono_us() >= c->deadline_us));
}

static bool
is_decided(const struct batch_group *g, const struct unit *unit, enum err err)
{
	bool happened = err == OK && (unit->verdict == VERDICT_APPLIED ||
					 unit->verdict == VERDICT_ALREADY);

	return err != ERR_COMMIT_UNKNOWN && (happened || !g->zombies);
}

/* A unit that is not decided stays with the queue as one that was taken: the
 * next leader takes it again. */
static void
settle_one(
    const struct lead *l, const struct batch_group *g, size_t i, enum err err)
{
	struct unit_queue *queue = l->committer->queue;
	const struct taken_unit *u = &g->taken[i];

	if (!is_decided(g, &g->unit[i], err))
		return;
	if (has_more_time(l->call, u, err)) {
		unit_return(queue, l->token, u);
		return;
	}

	struct unit_answer answer = answer_of(err, l->call->error, &g->unit[i]);

	unit_answer(queue, l->token, u, &answer);
}

/* The store refused the group for something that is not a verdict on a unit:
 * one of them may be the cause, and only that one shall fail.  Two in a row
 * that find the store unavailable speak for the rest; on a full disk a smaller
 * one may fit. */
static void
apply_one_by_one(const struct lead *l, struct batch_group *g)
{
	int unavailable = 0;

	for (size_t i = 0; i < g->count; i++) {
		enum err err = ERR_UNAVAILABLE;
		bool doubtful = false;

		if (unavailable < 2)
			err = submit(
			    l->call, g->branch, &g->unit[i], 1, &doubtful);
		unavailable = err == ERR_UNAVAILABLE ? unavailable + 1 : 0;
		settle_one(l, g, i, err);
	}
}

static int64_t
first_deadline(const struct batch_group *g)
{
	int64_t first = g->taken[0].deadline_us;

	for (size_t i = 1; i < g->count; i++)
		if (g->taken[i].deadline_us < first)
			first = g->taken[i].deadline_us;
	return first;
}

static void
apply_group(const struct lead *l, struct batch_group *g)
{
	l->call->deadline_us = first_deadline(g) - ANSWER_US;

	enum err err =
	    submit(l->call, g->branch, g->unit, g->count, &g->doubtful);

	if (err == ERR_COMMIT_UNKNOWN)
		return;
	if (err != OK && err != ERR_SLOW_DOWN && g->count > 1) {
		apply_one_by_one(l, g);
		return;
	}
	for (size_t i = 0; i < g->count; i++)
		settle_one(l, g, i, err);
}

/* Leaves the units in the queue whose time is nearly over, unless they may have
 * been applied already. */
static size_t
leave_the_late(const struct lead *l, struct taken_unit *io, size_t count)
{
	int64_t least = clock_mono_us() + BEGIN_US;
	size_t stay = 0;

	for (size_t i = 0; i < count; i++) {
		if (io[i].deadline_us >= least || io[i].doubtful)
			io[stay++] = io[i];
		else
			unit_return(l->committer->queue, l->token, &io[i]);
	}
	return stay;
}

static void
answer_unreadable(const struct lead *l, const struct taken_unit *u)
{
	const struct unit_answer answer = { .code = ERR_INTERNAL,
		.message = "The commit could not be read by another worker" };

	unit_answer(l->committer->queue, l->token, u, &answer);
}

/* Move the first of `io` and those that go with it to a group.  False: the
 * leader was deposed while it read them. */
static bool
next_group(const struct lead *l, struct taken_unit *io, size_t *io_count,
    struct batch_group *ret)
{
	struct unit_queue *queue = l->committer->queue;
	struct arena *a = l->call->arena;
	struct batch_group g = { .taken =
				     ARENA_NEW(a, struct taken_unit, *io_count),
		.unit = ARENA_NEW(a, struct unit, *io_count),
		.branch = io[0].branch,
		.doubtful = io[0].doubtful };
	size_t stay = 0;

	for (size_t i = 0; i < *io_count; i++) {
		if (io[i].branch != g.branch || io[i].doubtful != g.doubtful) {
			io[stay++] = io[i];
			continue;
		}

		char *bytes = ARENA_NEW(a, char, io[i].size);

		if (!unit_copy(queue, l->token, &io[i], bytes))
			return false;
		if (unit_unpack(a, bytes, io[i].size, &g.unit[g.count]))
			g.taken[g.count++] = io[i];
		else
			answer_unreadable(l, &io[i]);
	}
	g.zombies = g.doubtful && unit_queue_has_zombies(queue);
	*io_count = stay;
	*ret = g;
	return true;
}

static void
lead(struct committer *m, const struct call *own, uint64_t token)
{
	struct taken_unit taken[UNIT_SLOTS];
	size_t count = unit_take(m->queue, token, taken);
	struct arena *a = arena_new();
	struct error error;
	struct call c = { .store = own->store,
		.arena = a,
		.error = &error,
		.deadline_us = own->deadline_us,
		.request = own->request };
	const struct lead l = { m, &c, token };
	struct batch_group g;

	count = leave_the_late(&l, taken, count);
	while (count != 0 && next_group(&l, taken, &count, &g))
		if (g.count != 0)
			apply_group(&l, &g);
	arena_free(a);
}

/* ---- the owner of a unit */
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

#define TOO_MANY "Too many commits are waiting: nothing was written"

static enum err
too_slow(struct call *c)
{
	return fail(c->error, ERR_SLOW_DOWN, TOO_MANY);
}

static enum err
give_up(struct committer *m, struct call *c, struct unit_slot *slot)
{
	switch (unit_withdraw(m->queue, slot)) {
	case WITHDRAWN:
		return too_slow(c);
	case TOO_LATE:
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store did not answer in time: look before you try "
		    "again");
	case IS_ANSWERED:
		break;
	}
	return OK;
}

/* Leads whenever nobody else does, until the own unit has its answer.  A thread
 * that has led and knows no more of it waits a moment. */
static enum err
wait_for_answer(struct committer *m, struct call *c, struct unit_slot *slot)
{
	bool waited = false;

	while (unit_answered(slot) == NULL) {
		uint64_t token = 0;

		if (clock_mono_us() + BEGIN_US < c->deadline_us)
			token = unit_queue_lead(m->queue, waited);
		if (token != 0) {
			if (unit_answered(slot) == NULL)
				lead(m, c, token);
			unit_queue_follow(m->queue, token);
			if (unit_waits(slot))
				continue;
		}
		waited = unit_sleep(slot, c->deadline_us);
		if (!waited)
			return give_up(m, c, slot);
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

	TRY(arena_check(c->arena, c->error));
	TRY(usage_writes(c)); /* others may apply it from now on */

	struct unit_slot *slot = unit_claim(m->queue, c->deadline_us);

	if (slot == NULL)
		return too_slow(c);
	label.deadline_us = c->deadline_us;
	label.size = unit_pack(unit, unit_bytes(m->queue, slot), UNIT_BYTES);
	if (label.size == 0) {
		unit_free(m->queue, slot);
		return submit(c, branch, unit, 1, &doubtful);
	}

	bool submitted = c->usage != NULL && c->usage->submitted;

	if (c->usage != NULL)
		c->usage->submitted = true;
	unit_post(slot, &label);
	TRY(wait_for_answer(m, c, slot));

	enum err err = read_answer(c, unit_answered(slot), unit);

	unit_free(m->queue, slot);
	if (err == OK)
		usage_judged(c, submitted, unit, 1);
	return err;
}

/* ---- turns */
/* Without a committer there is no lock.  A request that waits for it does so in
 * a bulkhead: a key that all requests want gets no more than its share of the
 * permits of writes. */
static enum err
take_ticket(struct committer *m, struct call *c, uint64_t hash,
    const char *late, struct ticket **ret)
{
	*ret = m != NULL ? ticket_try(m->ticket_locks, hash) : NULL;
	if (m == NULL || *ret != NULL)
		return OK;
	TRY(bulkhead_enter(c, BULKHEAD_TICKET));
	*ret = ticket_take(m->ticket_locks, hash, c->deadline_us);
	(void)bulkhead_leave(c, BULKHEAD_TICKET, OK);
	return *ret != NULL ? OK : fail(c->error, ERR_SLOW_DOWN, "%s", late);
}

enum err
committer_take_ticket(struct committer *m, struct call *c, int64_t branch,
    const struct key *key, struct ticket **ret)
{
	return take_ticket(m, c, hash_key(branch, key), TOO_MANY, ret);
}

/* Hashes of keys are even. */
enum err
committer_take_ticket_of_id(
    struct committer *m, struct call *c, struct id id, struct ticket **ret)
{
	uint64_t hash = hash_add(HASH_START, id.b, sizeof(id.b)) | 1;

	return take_ticket(m, c, hash,
	    "The first request with this Idempotency-Key is still at work: "
	    "try again later",
	    ret);
}

void
committer_drop_ticket(struct committer *m, struct ticket *ticket)
{
	if (ticket != NULL)
		ticket_drop(m->ticket_locks, ticket);
}
