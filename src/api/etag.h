/*
 * etag.h - the ETag of loadTable answers (RFC 9110, 8.8.3), made from the
 * location of the table's metadata file.
 *
 * A metadata file never changes, so its location names the answer, together
 * with the request's choices: `snapshots` and access delegation.  The pointer
 * is enough to make the tag, without the file.  Tags are weak: the answer is
 * the same with and without gzip, and a commit's lacks `config`.
 */
#ifndef PANGOLIN_ETAG_H
#define PANGOLIN_ETAG_H

#include "http/request.h"
#include "plugin/store.h"

/* The tag of the answer of loadTable to this request, for a pointer at this
 * position of a log (branch 0: not known).  The position is in the tag, but
 * tags that differ only in it are equal. */
struct str etag_of(const struct request *, struct str metadata_location,
    unsigned served, struct point at);

/* The highest position of a log that If-None-Match names: the client has seen
 * the log that far.  0: none. */
int64_t etag_position(const struct request *, int64_t log);

/* Whether If-None-Match names the tag (RFC 9110, 13.1.2).  Tags without quotes,
 * which some clients make of ours, count too. */
bool etag_is_known(const struct request *, struct str etag);

/* Sets the headers of an answer with this tag. */
void etag_reply(struct request *, struct str etag);

/* Answers 304, since the client has the answer, with that answer's headers. */
void etag_not_modified(struct request *, struct str etag);

#endif
