/*
 * s3_request.h - sends the requests of s3_client.h: signs them, and tries
 * again.
 */
#ifndef PANGOLIN_S3_REQUEST_H
#define PANGOLIN_S3_REQUEST_H

#include "object/s3_client.h"

struct s3_request {
	const char *method;
	struct str key; /* empty: the bucket itself */
	struct pairs query, headers;
	struct pairs unsigned_headers; /* sent, but outside the signature */
	struct str body;               /* ptr NULL: none */
	size_t most;                   /* bytes that are taken of an answer */
	bool once; /* it is sent again only when it was refused */
};

/* OK with any status but those that passed while it tried again, and 0 when no
 * answer came. */
MUST_CHECK enum err s3_ask(struct s3_client *, struct call *,
    const struct s3_request *, struct s3_exchange *ret);

/* The time by which requests are signed: the server's, once it has refused
 * ours. */
int64_t s3_clock_us(const struct s3_client *);

/* Waits before the next try, the n-th (from 0); false: no time is left. */
bool s3_wait(const struct call *, unsigned n);

/* Whether the answer says that there is no such object: some servers answer 404
 * about a key of theirs that they do not know, too. */
bool s3_is_missing(struct arena *, const struct s3_exchange *);

/* Fails with what an answer that is no success says. */
enum err s3_failed(struct s3_client *, struct call *, const struct s3_request *,
    const struct s3_exchange *);

/* The inside of the element `root` of an XML answer, whose size is bounded. */
MUST_CHECK enum err s3_ask_for_xml(struct s3_client *, struct call *,
    struct s3_request *, struct str root, struct str *ret);

/* Fails: the server's answer cannot be read. */
enum err s3_malformed(struct s3_client *, struct call *);

/* Whether the request may have been done although no answer says so. */
bool s3_is_unknown(const struct s3_exchange *);

MUST_CHECK enum err s3_key_check(
    struct s3_client *, struct call *, struct str key);

/* The headers of a put: these, and those of its encryption. */
struct pairs s3_put_headers(
    const struct s3_client *, struct arena *, struct pairs);

/* "bucket", for messages: "s3://bucket/key". */
struct str s3_bucket(const struct s3_client *);

#endif
