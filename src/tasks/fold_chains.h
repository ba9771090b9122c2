/*
 * fold_chains.h - the task `fold`: folds the branches of a catalog whose chains
 * are too long.
 */
#ifndef PANGOLIN_FOLD_CHAINS_H
#define PANGOLIN_FOLD_CHAINS_H

#include "tasks/work.h"

MUST_CHECK enum err fold_chains(struct work *);

#endif
