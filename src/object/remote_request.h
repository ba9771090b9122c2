/*
 * remote_request.h - what a request to S3 would do that a client has prepared
 * and wants to be signed (Iceberg REST, signRequest: "remote signing").
 *
 * The client will send exactly these bytes, so what cannot be told from them
 * with certainty is refused: other hosts and buckets, names that somebody could
 * read as others, operations and headers that are not in the tables of
 * remote_request.c.
 */
#ifndef PANGOLIN_REMOTE_REQUEST_H
#define PANGOLIN_REMOTE_REQUEST_H

#include "base/json.h"
#include "object/s3_client.h"

#define REMOTE_URI_MAX 16384
#define REMOTE_HEADERS_MAX 100
#define REMOTE_BODY_MAX (1 << 20) /* of a delete of many objects */

struct remote_request {
	struct str method, uri;
	struct pairs headers; /* a header's values joined by commas */
	struct str body;      /* ptr NULL: the client keeps it to itself */
};

enum remote_deed { REMOTE_READ, REMOTE_LIST, REMOTE_WRITE, REMOTE_DELETE };

struct remote_target {
	enum remote_deed deed;
	struct str host;    /* as the Host header has it */
	struct str path;    /* encoded, as it is signed */
	struct pairs query; /* decoded */
	/* Decoded keys of the objects that it is about; of a list the prefix.
	 * At least one. */
	struct str *keys;
	size_t count;
};

/* ERR_BAD_REQUEST names what is wrong in the request, ERR_FORBIDDEN what is
 * never signed. */
MUST_CHECK enum err remote_request_read(struct arena *,
    const struct s3_address *, const struct remote_request *,
    struct remote_target *ret, struct error *);

#endif
