/* missing_files.h - metadata files that a store names and that are not there.
 */
#ifndef PANGOLIN_MISSING_FILES_H
#define PANGOLIN_MISSING_FILES_H

#include <stdio.h>

#include "plugin/store.h"

struct files_found {
	int64_t looked, missing;
};

/* Of every table and view the current one on every branch; a line on `out` for
 * each that is missing or cannot be looked at. */
MUST_CHECK enum err missing_files(
    struct call *, FILE *out, struct files_found *ret);

#endif
