/* clock.h - wall-clock time, monotonic time, and RFC 3339 text. */
#ifndef PANGOLIN_CLOCK_H
#define PANGOLIN_CLOCK_H

#include "base/str.h"

#define CLOCK_MS ((int64_t)1000)
#define CLOCK_SECOND ((int64_t)1000000)

int64_t clock_now_us(void);  /* since 1970, UTC; may step */
int64_t clock_mono_us(void); /* since boot; never steps: for deadlines */
int64_t clock_mono_ns(void); /* the same, to tell what came first */

/* "2026-11-01T10:00:00.123456Z" (RFC 3339); `ret` has CLOCK_TEXT bytes. */
#define CLOCK_TEXT 32
void clock_format(int64_t utc_us, char ret[CLOCK_TEXT]);

/* Parses any form of RFC 3339: other offsets, any number of digits behind the
 * point (cut after the sixth).  False for anything else, and outside the years
 * 0 to 9999 of UTC. */
bool clock_parse(struct str, int64_t *ret_utc_us);

#endif
