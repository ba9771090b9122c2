#include "object/ca_bundle.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the certificates of authorities are on Debian, Red Hat, SUSE and
 * Alpine. */
const char *
ca_bundle(void)
{
	static const char *const known[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
	};
	const char *named = getenv("SSL_CERT_FILE");

	if (named != NULL && *named != '\0')
		return named;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (access(known[i], R_OK) == 0)
			return known[i];
	return known[0];
}
