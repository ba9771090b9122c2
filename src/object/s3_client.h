/*
 * s3_client.h - a client of one bucket of an S3 server, shared by all threads
 * of a worker.
 *
 * A request that failed for a reason that passes (500, 503, silence, a cut
 * connection) is sent again until the call's deadline, with backoff and jitter.
 * A new object (s3_create) is sent with "If-None-Match: *" and a mark of its
 * own; when nobody knows what became of it, the mark is read back before
 * anything is sent again.  Where the server's clock is another one, requests
 * are signed by its Date.
 *
 * Errors name bucket and key, never a credential: ERR_NOT_FOUND, when there is
 * no such object; ERR_ALREADY_EXISTS; ERR_BAD_REQUEST for keys and sizes that
 * cannot be; ERR_SLOW_DOWN when no connection was free; ERR_UNAVAILABLE for all
 * that the server refuses or does not answer.
 */
#ifndef PANGOLIN_S3_CLIENT_H
#define PANGOLIN_S3_CLIENT_H

#include "object/s3_http.h"
#include "object/sigv4.h"
#include "plugin/store.h"

#define S3_KEY_MAX 1024
#define S3_DELETE_MAX 1000 /* keys of one request */
#define S3_LIST_MAX 1000   /* keys of one page */

struct s3_settings {
	struct str endpoint; /* "https://host:port"; ptr NULL: that of AWS */
	struct str region, bucket;
	bool path_style; /* else the bucket is a part of the host's name */
	struct sigv4_credentials credentials;
	/* of what is put: "AES256" or "aws:kms"; ptr NULL: the bucket's */
	struct str encryption, encryption_key;
	struct s3_http_settings http;
	int64_t silence_us; /* so long without a byte is a failure; whole
			     * seconds, at least one */
};

struct s3_client;

/* Where requests to the bucket go. */
struct s3_address {
	struct str host; /* of the endpoint, without a port its scheme has */
	bool is_tls, path_style; /* as in struct s3_settings */
	struct str bucket;
};

/* The address of these settings, in the arena; ERR_BAD_REQUEST when the
 * endpoint is none. */
MUST_CHECK enum err s3_address_of(struct arena *, const struct s3_settings *,
    struct s3_address *ret, struct error *);

/* Settings are copied.  ERR_BAD_REQUEST names the one that cannot be. */
MUST_CHECK enum err s3_client_open(
    const struct s3_settings *, struct s3_client **ret, struct error *);
void s3_client_close(struct s3_client *); /* accepts NULL */

struct s3_counts s3_counts(const struct s3_client *);
int64_t s3_heard_us(const struct s3_client *); /* as s3_http_heard_us() */

/* A part of an object: `count` bytes from `from`, or less at its end. */
struct s3_range {
	int64_t from, count; /* count 0: the whole object */
};

/* Reads at most `most` bytes; ERR_BAD_REQUEST when there are more. */
MUST_CHECK enum err s3_get(struct s3_client *, struct call *, struct str key,
    struct s3_range, size_t most, struct str *ret);

/* Reads an object of any size: hands its bytes over in order, in parts of at
 * most S3_PART_BYTES, one at a time in memory.  An error of take() ends it.
 * ERR_UNAVAILABLE when the object was overwritten meanwhile. */
#define S3_PART_BYTES ((int64_t)8 * 1024 * 1024)
MUST_CHECK enum err s3_get_parts(struct s3_client *, struct call *,
    struct str key, enum err (*take)(void *with, struct str part), void *with);

struct s3_head {
	int64_t size;
	struct str etag;
	struct str mark; /* of the s3_create() that made it; ptr NULL: none */
};
MUST_CHECK enum err s3_head(
    struct s3_client *, struct call *, struct str key, struct s3_head *ret);

/* Writes an object, also over another one. */
MUST_CHECK enum err s3_put(
    struct s3_client *, struct call *, struct str key, struct str bytes);

/* Writes an object of a new name, or ERR_ALREADY_EXISTS. */
MUST_CHECK enum err s3_create(
    struct s3_client *, struct call *, struct str key, struct str bytes);

/* Deletes an object, if it is there. */
MUST_CHECK enum err s3_delete(
    struct s3_client *, struct call *, struct str key);

struct s3_page {
	struct s3_listed {
		struct str key;
		int64_t size, modified_us;
	} * at;
	size_t count;
	struct str next; /* token of the next page; ptr NULL: this is the end */
};

/* Lists a page of up to `limit` keys that begin with the prefix, sorted. */
MUST_CHECK enum err s3_list(struct s3_client *, struct call *,
    struct str prefix, struct str after, size_t limit, struct s3_page *ret);

/* An URL by which anybody may do this within so many seconds; in the arena. */
MUST_CHECK enum err s3_presign(struct s3_client *, struct call *,
    const char *method, struct str key, int64_t seconds, struct str *ret);

#endif
