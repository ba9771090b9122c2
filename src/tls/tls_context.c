#include "tls/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* TLS 1.2 with forward secrecy and authenticated ciphers only (RFC 9325, 4.2);
 * those of 1.3 are all of that kind. */
#define CIPHERS_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"

/* OpenSSL's complaint, in its words. */
static const char *
reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	return text != NULL ? text : "unknown reason";
}

static const char *
named(const char *path)
{
	return path != NULL ? path : "it";
}

static enum err
bad_certificate(
    const struct credential *credential, const char *what, struct error *e)
{
	return fail(e, ERR_VALIDATION, "tls.certificate: %s %s",
	    named(credential->files.certificate), what);
}

static enum err
bad_key(const struct credential *credential, const char *what, struct error *e)
{
	return fail(e, ERR_VALIDATION, "tls.key: %s %s",
	    named(credential->files.key), what);
}

static BIO *
reader(struct str text)
{
	BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);

	if (bio == NULL)
		abort();
	return bio;
}

/* OpenSSL would ask on the terminal. */
static int
no_passphrase(char *to, int room, int writing, void *asked)
{
	(void)to, (void)room, (void)writing;
	if (asked != NULL)
		*(bool *)asked = true;
	return -1;
}

/* ---- certificate */

static bool
add_chain(SSL_CTX *context, BIO *from)
{
	X509 *next;

	while ((next = PEM_read_bio_X509(from, NULL, no_passphrase, NULL)))
		if (SSL_CTX_add0_chain_cert(context, next) != 1) {
			X509_free(next);
			return false;
		}
	/* the end of a file looks like a block that does not begin */
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static enum err
use_certificate(
    SSL_CTX *context, const struct credential *credential, struct error *e)
{
	BIO *from = reader(credential->certificate);
	X509 *first = PEM_read_bio_X509(from, NULL, no_passphrase, NULL);
	enum err err = OK;

	if (first == NULL)
		err = bad_certificate(
		    credential, "holds no certificate in PEM", e);
	else if (SSL_CTX_use_certificate(context, first) != 1)
		err = fail(e, ERR_VALIDATION,
		    "tls.certificate: %s cannot be used: %s",
		    named(credential->files.certificate), reason());
	else if (!add_chain(context, from))
		err = bad_certificate(
		    credential, "has a chain that cannot be read", e);
	X509_free(first);
	BIO_free(from);
	return err;
}

/* ---- key */

static enum err
read_key(const struct credential *credential, EVP_PKEY **ret, struct error *e)
{
	BIO *from = reader(credential->key);
	bool asked = false;

	*ret = PEM_read_bio_PrivateKey(from, NULL, no_passphrase, &asked);
	BIO_free(from);
	if (*ret != NULL)
		return OK;
	return bad_key(credential,
	    asked ? "is locked with a passphrase: give it without one"
		  : "holds no private key in PEM",
	    e);
}

static enum err
use_key(SSL_CTX *context, const struct credential *credential, struct error *e)
{
	const X509 *certificate = SSL_CTX_get0_certificate(context);
	EVP_PKEY *key = NULL;
	enum err err = OK;

	TRY(read_key(credential, &key, e));
	if (X509_check_private_key(certificate, key) != 1)
		err = fail(e, ERR_VALIDATION,
		    "tls.key: %s is not the key of the certificate in %s",
		    named(credential->files.key),
		    named(credential->files.certificate));
	else if (SSL_CTX_use_PrivateKey(context, key) != 1)
		err = fail(e, ERR_VALIDATION, "tls.key: %s cannot be used: %s",
		    named(credential->files.key), reason());
	EVP_PKEY_free(key);
	return err;
}

/* ---- rules */

/* RFC 7301, 3.2: a client that names protocols and not ours is refused. */
static int
choose_protocol(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
    const unsigned char *offered, unsigned len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found = NULL;

	(void)ssl, (void)arg;
	if (SSL_select_next_proto(&found, ret_len, ours, sizeof(ours) - 1,
		offered, len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = found;
	return SSL_TLSEXT_ERR_OK;
}

/*
 * A client that shuts its side without a word (TCP's FIN alone) is heard like
 * one that says close_notify: HTTP's own lengths tell a message cut short.
 * Records leave one by one, from memory that may move, and an idle connection
 * keeps no buffers: that halves it.
 */
static bool
set_rules(SSL_CTX *context, enum tls_version least)
{
	const int version = least == TLS_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
	const unsigned char name[] = "pangolin";

	(void)SSL_CTX_set_options(context,
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
		SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CLEANSE_PLAINTEXT);
	(void)SSL_CTX_set_mode(
	    context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* clients hold the tickets; workers share no other memory of
	 * sessions */
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(context, version) == 1 &&
	       SSL_CTX_set_cipher_list(context, CIPHERS_1_2) == 1 &&
	       SSL_CTX_set_session_id_context(
		   context, name, sizeof(name) - 1) == 1;
}

static enum err
fill(SSL_CTX *context, const struct credential *credential,
    enum tls_version least, struct error *e)
{
	if (!set_rules(context, least))
		return fail(e, ERR_INTERNAL,
		    "OpenSSL does not take the rules for TLS: %s", reason());
	TRY(use_certificate(context, credential, e));
	return use_key(context, credential, e);
}

enum err
tls_context_make(const struct credential *credential, enum tls_version least,
    SSL_CTX **ret, struct error *e)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		abort();
	ERR_clear_error();

	enum err err = fill(context, credential, least, e);

	ERR_clear_error();
	if (err == OK)
		*ret = context;
	else
		SSL_CTX_free(context);
	return err;
}
