/*
 * jwk.h - JSON Web Key Sets (RFC 7517), and signatures by their keys (RFC 7515,
 * RFC 7518, RFC 8037), with OpenSSL.
 *
 * Public keys alone: there is no algorithm here that a client could sign with,
 * so neither "none" nor an HMAC by a public key can be right.
 */
#ifndef PANGOLIN_JWK_H
#define PANGOLIN_JWK_H

#include "base/arena.h"
#include "base/error.h"

#define JWK_KEYS_MAX 64 /* of a set; more are not read */

struct jwk_set;

/* Reads a set; keys that cannot verify a signature are left out.
 * ERR_UNAVAILABLE: it is none, or has no such key. */
MUST_CHECK enum err jwk_set_read(
    struct arena *, struct str json, struct jwk_set **ret, struct error *);

/* A set is shared by threads, and freed when the last gives it up. */
struct jwk_set *jwk_set_share(struct jwk_set *);
void jwk_set_free(struct jwk_set *); /* accepts NULL */

enum jwk_verdict {
	JWK_UNKNOWN, /* no key of that name is fit for the algorithm */
	JWK_WRONG,
	JWK_RIGHT
};

struct jwk_signature {
	struct str kid; /* ptr NULL: the signer named no key */
	struct str alg;
	struct str text, bytes; /* that were signed; the signature */
};

enum jwk_verdict jwk_set_verify(
    const struct jwk_set *, const struct jwk_signature *);

/* Whether there is an algorithm of that name. */
bool jwk_algorithm_is_known(struct str alg);

#endif
