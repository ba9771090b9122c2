/*
 * etag.h - which loadTable answer a client has already (RFC 9110, 8.8.3).
 *
 * A metadata file never changes, so its location names the answer, together
 * with what else the request chose: `snapshots` and access delegation.  The
 * pointer is all that is needed, nothing of the file.  Tags are weak: the
 * answer is the same with and without gzip, and a commit's lacks `config`.
 */
#ifndef PANGOLIN_ETAG_H
#define PANGOLIN_ETAG_H

#include "http/request.h"

/* The tag that loadTable would answer this request with. */
struct str etag_of(
    const struct request *, struct str metadata_location, bool refs_only);

/* Does If-None-Match name it (RFC 9110, 13.1.2)?  Tags without quotes, which
 * some clients make of ours, count too. */
bool etag_is_known(const struct request *, struct str etag);

/* The headers of an answer with this tag. */
void etag_reply(struct request *, struct str etag);

/* 304: the client has it.  The headers are those of the answer it has. */
void etag_not_modified(struct request *, struct str etag);

#endif
