/*
 * sts.h - asks the Security Token Service for credentials that end soon and may
 * do less than those that ask (AssumeRole with a session policy).
 */
#ifndef PANGOLIN_STS_H
#define PANGOLIN_STS_H

#include "object/s3_http.h"
#include "object/sigv4.h"

#define STS_POLICY_MAX 2048 /* characters; AWS takes no longer one */

struct sts_request {
	struct str endpoint; /* "https://host:port" */
	struct str region;
	struct sigv4_credentials by;
	struct s3_http_settings http;
	struct str role, external_id; /* external_id.ptr NULL: none */
	struct str policy;            /* JSON: what the session may do of what
				       * the role may */
	int64_t seconds;
	int64_t at_us; /* UTC, by which it is signed */
};

struct sts_session {
	struct sigv4_credentials credentials;
	int64_t expires_us; /* UTC */
};

/* ERR_UNAVAILABLE with the server's word for the error; no credential and no
 * other word of the answer is in it. */
MUST_CHECK enum err sts_assume_role(
    struct call *, const struct sts_request *, struct sts_session *ret);

#endif
