#include "tls/self_signed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tls/tls_context.h"

#define DAY_SECONDS ((int64_t)24 * 60 * 60)
#define CLOCK_SKEW_SECONDS 3600 /* of clients whose clock is behind */
#define SERIAL_BYTES 16
#define NAME_BYTES 64 /* of a common name (RFC 5280, A.1) */

static enum err
cannot_make(struct error *e)
{
	return fail(e, ERR_INTERNAL, "Cannot make a self-signed certificate.");
}

/* ---- names */

struct names {
	struct arena *arena;
	struct str at[64];
	size_t count;
};

static void
add_name(struct names *names, struct str name)
{
	bool any = str_eq(name, STR("0.0.0.0")) || str_eq(name, STR("::"));

	if (name.len == 0 || any || names->count == 64)
		return;
	for (size_t i = 0; i < names->count; i++)
		if (str_eq_nocase(names->at[i], name))
			return;
	names->at[names->count++] = str_from(arena_cstr(names->arena, name));
}

static void
collect_names(const struct self_signed *s, struct names *names)
{
	char host[256] = "";

	(void)gethostname(host, sizeof(host) - 1);
	add_name(names, str_from(host));
	add_name(names, STR("localhost"));
	add_name(names, STR("127.0.0.1"));
	add_name(names, STR("::1"));
	add_name(names, s->listen);
	for (size_t i = 0; i < s->names.count; i++)
		add_name(names, s->names.at[i]);
}

static bool
covers(X509 *certificate, const struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		struct str name = names->at[i];

		if (X509_check_ip_asc(certificate, name.ptr, 0) != 1 &&
		    X509_check_host(certificate, name.ptr, name.len, 0, NULL) !=
			1)
			return false;
	}
	return true;
}

/* ---- what is there */

/* Can it serve for a while, under all the names? */
static bool
is_fit(const struct self_signed *s, struct arena *a, const struct names *names)
{
	struct credential credential = { 0 };
	struct credential_facts facts;
	SSL_CTX *context = NULL;
	struct error e;

	if (credential_read(a, s->files, &credential, &e) != OK)
		return false;

	enum err err = tls_context_make(&credential, TLS_1_2, &context, &e);

	credential_wipe(&credential);
	if (err != OK)
		return false;
	credential_facts(context, &facts);

	bool fit = covers(SSL_CTX_get0_certificate(context), names) &&
		   clock_now_us() < facts.ends_us - SELF_SIGNED_RENEW_DAYS *
							DAY_SECONDS *
							CLOCK_SECOND;

	SSL_CTX_free(context);
	return fit;
}

/* The key that is there, or a new one. */
static EVP_PKEY *
find_key(const char *path, bool *ret_new)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	char none[] = "";
	EVP_PKEY *key = NULL;

	if (file != NULL) {
		key = PEM_read_PrivateKey(file, NULL, NULL, none);
		(void)fclose(file);
	}
	ERR_clear_error();
	*ret_new = key == NULL;
	return key != NULL ? key : EVP_EC_gen("P-256");
}

/* ---- a new one */

static bool
set_serial(X509 *certificate)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number = NULL;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);

	bool ok =
	    number != NULL && BN_to_ASN1_INTEGER(number,
				  X509_get_serialNumber(certificate)) != NULL;

	BN_free(number);
	return ok;
}

static bool
set_subject(X509 *certificate, struct str host)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	int len = host.len < NAME_BYTES ? (int)host.len : NAME_BYTES;

	return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
		   (const unsigned char *)"Pangolin", -1, -1, 0) == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		   (const unsigned char *)host.ptr, len, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, name) == 1;
}

static GENERAL_NAME *
general_name(struct str name)
{
	GENERAL_NAME *general = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(name.ptr);

	if (general == NULL)
		abort();
	if (address != NULL) {
		GENERAL_NAME_set0_value(general, GEN_IPADD, address);
		return general;
	}

	ASN1_IA5STRING *host = ASN1_IA5STRING_new();

	if (host == NULL || ASN1_STRING_set(host, name.ptr, (int)name.len) != 1)
		abort();
	GENERAL_NAME_set0_value(general, GEN_DNS, host);
	return general;
}

static bool
set_names(X509 *certificate, const struct names *names)
{
	GENERAL_NAMES *list = GENERAL_NAMES_new();

	if (list == NULL)
		abort();
	for (size_t i = 0; i < names->count; i++)
		if (sk_GENERAL_NAME_push(list, general_name(names->at[i])) == 0)
			abort();

	bool ok = X509_add1_ext_i2d(certificate, NID_subject_alt_name, list, 0,
		      X509V3_ADD_DEFAULT) == 1;

	GENERAL_NAMES_free(list);
	return ok;
}

static bool
set_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX with;

	X509V3_set_ctx(&with, certificate, certificate, NULL, NULL, 0);

	X509_EXTENSION *x = X509V3_EXT_conf_nid(NULL, &with, nid, value);
	bool ok = x != NULL && X509_add_ext(certificate, x, -1) == 1;

	X509_EXTENSION_free(x);
	return ok;
}

static bool
describe(X509 *certificate, EVP_PKEY *key, const struct names *names)
{
	ASN1_TIME *begin = X509_getm_notBefore(certificate);
	ASN1_TIME *end = X509_getm_notAfter(certificate);

	return X509_set_version(certificate, X509_VERSION_3) == 1 &&
	       set_serial(certificate) &&
	       X509_gmtime_adj(begin, -CLOCK_SKEW_SECONDS) != NULL &&
	       X509_gmtime_adj(end, SELF_SIGNED_DAYS * DAY_SECONDS) != NULL &&
	       X509_set_pubkey(certificate, key) == 1 &&
	       set_subject(certificate, names->at[0]) &&
	       set_extension(
		   certificate, NID_basic_constraints, "critical,CA:FALSE") &&
	       set_extension(
		   certificate, NID_key_usage, "critical,digitalSignature") &&
	       set_extension(certificate, NID_ext_key_usage, "serverAuth") &&
	       set_extension(certificate, NID_subject_key_identifier, "hash") &&
	       set_names(certificate, names) &&
	       X509_sign(certificate, key, EVP_sha256()) != 0;
}

/* ---- files */

/* Nobody reads a file half written: one of another name takes its place. */
static enum err
put_file(const struct self_signed *s, const char *path, mode_t mode,
    struct str text, struct error *e)
{
	char draft[PATH_MAX];

	(void)snprintf(draft, sizeof(draft), "%s.new", path);
	(void)unlink(draft);

	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool ok = fd >= 0 &&
		  write(fd, text.ptr, text.len) == (ssize_t)text.len &&
		  fchmod(fd, mode) == 0 &&
		  (s->uid == (uid_t)-1 || fchown(fd, s->uid, s->gid) == 0) &&
		  fsync(fd) == 0 && rename(draft, path) == 0;
	int why = errno;

	if (fd >= 0)
		(void)close(fd);
	return ok ? OK
		  : fail(e, ERR_UNAVAILABLE, "Cannot write %s: %s", path,
			strerror(why));
}

static enum err
put_pem(const struct self_signed *s, const char *path, mode_t mode, BIO *pem,
    struct error *e)
{
	char *text = NULL;
	long len = BIO_get_mem_data(pem, &text);

	return put_file(s, path, mode, (struct str){ text, (size_t)len }, e);
}

static enum err
put_key(const struct self_signed *s, EVP_PKEY *key, struct error *e)
{
	BIO *pem = BIO_new(BIO_s_secmem());
	enum err err;

	if (pem == NULL)
		abort();
	if (PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1)
		err = put_pem(s, s->files.key, 0600, pem, e);
	else
		err = cannot_make(e);
	BIO_free(pem);
	return err;
}

static enum err
put_certificate(const struct self_signed *s, X509 *certificate, struct error *e)
{
	BIO *pem = BIO_new(BIO_s_mem());
	enum err err;

	if (pem == NULL)
		abort();
	if (PEM_write_bio_X509(pem, certificate) == 1)
		err = put_pem(s, s->files.certificate, 0644, pem, e);
	else
		err = cannot_make(e);
	BIO_free(pem);
	return err;
}

static enum err
make(const struct self_signed *s, EVP_PKEY *key, const struct names *names,
    struct error *e)
{
	X509 *certificate = X509_new();
	enum err err;

	if (certificate == NULL)
		abort();
	if (describe(certificate, key, names))
		err = put_certificate(s, certificate, e);
	else
		err = cannot_make(e);
	X509_free(certificate);
	return err;
}

static enum err
make_with_key(
    const struct self_signed *s, const struct names *names, struct error *e)
{
	bool new_key = false;
	EVP_PKEY *key = find_key(s->files.key, &new_key);
	enum err err = key != NULL ? OK : cannot_make(e);

	if (err == OK && new_key)
		err = put_key(s, key, e);
	if (err == OK)
		err = make(s, key, names, e);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return err;
}

enum err
self_signed_keep(const struct self_signed *s, bool *ret_made, struct error *e)
{
	struct names names = { .arena = arena_new() };
	enum err err = OK;

	collect_names(s, &names);

	bool fit = is_fit(s, names.arena, &names);

	if (!fit)
		err = make_with_key(s, &names, e);
	if (err == OK)
		*ret_made = !fit;
	arena_free(names.arena);
	return err;
}
