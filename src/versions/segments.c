#include "versions/segments.h"

static void
add_links(struct segments *s, struct chain chain, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s->at[s->count++] = (struct segment){ chain.link[i], -1 };
}

/* The first branch that both chains read; behind it both read the same. */
static bool
find_common(struct chain a, struct chain b, size_t *ret_a, size_t *ret_b)
{
	for (*ret_a = 0; *ret_a < a.count; ++*ret_a)
		for (*ret_b = 0; *ret_b < b.count; ++*ret_b)
			if (a.link[*ret_a].branch == b.link[*ret_b].branch)
				return true;
	return false;
}

struct segments
segments_between(struct chain from, struct chain to)
{
	struct segments s = { .count = 0 };
	size_t i, k;

	if (!find_common(from, to, &i, &k)) {
		add_links(&s, to, to.count);
		add_links(&s, from, from.count);
		return s;
	}

	struct point one = from.link[i], other = to.link[k];
	bool rises = one.seq < other.seq;

	add_links(&s, to, k);
	if (one.seq != other.seq)
		s.at[s.count++] = (struct segment){ rises ? other : one,
			rises ? one.seq : other.seq };
	add_links(&s, from, i);
	return s;
}
