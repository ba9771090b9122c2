/*
 * decimal.h - exact decimals (Iceberg table spec, "Primitive Types": decimal(P,
 * S), P <= 38).
 *
 * A decimal is its unscaled value; the scale belongs to its type.
 */
#ifndef PANGOLIN_DECIMAL_H
#define PANGOLIN_DECIMAL_H

#include "base/buf.h"

#define DECIMAL_DIGITS 38

__extension__ typedef __int128 int128; /* holds any decimal(38, s) */

/* A number rounded down: it is `n`, or with `more` above it by less than 1.
 * What needs more than 38 digits is DECIMAL_BEYOND, or less than -it. */
struct rounded {
	int128 n;
	bool more;
};

/* 10^power, 0 to 38. */
int128 decimal_power(int power);
#define DECIMAL_BEYOND decimal_power(DECIMAL_DIGITS)

/* "-12.50", "2E+20": times 10^scale.  False: not a number. */
bool decimal_parse(struct str, int32_t scale, struct rounded *ret);

/* The number with `scale` digits behind the point. */
void decimal_write(struct buf *, int128 n, int32_t scale);

/* Two's complement, big-endian.  At least one byte; false: needs more than 38
 * digits. */
bool decimal_from_bytes(struct str bytes, int128 *ret);

/* The same back in as few bytes as will do; at most DECIMAL_BYTES. */
#define DECIMAL_BYTES 16
size_t decimal_to_bytes(int128 n, char ret[DECIMAL_BYTES]);

#endif
