/*
 * basic_auth.h - reads `Authorization: Basic` (RFC 7617).
 *
 * Iceberg's clients send id and secret as they are, without the form encoding
 * of RFC 6749, 2.3.1.
 */
#ifndef PANGOLIN_BASIC_AUTH_H
#define PANGOLIN_BASIC_AUTH_H

#include "http/request.h"

struct basic_auth {
	bool there;    /* the header has this scheme */
	bool is_valid; /* name and secret were read */
	struct str name, secret;
};

struct basic_auth basic_auth_read(const struct request *);

/* Wipes the secret once it is of no more use. */
void basic_auth_wipe(struct basic_auth *);

#endif
