/* verify.h - checks all of a shard, for tests and for operators. */
#ifndef PANGOLIN_VERIFY_H
#define PANGOLIN_VERIFY_H

#include "memory.h"

/* Looks at every block, list, bucket and byte, and at what is counted. */
MUST_CHECK enum err shard_verify(
    struct memory *, struct shard *, struct error *);

#endif
