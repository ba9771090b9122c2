/*
 * private_file.h - reads and replaces a small file that only the server's
 * account may read (mode 0600), in a directory that no other account writes in.
 *
 * A replaced file is the old or the new one, whole; after a power cut it may be
 * neither, so it is only for what can be lost.
 */
#ifndef PANGOLIN_PRIVATE_FILE_H
#define PANGOLIN_PRIVATE_FILE_H

#include "base/arena.h"
#include "base/error.h"

/* False with errno. */
MUST_CHECK bool private_file_replace(
    struct str directory, const char *name, struct str text);

/* At most `max` bytes; ptr NULL: there is no such file, or a larger one. */
struct str private_file_read(
    struct arena *, struct str directory, const char *name, size_t max);

#endif
