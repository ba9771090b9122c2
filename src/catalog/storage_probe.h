/*
 * storage_probe.h - tries whether a bucket can be used: one object is put,
 * read, listed and deleted below the warehouse's prefix.
 */
#ifndef PANGOLIN_STORAGE_PROBE_H
#define PANGOLIN_STORAGE_PROBE_H

#include "object/s3_client.h"

enum probe_step { PROBE_PUT, PROBE_GET, PROBE_LIST, PROBE_DELETE, PROBE_STEPS };

/* "put", and the right of S3 that it takes, "s3:PutObject". */
const char *probe_step_name(enum probe_step);

struct storage_probe {
	struct probed {
		bool tried, ok;
		struct str why; /* it failed; nothing of the answer's body */
	} step[PROBE_STEPS];
	bool conditional; /* a put with If-None-Match: * keeps what is there */
	bool signed_headers_only; /* a header that was not signed makes no put
				   * a copy */
};

/* Takes ten seconds at most.  A step that fails is in the result; an error is
 * ERR_WOULD_BLOCK, ERR_SLOW_DOWN or one of the settings. */
MUST_CHECK enum err storage_probe_s3(struct call *, const struct s3_settings *,
    struct str prefix, struct storage_probe *ret);

/* The result of a place that was tried as a whole. */
struct storage_probe storage_probe_of(enum err, struct str why);

/* ERR_BAD_REQUEST with the first step that failed, and the right it takes. */
MUST_CHECK enum err storage_probe_check(
    const struct storage_probe *, struct error *);

#endif
