/*
 * local_file.h - knows the directories whose files the event loop may open.
 *
 * A file on a disk of this machine is opened and read within microseconds; one
 * on a network may hang its reader for ever.  A thread that reads a file learns
 * which it is, for all files of the directory; the loop only asks.
 */
#ifndef PANGOLIN_LOCAL_FILE_H
#define PANGOLIN_LOCAL_FILE_H

#include "base/clock.h"

/* Learns from an open file: `fd` is the file at `path`. */
void local_file_learn(const char *path, int fd);

/* Never waits; false when in doubt. */
bool local_file_knows(const char *path);

/* A file that existed is taken to exist for LOCAL_FILE_SEEN_US: under load the
 * same one is looked at for each request. */
#define LOCAL_FILE_SEEN_US (10 * CLOCK_MS)
void local_file_saw(const char *path, int64_t now_us);
bool local_file_was_seen(const char *path, int64_t now_us);

#endif
