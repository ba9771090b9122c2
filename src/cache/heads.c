/*
 * heads.c - polls without a lock; a watermark's lock is held only while keys
 * are evicted and the position moves.
 */
#include "cache/heads.h"

#include "base/clock.h"
#include "calls/store_call.h"

/* How long a poll waits for the lock of a log: its owner does nothing that
 * waits. */
#define LOCK_WAIT_US (100 * CLOCK_MS)

/* How often another poll may advance a watermark while this one evicts. */
#define TRIES 16

struct asking {
	const struct heads *heads;
	struct call *call;
	int64_t begun_ns;
};

static enum err
busy(const struct asking *a)
{
	return fail(a->call->error,
	    a->call->nowait ? ERR_WOULD_BLOCK : ERR_UNAVAILABLE,
	    "Another thread changes the cached entries of a log");
}

/* The keys that changed between the watermark and the head; ret->more: there
 * are too many to evict one by one. */
static enum err
changed_keys(struct asking *a, const struct watermark *mark, int64_t head,
    struct versions *ret)
{
	struct point above = { mark->log, mark->known };

	*ret = (struct versions){ 0 };
	if (mark->known == WATERMARK_UNKNOWN || mark->known >= head)
		return OK;
	return store_changes(a->call, above, head, HEAD_CHANGES_MAX, ret);
}

/* False in *ret: another poll has moved the watermark, and `io` is as it is
 * now. */
static enum err
move_up(struct asking *a, struct watermark *io, int64_t head, bool *ret)
{
	struct watermarks *watermarks = a->heads->watermarks;
	struct versions changed;

	TRY(changed_keys(a, io, head, &changed));

	enum watermark_state hold =
	    watermark_hold(watermarks, io, a->call->nowait ? 0 : LOCK_WAIT_US);

	if (hold == WATERMARK_BUSY)
		return busy(a);
	*ret = hold == WATERMARK_HELD;
	if (!*ret)
		return OK;
	if (changed.more)
		watermark_renew(watermarks, io);
	for (size_t i = 0; i < changed.count && !changed.more; i++)
		a->heads->forget(a->heads->arg, io, &changed.at[i].key);
	watermark_advance(
	    watermarks, io, head > io->known ? head : io->known, a->begun_ns);
	watermark_release(watermarks, io);
	return OK;
}

static enum err
catch_up(struct asking *a, const struct watermark *seen, int64_t head)
{
	struct watermark mark = *seen;
	bool done = false;

	for (int i = 0; i < TRIES; i++) {
		TRY(move_up(a, &mark, head, &done));
		if (done || !watermark_look(a->heads->watermarks, &mark))
			return OK;
	}
	return busy(a);
}

enum err
heads_poll(const struct heads *t, struct call *c)
{
	struct asking a = { t, c, clock_mono_ns() };
	size_t room = watermarks_count(t->watermarks);
	struct watermark *mark = ARENA_NEW(c->arena, struct watermark, room);
	size_t count = watermarks_active(t->watermarks, mark, room);
	struct point *at = ARENA_NEW(c->arena, struct point, count);

	if (count == 0)
		return OK;
	for (size_t i = 0; i < count; i++)
		at[i].branch = mark[i].log;
	TRY(store_heads(c, at, count));
	for (size_t i = 0; i < count; i++)
		TRY(catch_up(&a, &mark[i], at[i].seq));
	watermarks_polled(t->watermarks, a.begun_ns);
	return OK;
}
