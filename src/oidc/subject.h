/*
 * subject.h - the claims of a verified token about its user, as the settings of
 * the provider read them (OpenID Connect Core 1.0, 5.1).
 */
#ifndef PANGOLIN_SUBJECT_H
#define PANGOLIN_SUBJECT_H

#include "base/uuid.h"
#include "config/oidc_settings.h"
#include "oidc/jwt.h"

#define SUBJECT_ROLES_MAX                                                      \
	1000 /* values of a claim; the rest counts as absent */

struct subject {
	const struct oidc_settings *provider;
	struct id id; /* a hash of issuer and subject */
	struct str subject;
	struct str username; /* to name a new user; may be taken, or unfit */
	struct str email;    /* verified by the provider; ptr NULL: none */
	struct str tenant;   /* name or id */
	struct str *roles;   /* sorted */
	size_t role_count;
	bool is_admin;
	int64_t issued_us;
};

/* ERR_FORBIDDEN: the token does not say in which tenant its user is. */
MUST_CHECK enum err subject_read(struct arena *, const struct oidc_settings *,
    const struct jwt *, struct subject *ret, struct error *);

/* Whether the provider names this role. */
bool subject_has_role(const struct subject *, struct str name);

/* Whether the provider is believed to know whose address this is. */
bool subject_email_is_believed(const struct subject *);

#endif
