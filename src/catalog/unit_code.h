/*
 * unit_code.h - encodes a unit as bytes for another process of this machine.
 *
 * Record writes are not encoded: a unit that has some goes to the store alone.
 */
#ifndef PANGOLIN_UNIT_CODE_H
#define PANGOLIN_UNIT_CODE_H

#include "plugin/store.h"

/* Encodes a unit; returns the bytes used, 0: there is not room enough. */
size_t unit_pack(const struct unit *, char *bytes, size_t room);

/* Decodes the unit: texts point into `bytes`, the rest is in the arena. */
struct unit unit_unpack(struct arena *, const char *bytes);

#endif
