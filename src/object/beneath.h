/*
 * beneath.h - opens files only below the directories that the operator named,
 * without following symbolic links.
 *
 * Links are followed in the path of such a directory only; below it (where one
 * is inside another: below the outer one), and in every other path, a link
 * anywhere is ELOOP and nothing leads out (openat2(2), Linux 5.6:
 * RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS).  Paths are
 * absolute, without "." and "..".
 */
#ifndef PANGOLIN_BENEATH_H
#define PANGOLIN_BENEATH_H

#include <unistd.h>

#include "base/error.h"
#include "base/str.h"

/* A descriptor that is closed where its scope ends; -1: none. */
static inline void
close_owned_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define OWNED_FD __attribute__((cleanup(close_owned_fd))) int

#define OPERATOR_DIRS_MAX 192

/* Whether this kernel and sandbox have openat2(); ERR_UNAVAILABLE has the
 * cure. */
MUST_CHECK enum err beneath_supported(struct error *);

/* Called before there are threads: adds a directory that the operator named,
 * which need not exist yet.  Its descriptor is held once it was used.  False:
 * there are OPERATOR_DIRS_MAX, or no memory. */
MUST_CHECK bool beneath_add(struct str path);

/* As open(2), O_CLOEXEC included. */
int beneath_open(const char *path, int flags);

/* One name, or several, in an open directory; close-on-exec as `flags` say. */
int beneath_open_in(int directory, const char *path, int flags);

/* Looks now whether the operator's directory above `path` is another one:
 * moved, or mounted.  Otherwise that is seen within a second. */
void beneath_refresh(const char *path);

/*
 * The directory `path`, open for reading; it and those above it are made,
 * durably, where they are missing.  -1 with errno; *ret_made says whether the
 * last one is new.
 */
int beneath_make_directory(const char *path, bool *ret_made);

/* The directory that a file is in, made if need be; *ret_name: the file's name
 * in it.  The path is shorter than PATH_MAX. */
int beneath_open_parent(const char *path, bool make, const char **ret_name);

#endif
