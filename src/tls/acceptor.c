#include "tls/acceptor.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tls/tls_context.h"

struct acceptor {
	const struct tls_shared *shared;
	enum tls_version least;
	SSL_CTX *context;
	unsigned version; /* of the credential in `context` */
};

/* ---- tickets: sealed with AES-256-CBC and HMAC-SHA256 */

static bool
set_mac(EVP_MAC_CTX *mac, struct ticket_key *key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
		    OSSL_MAC_PARAM_KEY, key->mac, sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(
		    OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* 1: sealed; -1: a fault. */
static int
seal(struct ticket_key *key, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	memcpy(name, key->name, sizeof(key->name));
	if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1 ||
	    EVP_EncryptInit_ex(
		cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) != 1 ||
	    !set_mac(mac, key))
		return -1;
	return 1;
}

/* 1: it opens; 2: it does, and the client gets a newer one; 0: it is of no key
 * that is known; -1: a fault. */
static int
unseal(struct ticket_key *keys, const unsigned char *name,
    const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	int i = 0;

	while (i < TICKET_KEYS &&
	       memcmp(name, keys[i].name, sizeof(keys[i].name)) != 0)
		i++;
	if (i == TICKET_KEYS)
		return 0;
	if (EVP_DecryptInit_ex(
		cipher, EVP_aes_256_cbc(), NULL, keys[i].cipher, iv) != 1 ||
	    !set_mac(mac, &keys[i]))
		return -1;
	return i == 0 ? 1 : 2;
}

static int
use_ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
	const struct acceptor *acceptor =
	    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	struct ticket_key keys[TICKET_KEYS];

	tls_shared_tickets(acceptor->shared, keys);

	int result = sealing ? seal(&keys[0], name, iv, cipher, mac)
			     : unseal(keys, name, iv, cipher, mac);

	OPENSSL_cleanse(keys, sizeof(keys));
	return result;
}

/* ---- */

static enum err
take_credential(struct acceptor *acceptor, SSL_CTX **ret, struct error *e)
{
	struct arena *a = arena_new();
	struct credential credential;

	tls_shared_take(acceptor->shared, a, &credential, &acceptor->version);

	enum err err = tls_context_make(&credential, acceptor->least, ret, e);

	credential_wipe(&credential);
	arena_free(a);
	return err;
}

static enum err
renew(struct acceptor *acceptor, struct error *e)
{
	SSL_CTX *context = NULL;

	TRY(take_credential(acceptor, &context, e));
	(void)SSL_CTX_set_app_data(context, acceptor);
	(void)SSL_CTX_set_timeout(
	    context, (long)(TICKET_LIFE_US / CLOCK_SECOND));
	(void)SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key);
	SSL_CTX_free(acceptor->context); /* connections keep it alive */
	acceptor->context = context;
	return OK;
}

enum err
acceptor_new(const struct tls_shared *shared, enum tls_version least,
    struct acceptor **ret, struct error *e)
{
	struct acceptor *acceptor = calloc(1, sizeof(*acceptor));

	if (acceptor == NULL)
		abort();
	acceptor->shared = shared;
	acceptor->least = least;

	enum err err = renew(acceptor, e);

	if (err == OK)
		*ret = acceptor;
	else
		free(acceptor);
	return err;
}

void
acceptor_free(struct acceptor *acceptor)
{
	if (acceptor == NULL)
		return;
	SSL_CTX_free(acceptor->context);
	free(acceptor);
}

enum err
acceptor_refresh(struct acceptor *acceptor, struct error *e)
{
	if (tls_shared_version(acceptor->shared) == acceptor->version)
		return OK;
	return renew(acceptor, e);
}

SSL *
acceptor_begin(struct acceptor *acceptor, int fd)
{
	SSL *ssl = SSL_new(acceptor->context);

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
		abort();
	SSL_set_accept_state(ssl);
	return ssl;
}
