/*
 * plan.h - plans scans of tables: reads and caches the files that
 * iceberg/scan_plan.h asks for.
 *
 * All these files are immutable: the metadata file of the plan, its manifest
 * lists, their manifests.  So a plan follows from that file and the request,
 * and any worker of any node can do any part of it at any time.  Lists and
 * manifests are read only where the catalog's tables may be.
 *
 * Nothing is planned on the event loop, where plan_open() says ERR_WOULD_BLOCK:
 * a few bytes of a manifest may ask for seconds of work.
 */
#ifndef PANGOLIN_PLAN_H
#define PANGOLIN_PLAN_H

#include "catalog/branch.h"
#include "iceberg/scan_plan.h"

struct plan {
	struct call *call;
	const struct branch *branch;
	struct metadata metadata;
	struct work_budget budget; /* of the whole plan */
	size_t list_bytes;         /* of the manifest lists that were read */
	struct scan_plan *scan;
};

/* Reads the metadata and the manifest lists.  ERR_BAD_REQUEST names the
 * request's field, or the file that is damaged, too large or outside the
 * catalog's places; ERR_NOT_FOUND a file that is gone; ERR_UNAVAILABLE: the
 * time for the request is over.  `ret` must stay where it is. */
MUST_CHECK enum err plan_open(struct call *, const struct branch *,
    struct str metadata_location, const struct scan_request *,
    struct plan *ret);

/* Reads the manifests of a range and appends scan_plan_write()'s members. */
MUST_CHECK enum err plan_part(struct plan *, struct scan_range, struct buf *);

#endif
