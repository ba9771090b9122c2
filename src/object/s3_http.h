/*
 * s3_http.h - a bounded pool of HTTP connections to one endpoint, and single
 * requests over it.
 *
 * A handle of libcurl keeps its connection open; threads take turns with the
 * handles, the one used last first, so that few stay warm.  libcurl is
 * transport only: it follows no redirect and asks no proxy of the environment.
 */
#ifndef PANGOLIN_S3_HTTP_H
#define PANGOLIN_S3_HTTP_H

#include "base/json.h"
#include "config/network.h"
#include "plugin/store.h"

struct s3_http;

struct byte_counts; /* shm/warehouse_bytes.h */

struct s3_http_settings {
	unsigned connections;      /* at once; at least 1 */
	struct str ca_file;        /* ptr NULL: the machine's */
	bool any_address;          /* else as endpoint_guard.h says */
	struct networks networks;  /* that are allowed then; borrowed */
	struct byte_counts *bytes; /* of bodies are added; or NULL */
};

/* ERR_UNAVAILABLE: there is no memory. */
MUST_CHECK enum err s3_http_open(
    const struct s3_http_settings *, struct s3_http **ret, struct error *);
void s3_http_close(struct s3_http *); /* accepts NULL */

struct s3_exchange {
	const char *method;
	struct str url;
	struct pairs headers;
	struct str body;    /* ptr NULL: none */
	size_t most;        /* bytes of a body that are taken of an answer */
	int64_t silence_us; /* so long without a byte is a failure */

	/* the answer */
	int status; /* 0: none came, or not all of it, and `why` says why */
	const char *why;
	bool hopeless;  /* none will come: address or certificate are wrong */
	bool refused;   /* by endpoint_guard.h */
	bool too_large; /* the body has more than `most` bytes */
	struct str answer;
	int64_t length;        /* Content-Length; -1: not told */
	int64_t date_us;       /* Date; 0: not told */
	struct str etag, mark; /* ETag and S3_MARK; ptr NULL: not told */
};

/* A header of objects that says which put has made them. */
#define S3_MARK "x-amz-meta-pangolin-put"

/* Sends a request, once, and waits for the answer until the call's deadline.
 * Any status is OK, and so is none; ERR_SLOW_DOWN when no connection was free,
 * or what arena_check() says of the answer. */
MUST_CHECK enum err s3_http_send(
    struct s3_http *, struct call *, struct s3_exchange *);

/* Requests that were sent and connections that were made for them. */
struct s3_counts {
	int64_t requests, connections;
};
struct s3_counts s3_http_counts(const struct s3_http *);

/* When bytes of an answer last came, as clock_mono_us(); 0: never. */
int64_t s3_http_heard_us(const struct s3_http *);

#endif
