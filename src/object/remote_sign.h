/*
 * remote_sign.h - signs requests of clients that have no credentials, for one
 * table's directories ("remote signing" of the Iceberg REST specification).
 */
#ifndef PANGOLIN_REMOTE_SIGN_H
#define PANGOLIN_REMOTE_SIGN_H

#include "object/remote_request.h"

struct remote_grant {
	const struct str *prefixes; /* of keys, "sales/orders-1f/" */
	size_t count;
	bool may_write, may_delete;
};

/* The headers to send beside those of the request: Authorization, x-amz-date,
 * x-amz-content-sha256, and x-amz-security-token where there is one.  They
 * replace headers of these names.  Errors as of remote_request_read();
 * ERR_FORBIDDEN when the grant does not cover the request. */
MUST_CHECK enum err remote_sign(struct arena *, const struct s3_settings *,
    const struct remote_grant *, const struct remote_request *, int64_t at_us,
    struct pairs *ret, struct error *);

/* Whether a client may keep such an answer for as long as it holds: requests
 * to read are the same each time (Cache-Control of signRequest). */
bool remote_may_be_kept(const struct remote_request *);

#endif
