/* race.h - writers that run against each other, and what must hold after. */
#ifndef PANGOLIN_RACE_H
#define PANGOLIN_RACE_H

#include "suite.h"

/* Commits `count` units with ids from `first` on, each putting `name`. */
void race_writer(struct fixture *, int64_t branch, uint32_t first,
    uint32_t count, const char *name);

/* The log of a branch is dense and its parent chain unbroken. */
void race_check_log(struct fixture *, int64_t branch, int64_t head);

#endif
