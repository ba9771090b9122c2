/*
 * credential.h - a certificate and the key that fits it, as PEM text.
 *
 * The key's text is wiped by credential_wipe(), wherever it was.
 */
#ifndef PANGOLIN_CREDENTIAL_H
#define PANGOLIN_CREDENTIAL_H

#include "base/arena.h"
#include "base/error.h"

/* Larger files are no certificate with its chain, or no key. */
#define CREDENTIAL_CERTIFICATE_MAX ((size_t)128 * 1024)
#define CREDENTIAL_KEY_MAX ((size_t)32 * 1024)

struct credential_files {
	const char *certificate, *key; /* paths */
};

struct credential {
	struct str certificate; /* the server's own first, its chain behind */
	struct str key;
	struct credential_files files; /* NULL: not from files */
};

/* Both files as they are; ERR_VALIDATION names the setting of the bad one. */
MUST_CHECK enum err credential_read(struct arena *, struct credential_files,
    struct credential *ret, struct error *);

void credential_wipe(struct credential *);

/* Dates and fingerprints of a certificate. */
struct credential_facts {
	int64_t begins_us, ends_us; /* UTC */
	char fingerprint[96];       /* SHA-256, "AB:CD:..." */
	char key_pin[45];           /* SHA-256 of its public key, base64 */
};

struct ssl_ctx_st;

/* Reads them from the certificate that a context serves with. */
void credential_facts(struct ssl_ctx_st *, struct credential_facts *ret);

#endif
