#include "versions/fold.h"

#include "base/fault.h"
#include "calls/store_call.h"
#include "record/control.h"
#include "versions/branches.h"

#define STEP_KEYS 1000

/* Two folds of one branch at once move the same link to the same place: losing
 * that race is no failure. */
static enum err
move_link(struct call *c, const struct catalog *catalog, const struct ref *r,
    struct point to)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;
	struct update u = ref_update(&b, r, (struct str){ 0 },
	    (struct test){ REF_PARENT, TEST_EQ, value_int(r->parent.branch) });

	update_set(u, REF_PARENT, value_int(to.branch));
	update_set(u, REF_PARENT_SEQ, value_int(to.seq));
	FAULT_POINT("before_link");
	return control_apply(&b, catalog->tenant, &verdict, &failed);
}

enum err
fold_branch(struct call *c, const struct catalog *catalog, int64_t branch,
    int steps, struct key *io_after, bool *ret_done)
{
	struct chain chain, near;
	struct ref ref;

	TRY(ref_get_by_id(c, catalog, branch, &ref));
	TRY(chain_of(c, catalog, (struct point){ branch, SEQ_HEAD }, &chain));
	*ret_done = chain.count <= CHAIN_LINKS_WANTED;
	if (*ret_done)
		return OK;
	/* behind the branch itself, those that become its base image */
	near =
	    (struct chain){ chain.link + 1, chain.count - CHAIN_LINKS_WANTED };
	do {
		if (steps-- == 0)
			return OK;
		TRY(store_fold(c, near, branch, io_after, STEP_KEYS));
		FAULT_POINT("folded_some");
	} while (io_after->name.len != 0);
	*ret_done = true;
	return move_link(c, catalog, &ref, chain.link[1 + near.count]);
}
