/*
 * unit_label.h - the label of a unit in the queue of the group commit: hashes
 * of the keys that it puts or expects something of, and of the rows it writes
 * or tests.  Units that share none, or only read it, may go in one batch.
 */
#ifndef PANGOLIN_UNIT_LABEL_H
#define PANGOLIN_UNIT_LABEL_H

#include "plugin/store.h"
#include "shm/unit_queue.h"

/* An even number. */
uint64_t hash_key(int64_t branch, const struct key *);

/* All but the size and the deadline.  False: the unit has to travel alone. */
MUST_CHECK bool label_unit(
    int64_t branch, const struct unit *, struct unit_label *ret);

#endif
