/*
 * self_signed.h - makes and renews a self-signed certificate.
 *
 * It names the machine, localhost and the address that the server listens on.
 * A new one is made of the old key, so clients that pin the key go on.
 */
#ifndef PANGOLIN_SELF_SIGNED_H
#define PANGOLIN_SELF_SIGNED_H

#include <sys/types.h>

#include "config/settings.h"
#include "tls/credential.h"

/* Clients of Apple's accept no more than 825 days. */
#define SELF_SIGNED_DAYS 825
#define SELF_SIGNED_RENEW_DAYS 30 /* so long before its end */

/* In the state directory; every client may read it. */
#define SELF_SIGNED_CERTIFICATE "self-signed.crt"

struct self_signed {
	struct credential_files files;
	uid_t uid; /* whose files they are; -1 leaves them the process's */
	gid_t gid;
	struct str listen;     /* an address; that of any is left out */
	struct str_list names; /* the operator's: names and addresses */
};

/* Makes what is missing, unfit or about to end.  *ret_made: there is a new
 * certificate. */
MUST_CHECK enum err self_signed_keep(
    const struct self_signed *, bool *ret_made, struct error *);

#endif
