#include "tls/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define DIGEST ((size_t)32) /* SHA-256 */

static enum err
cannot_read(
    const char *setting, const char *path, const char *why, struct error *e)
{
	return fail(
	    e, ERR_VALIDATION, "%s: cannot read %s: %s", setting, path, why);
}

/* The whole file into `to`, at most `room` bytes; -1 and errno. */
static ssize_t
read_all(int fd, char *to, size_t room)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < room && n != 0) {
		n = read(fd, to + len, room - len);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Not to wait for a pipe that nobody writes into, it must be a file. */
static enum err
read_file(struct arena *a, const char *setting, const char *path, size_t max,
    struct str *ret, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return cannot_read(setting, path, strerror(errno), e);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > (off_t)max) {
		(void)close(fd);
		return cannot_read(
		    setting, path, "it is no file of a fit size", e);
	}

	size_t room = (size_t)st.st_size;
	char *text = arena_alloc(a, 1, room + 1);
	ssize_t len = read_all(fd, text, room);
	int why = errno;

	(void)close(fd);
	if (len < 0)
		return cannot_read(setting, path, strerror(why), e);
	*ret = (struct str){ text, (size_t)len };
	return OK;
}

enum err
credential_read(struct arena *a, struct credential_files files,
    struct credential *ret, struct error *e)
{
	struct credential credential = { .files = files };

	TRY(read_file(a, "tls.certificate", files.certificate,
	    CREDENTIAL_CERTIFICATE_MAX, &credential.certificate, e));
	TRY(read_file(
	    a, "tls.key", files.key, CREDENTIAL_KEY_MAX, &credential.key, e));
	*ret = credential;
	return OK;
}

void
credential_wipe(struct credential *credential)
{
	OPENSSL_cleanse(
	    (void *)(uintptr_t)credential->key.ptr, credential->key.len);
	*credential = (struct credential){ .files = credential->files };
}

/* ---- facts */

static int64_t
time_of(const ASN1_TIME *at)
{
	struct tm tm = { 0 };

	if (ASN1_TIME_to_tm(at, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * CLOCK_SECOND;
}

static void
print_pin(X509 *certificate, char *ret)
{
	unsigned char digest[DIGEST], *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (len > 0 &&
	    EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1)
		(void)EVP_EncodeBlock(
		    (unsigned char *)ret, digest, (int)sizeof(digest));
	OPENSSL_free(der);
}

static void
print_fingerprint(const X509 *certificate, char *ret)
{
	unsigned char digest[DIGEST];

	if (X509_digest(certificate, EVP_sha256(), digest, NULL) != 1)
		return;
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(ret + 3 * i, 4,
		    i + 1 < DIGEST ? "%02X:" : "%02X", (unsigned)digest[i]);
}

void
credential_facts(SSL_CTX *context, struct credential_facts *ret)
{
	X509 *certificate = SSL_CTX_get0_certificate(context);

	*ret = (struct credential_facts){
		.begins_us = time_of(X509_get0_notBefore(certificate)),
		.ends_us = time_of(X509_get0_notAfter(certificate)),
	};
	print_fingerprint(certificate, ret->fingerprint);
	print_pin(certificate, ret->key_pin);
}
