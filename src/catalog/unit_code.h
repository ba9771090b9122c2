/*
 * unit_code.h - encodes a unit as bytes for another process of this machine.
 *
 * Of a row that is written the key goes along and the fields that are set; a
 * purge has no row, and is not encoded.
 */
#ifndef PANGOLIN_UNIT_CODE_H
#define PANGOLIN_UNIT_CODE_H

#include "plugin/store.h"

/* Encodes a unit; returns the bytes used, 0: there is not room enough. */
size_t unit_pack(const struct unit *, char *bytes, size_t room);

/* Decodes the unit: texts point into `bytes`, the rest is in the arena.  False:
 * the bytes are none of unit_pack(). */
MUST_CHECK bool unit_unpack(
    struct arena *, const char *bytes, size_t size, struct unit *ret);

#endif
