/*
 * amount.h - parses and writes durations and sizes: "10s", "16KiB".
 *
 * An amount is a whole number and a unit.  In memory durations are microseconds
 * and sizes bytes.
 */
#ifndef PANGOLIN_AMOUNT_H
#define PANGOLIN_AMOUNT_H

#include "base/buf.h"
#include "base/clock.h"

#define KIB ((int64_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define MINUTE (60 * CLOCK_SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct amount_unit {
	const char *name;
	int64_t factor;
};

extern const struct amount_unit amount_times[]; /* d h m s ms us */
extern const struct amount_unit amount_sizes[]; /* GiB MiB KiB B */
extern const struct amount_unit amount_plain[]; /* numbers without a unit */

/* "16KiB" or "16 KiB"; false when it is not a number with one of the units,
 * is negative or does not fit. */
bool amount_parse(struct str, const struct amount_unit *, int64_t *ret);

/* In the largest unit that leaves a whole number; n is not negative. */
void amount_add(struct buf *, const struct amount_unit *, int64_t n);

#endif
