/*
 * wrong.c - stores that break one rule each, so that one can see the model find
 * it: model PLUGIN.so --wrong RULE.
 */
#include "model.h"
#include "record/entities.h"

static const struct store_ops *right;
static struct store_ops ops;

/* A position of a parent is the last that its child does not see. */
static struct chain
one_less(struct call *c, struct chain chain)
{
	struct point *link = ARENA_NEW(c->arena, struct point, chain.count);

	for (size_t i = 0; i < chain.count; i++) {
		link[i] = chain.link[i];
		if (i != 0 && link[i].seq > 0)
			link[i].seq--;
	}
	return (struct chain){ link, chain.count };
}

static enum err
read_less(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	return right->read(c, one_less(c, chain), keys, count, ret);
}

/* The base of a merge is where the branches were forked: no merge was made. */
static enum err
scan_no_merges(struct call *c, const struct scan *scan, struct rows *ret)
{
	if (scan->entity != ENTITY_MERGES)
		return right->scan(c, scan, ret);
	*ret = (struct rows){ 0 };
	return OK;
}

static enum err
fold_no_tombstones(struct call *c, struct chain chain, int64_t to,
    struct key *io_after, uint32_t limit)
{
	struct version live[KEYS];
	struct key keys[KEYS];
	struct history history = { .versions = live };

	(void)limit;
	for (int k = 0; k < KEYS; k++)
		keys[k] = key_of(k);
	TRY(right->read(c, chain, keys, KEYS, live));
	for (int k = 0; k < KEYS; k++) {
		if (!version_is_live(&live[k]))
			continue;
		live[k].at = (struct point){ to, 0 };
		live[history.version_count++] = live[k];
	}
	io_after->name = STR("");
	return right->load(c, to, &history);
}

/* The oldest of them is forgotten. */
static enum err
prune_no_pin(struct call *c, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret)
{
	size_t gone = count > 1;

	return right->prune(c, io_above, pins + gone, count - gone, limit, ret);
}

const struct store_ops *
wrong_ops(const struct store_ops *of, const char *rule)
{
	right = of;
	ops = *of;
	if (strcmp(rule, "less") == 0)
		ops.read = read_less;
	else if (strcmp(rule, "fork-is-base") == 0)
		ops.scan = scan_no_merges;
	else if (strcmp(rule, "fold-without-tombstones") == 0)
		ops.fold = fold_no_tombstones;
	else if (strcmp(rule, "prune-without-pin") == 0)
		ops.prune = prune_no_pin;
	else
		return NULL;
	return &ops;
}
