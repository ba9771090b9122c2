#include "versions/merge_reads.h"

#include "versions/merge_steps.h"

static enum err
read_all(struct merge_plan *p, struct merge_reads *ret)
{
	struct call *c = p->call;
	size_t room;

	*ret = (struct merge_reads){ .is_filled = true,
		.purged_us = p->sides->catalog->purged_us,
		.source = p->sides->source,
		.target = p->sides->target,
		.target_knows = p->target_knows,
		.keys = key_set_in(c->arena) };
	TRY(changed_keys(c, p->source_chain, &p->target_knows, &ret->keys));
	room = ret->keys.count + 1;
	ret->source_shows = ARENA_NEW(c->arena, struct version, room);
	ret->target_shows = ARENA_NEW(c->arena, struct version, room);
	TRY(read_many(c, p->source_chain, ret->keys.at, ret->keys.count,
	    ret->source_shows));
	return read_many(c, p->target_chain, ret->keys.at, ret->keys.count,
	    ret->target_shows);
}

/* ---- a later try */
/* The source is where it was, and the target has learned of nothing but its
 * own commits: so the keys are the same. */
static bool
is_later(const struct merge_plan *p, const struct merge_reads *before)
{
	const struct point source = p->sides->source;
	const struct point target = p->sides->target;
	const struct knowledge *knew = &before->target_knows;

	if (!before->is_filled ||
	    before->purged_us != p->sides->catalog->purged_us ||
	    before->source.branch != source.branch ||
	    before->source.seq != source.seq ||
	    before->target.branch != target.branch ||
	    before->target.seq > target.seq ||
	    knew->count != p->target_knows.count)
		return false;
	for (size_t i = 0; i < knew->count; i++)
		if (knew->at[i]->branch != target.branch &&
		    knew->at[i]->seq !=
			known_upto(&p->target_knows, knew->at[i]->branch))
			return false;
	return true;
}

static enum err
take_key(void *arg, const struct version *v)
{
	(void)key_set_add(arg, v->key);
	return OK;
}

/* Reads the keys that the target has changed since. */
static enum err
read_moved(struct merge_plan *p, struct merge_reads *io, struct point since)
{
	struct call *c = p->call;
	struct point now = p->sides->target;
	struct knowledge known = { 0 };
	struct key_set moved = key_set_in(c->arena);
	struct key *keys = ARENA_NEW(c->arena, struct key, io->keys.count + 1);
	size_t *at = ARENA_NEW(c->arena, size_t, io->keys.count + 1);
	struct version *read;
	size_t count = 0;

	*int_map_slot(&known.map, since.branch, c->arena) = &since;
	TRY(changed_each(
	    c, (struct chain){ &now, 1 }, &known, take_key, &moved));
	for (size_t i = 0; i < io->keys.count && moved.count != 0; i++)
		if (str_map_find(&moved.map,
			key_text(c->arena, io->keys.at[i])) != NULL) {
			keys[count] = io->keys.at[i];
			at[count++] = i;
		}
	read = ARENA_NEW(c->arena, struct version, count + 1);
	TRY(read_many(c, p->target_chain, keys, count, read));
	for (size_t i = 0; i < count; i++)
		io->target_shows[at[i]] = read[i];
	return arena_check(c->arena, c->error);
}

/* The earlier reads stay as they are: what this try allocates does not last. */
static enum err
read_again(struct merge_plan *p, const struct merge_reads *before,
    struct merge_reads *ret)
{
	size_t count = before->keys.count;

	*ret = *before;
	ret->target_shows =
	    ARENA_NEW(p->call->arena, struct version, count + 1);
	memcpy(ret->target_shows, before->target_shows,
	    count * sizeof(*ret->target_shows));
	return read_moved(p, ret, before->target);
}

enum err
merge_reads_make(struct merge_plan *p, struct merge_reads *ret)
{
	struct merge_reads *before = p->sides->reads;

	if (before != NULL && is_later(p, before))
		return read_again(p, before, ret);
	TRY(read_all(p, ret));
	if (before != NULL && !before->is_filled)
		*before = *ret;
	return OK;
}
