#include "versions/diff.h"

#include <inttypes.h>

#include "base/buf.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "versions/commits.h"
#include "versions/segments.h"

#define CHUNK 500                /* versions that are looked at together */
#define VERSIONS_LOOKED_AT 20000 /* of one page */

/* ---- which of the changes tells of its key */
struct chunk {
	struct call *call;
	const struct segments *segments;
	size_t segment;
	const struct version *at; /* of versions that are shown */
	struct key *keys;
	bool *told; /* is it told here? */
	size_t count;
};

/* It is told where it was changed last in the first segment that has it. */
static enum err
ask_segment(struct chunk *k, size_t segment)
{
	const struct segment *s = &k->segments->at[segment];
	const struct chain own = { &s->upto, 1 };
	struct version *newest =
	    ARENA_NEW(k->call->arena, struct version, k->count);

	TRY(store_read(k->call, own, k->keys, k->count, newest));
	for (size_t i = 0; i < k->count; i++) {
		const struct version *v = &newest[i];

		if (segment == k->segment)
			k->told[i] &= v->at.seq == k->at[i].at.seq;
		else
			k->told[i] &= v->kind == 0 || v->at.seq <= s->above;
	}
	return OK;
}

static enum err
ask_segments(struct chunk *k)
{
	k->keys = ARENA_NEW(k->call->arena, struct key, k->count + 1);
	k->told = ARENA_NEW(k->call->arena, bool, k->count + 1);
	for (size_t i = 0; i < k->count; i++) {
		k->keys[i] = k->at[i].key;
		k->told[i] = version_is_shown(&k->at[i]);
	}
	for (size_t s = 0; s <= k->segment && k->count != 0; s++)
		TRY(ask_segment(k, s));
	return OK;
}

static bool
is_same(const struct version *a, const struct version *b)
{
	if (!version_is_live(a) || !version_is_live(b))
		return version_is_live(a) == version_is_live(b);
	if (a->origin.branch == b->origin.branch &&
	    a->origin.seq == b->origin.seq)
		return true;
	if (a->kind == KIND_NAMESPACE) /* made anew is the same */
		return b->kind == KIND_NAMESPACE && str_eq(a->body, b->body);
	return a->kind == b->kind && id_eq(a->object, b->object) &&
	       str_eq(a->location, b->location);
}

/* Takes what differs, in log order.  Returns how many of the chunk were looked
 * at: all, unless the page was full before. */
static enum err
compare(struct chunk *k, const struct diff *d, size_t limit,
    struct differences *io, size_t *ret_looked_at)
{
	struct arena *a = k->call->arena;
	struct version *from = ARENA_NEW(a, struct version, k->count + 1);
	struct version *to = ARENA_NEW(a, struct version, k->count + 1);
	size_t i = 0;

	*ret_looked_at = 0;
	if (k->count == 0)
		return OK;
	TRY(store_read(k->call, d->from, k->keys, k->count, from));
	TRY(store_read(k->call, d->to, k->keys, k->count, to));
	for (; i < k->count && io->count < limit; i++)
		if (k->told[i] && !is_same(&from[i], &to[i]))
			io->at[io->count++] =
			    (struct difference){ from[i], to[i] };
	*ret_looked_at = i;
	return OK;
}

/* ---- pages */
/* Behind `done` versions of what was read. */
static void
go_on(struct diff *io, const struct versions *some, size_t done)
{
	size_t first = done;

	if (done == some->count) {
		io->skip = 0;
		if (some->more)
			io->seq = some->at[done - 1].at.seq + 1;
		else
			*io = (struct diff){ io->from, io->to, io->segment + 1,
				-1, 0, false };
		return;
	}
	while (
	    first != 0 && some->at[first - 1].at.seq == some->at[done].at.seq)
		first--;
	io->seq = some->at[done].at.seq;
	io->skip = done - first;
}

/* A commit that is larger than a chunk is read once. */
static enum err
take_some(struct call *c, const struct segments *all, struct diff *io,
    size_t limit, struct differences *into, size_t *io_budget)
{
	const struct segment *s = &all->at[io->segment];
	struct chunk k = { .call = c, .segments = all, .segment = io->segment };
	struct point above = { s->upto.branch,
		io->seq < 0 ? s->above : io->seq - 1 };
	struct versions some;
	size_t done, looked_at;

	TRY(store_changes(c, above, s->upto.seq, CHUNK, &some));
	done = io->skip;
	if (done > some.count)
		done = some.count; /* pruned meanwhile */
	do {
		k.at = some.at + done;
		k.count = some.count - done;
		if (k.count > CHUNK)
			k.count = CHUNK;
		TRY(ask_segments(&k));
		TRY(compare(&k, io, limit, into, &looked_at));
		*io_budget -= looked_at < *io_budget ? looked_at : *io_budget;
		done += looked_at;
		TRY(arena_check(c->arena, c->error));
	} while (done < some.count && into->count < limit && *io_budget != 0);
	go_on(io, &some, done);
	return OK;
}

enum err
diff_next(
    struct call *c, struct diff *io, int64_t limit, struct differences *ret)
{
	struct differences found = {
		.at = ARENA_NEW(c->arena, struct difference, (size_t)limit + 1)
	};
	const struct segments all = segments_between(io->from, io->to);
	size_t budget = VERSIONS_LOOKED_AT;
	struct diff d = *io;

	while (
	    d.segment < all.count && found.count < (size_t)limit && budget != 0)
		TRY(take_some(c, &all, &d, (size_t)limit, &found, &budget));
	d.ended = d.segment >= all.count;
	*io = d;
	*ret = found;
	return OK;
}

static enum err
pin(struct call *c, struct point *io)
{
	if (io->seq != SEQ_HEAD)
		return OK;
	return store_heads(c, io, 1);
}

enum err
diff_begin(struct call *c, const struct catalog *catalog, struct point from,
    struct point to, struct diff *ret)
{
	struct diff d = { .seq = -1 };

	TRY(pin(c, &from));
	TRY(pin(c, &to));
	TRY(chain_of(c, catalog, from, &d.from));
	TRY(chain_of(c, catalog, to, &d.to));
	*ret = d;
	return OK;
}

/* ---- tokens */
static void
write_chain(struct buf *b, struct chain chain)
{
	buf_printf(b, "%zu", chain.count);
	for (size_t i = 0; i < chain.count; i++)
		buf_printf(b, " %" PRId64 " %" PRId64, chain.link[i].branch,
		    chain.link[i].seq);
	buf_add_char(b, ' ');
}

struct str
diff_write(struct arena *a, const struct diff *d)
{
	struct buf b = buf_in(a);

	write_chain(&b, d->from);
	write_chain(&b, d->to);
	buf_printf(&b, "%zu %" PRId64 " %zu", d->segment, d->seq, d->skip);
	return buf_str(&b);
}

static bool
read_size(struct str *rest, size_t most, size_t *ret)
{
	int64_t n;

	if (!str_to_int(str_cut(rest, ' '), &n) || n < 0 || (uint64_t)n > most)
		return false;
	*ret = (size_t)n;
	return true;
}

static bool
read_chain(struct arena *a, struct str *rest, struct chain *ret)
{
	struct point *link = ARENA_NEW(a, struct point, CHAIN_LINKS_MAX);

	if (!read_size(rest, CHAIN_LINKS_MAX, &ret->count))
		return false;
	ret->link = link;
	for (size_t i = 0; i < ret->count; i++)
		if (!str_to_int(str_cut(rest, ' '), &link[i].branch) ||
		    !str_to_int(str_cut(rest, ' '), &link[i].seq))
			return false;
	return true;
}

bool
diff_read(struct arena *a, struct str text, struct diff *ret)
{
	*ret = (struct diff){ 0 };
	return read_chain(a, &text, &ret->from) &&
	       read_chain(a, &text, &ret->to) &&
	       read_size(&text, SEGMENTS_MAX, &ret->segment) &&
	       str_to_int(str_cut(&text, ' '), &ret->seq) &&
	       read_size(&text, SIZE_MAX / 2, &ret->skip);
}
