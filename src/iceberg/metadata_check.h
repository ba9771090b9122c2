/* metadata_check.h - checks that the parts of table metadata fit each other. */
#ifndef PANGOLIN_METADATA_CHECK_H
#define PANGOLIN_METADATA_CHECK_H

#include "iceberg/metadata.h"

/* Checks what the reference implementation's reader insists on: refs and logs
 * fit the snapshots, sequence numbers and times run forward, the current
 * schema, spec and order exist.  ERR_VALIDATION. */
MUST_CHECK enum err metadata_check(const struct metadata *, struct error *);

/* The same, and that every schema, spec and order is well formed and no member
 * is given twice: for files that other programs wrote. */
MUST_CHECK enum err metadata_check_all(const struct metadata *, struct error *);

/* The default spec and order bind to the current schema: a column in use
 * cannot be dropped.  ERR_VALIDATION. */
MUST_CHECK enum err metadata_check_layout(
    const struct metadata *, struct error *);

#endif
