/*
 * near.h - directories whose files the event loop may look at.
 *
 * A file on a disk of this machine is opened and read within microseconds; one
 * on a network may hang its reader for ever.  Whoever reads on a thread learns
 * which it is, for all files of the directory; the loop only asks.
 */
#ifndef PANGOLIN_NEAR_H
#define PANGOLIN_NEAR_H

#include "base/clock.h"

/* There is, or was just now, a file at `path`. */
void near_learn(const char *path);

/* Never waits; false when in doubt. */
bool near_knows(const char *path);

/* A file that was there is taken to be there for NEAR_SEEN_US: under load the
 * same one is looked at for each request. */
#define NEAR_SEEN_US (10 * CLOCK_MS)
void near_saw(const char *path, int64_t now_us);
bool near_has_seen(const char *path, int64_t now_us);

#endif
