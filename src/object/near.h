/*
 * near.h - directories whose files the event loop may look at.
 *
 * A file on a disk of this machine is opened and read within microseconds; one
 * on a network may hang its reader for ever.  Whoever reads on a thread learns
 * which it is, for all files of the directory; the loop only asks.
 */
#ifndef PANGOLIN_NEAR_H
#define PANGOLIN_NEAR_H

#include <stdbool.h>

/* There is, or was just now, a file at `path`. */
void near_learn(const char *path);

/* Never waits; false when in doubt. */
bool near_knows(const char *path);

#endif
