/*
 * unit_code.h - a unit as bytes that another process of this machine reads.
 *
 * Record writes are not among them: a unit that has some travels alone.
 */
#ifndef PANGOLIN_UNIT_CODE_H
#define PANGOLIN_UNIT_CODE_H

#include "plugin/store.h"

/* The bytes used; 0: there is not room enough. */
size_t unit_pack(const struct unit *, char *bytes, size_t room);

/* The unit again: texts point into `bytes`, the rest is in the arena. */
struct unit unit_unpack(struct arena *, const char *bytes);

#endif
