/* scratch.h - a directory of its own for each test, removed with it. */
#ifndef PANGOLIN_SCRATCH_H
#define PANGOLIN_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static char scratch[64];

static inline void
make_scratch(void)
{
	(void)snprintf(scratch, sizeof(scratch), "/tmp/pangolin-unit.XXXXXX");
	assert_non_null(mkdtemp(scratch));
}

static inline int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
remove_scratch(void)
{
	(void)nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
