/*
 * oidc_settings.h - providers of sign-in, each a table [oidc.NAME] (OpenID
 * Connect Core 1.0).
 *
 * They have rows like settings_table.h, with offsets in struct oidc_settings.
 */
#ifndef PANGOLIN_OIDC_SETTINGS_H
#define PANGOLIN_OIDC_SETTINGS_H

#include "config/settings_source.h"

#define OIDC_PROVIDERS_MAX 16
#define OIDC_NAME_MAX 32 /* bytes: lower-case letters, digits, hyphens */

struct oidc_settings {
	struct str name;
	struct str issuer;                   /* as in `iss`, to the byte */
	struct str client_id, client_secret; /* "": no sign-in by browser */
	struct str redirect_uri;             /* "": below public_url */
	struct str_list audiences;           /* none: takes no bearer tokens */
	struct str_list algorithms;          /* of JWA; at least one */
	struct str_list scopes;              /* that a sign-in asks for */
	struct str tenant, tenant_claim;     /* "": not given */
	struct str username_claim;           /* "": preferred_username, email */
	struct str roles_claim;              /* "": roles are not taken */
	struct str_list admin_values;        /* of that claim */
	struct str_list email_domains;       /* whose addresses are believed */
	struct str ca_file;                  /* "": the machine's */
	bool allow_public_signup;
};

extern const struct setting oidc_table[];

/* A key of [oidc.NAME], a whole table of the file, a variable.  The last is
 * false for a variable of something else. */
MUST_CHECK enum err oidc_give_table(
    struct load *, const struct toml_node *table, struct str file);
MUST_CHECK enum err oidc_give_text(
    struct load *, struct str key, struct str text, struct str where);
MUST_CHECK enum err oidc_give_variable(
    struct load *, struct str name, struct str text, bool *ret_known);

/* The rules of each provider. */
MUST_CHECK enum err oidc_check(const struct settings *, struct error *);

#endif
