/*
 * plan.h - planning scans of tables: what iceberg/scan_plan.h asks for is
 * read here, and kept.
 *
 * All that is read is immutable: the metadata file that a plan was made from,
 * its manifest lists, their manifests.  So a plan is what that file and the
 * request say, and any worker of any node can do any part of it at any time.
 * Lists and manifests are read only where the catalog's tables may be.
 */
#ifndef PANGOLIN_PLAN_H
#define PANGOLIN_PLAN_H

#include "catalog/branch.h"
#include "iceberg/scan_plan.h"

struct plan {
	struct call *call;
	const struct branch *branch;
	struct metadata metadata;
	struct scan_plan *scan;
};

/* Reads the metadata and the lists.  ERR_BAD_REQUEST names the request's
 * field, or the file that is damaged or elsewhere; ERR_NOT_FOUND one that is
 * gone. */
MUST_CHECK enum err plan_open(struct call *, const struct branch *,
    struct str metadata_location, const struct scan_request *,
    struct plan *ret);

/* Reads the manifests of a range and appends scan_plan_write()'s members. */
MUST_CHECK enum err plan_part(
    const struct plan *, struct scan_range, struct buf *);

#endif
