/*
 * tails.c - the store is asked without a lock; the lock is held only while keys
 * are forgotten and the position moves.
 */
#include "cache/tails.h"

#include "base/clock.h"
#include "plugin/store_call.h"

/* For the lock of a log: its owner does nothing that waits. */
#define LOCK_WAIT_US (100 * CLOCK_MS)

/* How often a log may move under our hands. */
#define TRIES 16

struct asking {
	const struct tails *tails;
	struct call *call;
	int64_t begun_ns;
};

static enum err
busy(const struct asking *a)
{
	return fail(a->call->error,
	    a->call->nowait ? ERR_WOULD_BLOCK : ERR_UNAVAILABLE,
	    "What is kept of a log is in other hands");
}

/* The keys that moved; more of them than is worth it: `more`. */
static enum err
changed_keys(struct asking *a, const struct log_mark *mark, int64_t tail,
    struct versions *ret)
{
	struct point above = { mark->log, mark->known };

	*ret = (struct versions){ 0 };
	if (mark->known == LOG_UNKNOWN || mark->known >= tail)
		return OK;
	return store_changes(a->call, above, tail, TAIL_CHANGES_MAX, ret);
}

/* False: somebody else has moved it, and `io` is where it is now. */
static enum err
move_up(struct asking *a, struct log_mark *io, int64_t tail, bool *ret)
{
	struct log_marks *marks = a->tails->marks;
	struct versions changed;

	TRY(changed_keys(a, io, tail, &changed));

	enum mark_hold hold =
	    log_mark_hold(marks, io, a->call->nowait ? 0 : LOCK_WAIT_US);

	if (hold == MARK_BUSY)
		return busy(a);
	*ret = hold == MARK_HELD;
	if (!*ret)
		return OK;
	if (changed.more)
		log_mark_renew(marks, io);
	for (size_t i = 0; i < changed.count && !changed.more; i++)
		a->tails->forget(a->tails->arg, io, &changed.at[i].key);
	log_mark_advance(
	    marks, io, tail > io->known ? tail : io->known, a->begun_ns);
	log_mark_release(marks, io);
	return OK;
}

static enum err
catch_up(struct asking *a, const struct log_mark *seen, int64_t tail)
{
	struct log_mark mark = *seen;
	bool done = false;

	for (int i = 0; i < TRIES; i++) {
		TRY(move_up(a, &mark, tail, &done));
		if (done || !log_mark_look(a->tails->marks, &mark))
			return OK;
	}
	return busy(a);
}

enum err
tails_ask(const struct tails *t, struct call *c)
{
	struct asking a = { t, c, clock_mono_ns() };
	size_t room = log_marks_count(t->marks);
	struct log_mark *mark = ARENA_NEW(c->arena, struct log_mark, room);
	size_t count = log_marks_awake(t->marks, mark, room);
	struct point *at = ARENA_NEW(c->arena, struct point, count);

	if (count == 0)
		return OK;
	for (size_t i = 0; i < count; i++)
		at[i].branch = mark[i].log;
	TRY(store_tails(c, at, count));
	for (size_t i = 0; i < count; i++)
		TRY(catch_up(&a, &mark[i], at[i].seq));
	log_marks_asked(t->marks, a.begun_ns);
	return OK;
}
