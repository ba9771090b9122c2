/*
 * fold.h - folds long chains: what the nearest links of a branch changed
 * becomes its base image, and its read link moves to the link behind them.
 */
#ifndef PANGOLIN_FOLD_H
#define PANGOLIN_FOLD_H

#include "versions/ref_units.h"

/*
 * Folds a branch whose chain has more than CHAIN_LINKS_WANTED links, at most
 * `steps` steps of some keys each, behind *io_after (an empty name: from the
 * first).  *ret_done: its chain is short now; else call it again with the
 * key.  What the branch read before stays right, so reads and writes go on
 * meanwhile, and it may be begun anew at any time.
 */
MUST_CHECK enum err fold_branch(struct call *, const struct catalog *,
    int64_t branch, int steps, struct key *io_after, bool *ret_done);

#endif
