#include "catalog/chain_list.h"

#include <stdlib.h>

#include "calls/store_call.h"

/* A version, and how near its link is. */
struct found {
	const struct version *version;
	size_t link;
};

static int
by_name_and_link(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = str_cmp(x->version->key.name, y->version->key.name);

	if (order != 0)
		return order;
	return x->link < y->link ? -1 : x->link > y->link;
}

static size_t
link_of(struct chain chain, const struct version *v)
{
	size_t i = 0;

	while (i < chain.count && chain.link[i].branch != v->at.branch)
		i++;
	return i;
}

/*
 * A link that was asked for `limit` versions may have more behind the last of
 * them: the smallest of these names is where the page ends.  ptr NULL:
 * all links have told all.
 */
static struct str
bound_of(struct arena *a, struct chain chain, const struct found *found,
    size_t count, uint32_t limit)
{
	size_t *told = ARENA_NEW(a, size_t, chain.count);
	struct str bound = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct str name = found[i].version->key.name;

		/* in order: the limit's is the last of its link */
		if (++told[found[i].link] == limit && bound.ptr == NULL)
			bound = name;
	}
	return bound;
}

static void
merge(struct arena *a, struct found *found, size_t count, struct str bound,
    struct versions *ret)
{
	struct version *at = ARENA_NEW(a, struct version, count);
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		const struct version *v = found[i].version;

		if (bound.ptr != NULL && str_cmp(v->key.name, bound) > 0)
			break;
		if (n == 0 || !str_eq(at[n - 1].key.name, v->key.name))
			at[n++] = *v;
	}
	ret->at = at;
	ret->count = n;
}

enum err
chain_list(struct call *c, struct chain chain, struct key after, uint32_t limit,
    struct versions *ret)
{
	struct versions all;

	TRY(store_list(c, chain, after, limit, &all));
	if (chain.count > 1) {
		struct found *found =
		    ARENA_NEW(c->arena, struct found, all.count);

		for (size_t i = 0; i < all.count; i++) {
			found[i] = (struct found){ &all.at[i],
				link_of(chain, &all.at[i]) };
			if (found[i].link == chain.count)
				return fail(c->error, ERR_INTERNAL,
				    "The store lists another branch's names");
		}
		if (all.count != 0)
			qsort(
			    found, all.count, sizeof(*found), by_name_and_link);
		merge(c->arena, found, all.count,
		    all.more
			? bound_of(c->arena, chain, found, all.count, limit)
			: (struct str){ 0 },
		    &all);
	}
	*ret = all;
	return OK;
}
