/*
 * sigv4.h - signs requests to S3 and STS with AWS Signature Version 4, as pure
 * functions.
 *
 *     canonical request -> string to sign -> signature under a derived key
 *
 * What is sent has to be byte for byte what was signed, so the encoded path and
 * query are made here as well.  A path is never normalised: "a//b" and "./a"
 * are keys of S3 like any other.
 */
#ifndef PANGOLIN_SIGV4_H
#define PANGOLIN_SIGV4_H

#include "base/buf.h"
#include "base/json.h"

/* Instead of the hash of a body: TLS protects it, or nobody has read it yet. */
#define SIGV4_UNSIGNED_PAYLOAD STR("UNSIGNED-PAYLOAD")

/* A longer secret key is cut, so whoever takes one refuses it: those of AWS
 * have 40 bytes. */
#define SIGV4_SECRET_MAX 256

struct sigv4_credentials {
	struct str access_key, secret_key;
	struct str session_token; /* ptr NULL: none */
};

struct sigv4_request {
	struct str method;
	struct str path;         /* encoded, begins with a slash */
	struct pairs query;      /* not encoded, in any order */
	struct pairs headers;    /* Host among them, in any order and case */
	struct str payload_hash; /* sigv4_hash(), or SIGV4_UNSIGNED_PAYLOAD */
	struct str region, service;
	int64_t at_us;
};

/* Appends text as RFC 3986 encodes it: all but letters, digits and "-._~"
 * become "%2F".  A path keeps its slashes. */
void sigv4_encode(struct buf *, struct str text, bool is_path);

/* The query as it is signed and sent: encoded and sorted, "lifecycle=" for a
 * name without a value. */
struct str sigv4_query(struct arena *, struct pairs);

/* SHA-256 in hexadecimal digits. */
struct str sigv4_hash(struct arena *, struct str bytes);

/* The text whose hash is signed, with the names of the headers in it. */
struct str sigv4_canonical(struct arena *, const struct sigv4_request *);

/* All headers to send: those of the request, x-amz-date, x-amz-content-sha256,
 * x-amz-security-token where there is one, and Authorization. */
struct pairs sigv4_sign(struct arena *, const struct sigv4_request *,
    const struct sigv4_credentials *);

/* The query of an URL that is valid for so many seconds by itself.  The
 * payload is not signed, whatever payload_hash says. */
struct str sigv4_presign(struct arena *, const struct sigv4_request *,
    const struct sigv4_credentials *, int64_t seconds);

#endif
