#include "versions/divergence.h"

#include "versions/knowledge.h"

/* How many commits `one` knows that `other` does not. */
static int64_t
beyond(const struct knowledge *one, const struct knowledge *other)
{
	int64_t sum = 0;

	for (size_t i = 0; i < one->count; i++) {
		int64_t seq = one->at[i]->seq;
		int64_t upto = known_upto(other, one->at[i]->branch);

		if (upto < 0)
			upto = 0;
		if (seq > upto)
			sum += seq - upto;
	}
	return sum;
}

enum err
divergences(struct call *c, const struct catalog *catalog, struct point from,
    const struct ref *refs, const struct branch_head *heads, size_t count,
    struct divergence *ret)
{
	struct lineage lineage = lineage_of(c);
	struct knowledge base, known;
	struct commit_mark mark;

	TRY(point_commit(c, catalog, from, &mark));
	/* merges that wrote nothing may stand before a branch's own commits */
	if (mark.point.branch != from.branch)
		mark.point = (struct point){ from.branch, 0 };
	TRY(knowledge_of(&lineage, mark.point, &base));
	for (size_t i = 0; i < count; i++) {
		const struct point head = { refs[i].id, heads[i].seq };

		TRY(knowledge_of(&lineage, head, &known));
		ret[i].ahead = beyond(&known, &base);
		ret[i].behind = beyond(&base, &known);
	}
	return OK;
}
