#include "config/oidc_variables.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/oidc_settings.h"

#define PREFIX "PANGOLIN_"
#define DOMAINS "PANGOLIN_OAUTH_EMAIL_LINK_DOMAINS"

/* Sign-in by any other protocol there is none. */
#define REQUIRE "PANGOLIN_OIDC_REQUIRE"

/* A provider's issuer is `before`, the value of a variable, `after`. */
static const struct known {
	const char *variables, *name, *before, *part, *after;
} providers[] = {
	{ "GOOGLE", "google", "https://accounts.google.com", NULL, "" },
	{ "MICROSOFT", "microsoft", "https://login.microsoftonline.com/",
	    PREFIX "MICROSOFT_TENANT_ID", "/v2.0" },
	{ "OKTA", "okta", "https://", PREFIX "OKTA_DOMAIN", "" },
	{ "GITHUB", NULL, NULL, NULL, NULL }, /* no OpenID Connect */
};
#define PROVIDERS (sizeof(providers) / sizeof(providers[0]))

static const struct {
	const char *variable, *key;
} keys[] = {
	{ "CLIENT_ID", "client_id" },
	{ "CLIENT_SECRET", "client_secret" },
	{ "REDIRECT_URI", "redirect_uri" },
	{ "ISSUER", "issuer" },
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

bool
oidc_variable_is_known(struct str name)
{
	char own[64];

	if (str_eq(name, STR(DOMAINS)) || str_eq(name, STR(REQUIRE)))
		return true;
	for (size_t i = 0; i < PROVIDERS; i++) {
		const struct known *p = &providers[i];

		if (p->part != NULL && str_eq(name, str_from(p->part)))
			return true;
		for (size_t k = 0; k < KEYS; k++) {
			(void)snprintf(own, sizeof(own), PREFIX "%s_%s",
			    p->variables, keys[k].variable);
			if (str_eq(name, str_from(own)))
				return true;
		}
	}
	return false;
}

static enum err
give(struct load *l, const struct known *p, const char *key, struct str value,
    const char *where)
{
	struct str path = arena_printf(l->arena, "%s.%s", p->name, key);

	return oidc_give_text(l, path, value, str_from(where));
}

static enum err
read_provider(struct load *l, const struct known *p)
{
	struct str domains = str_from(getenv(DOMAINS));
	bool is_there = false;

	for (size_t k = 0; k < KEYS; k++) {
		const char *name = arena_printf(
		    l->arena, PREFIX "%s_%s", p->variables, keys[k].variable)
				       .ptr;
		struct str value = str_from(getenv(name));

		if (value.len == 0)
			continue;
		if (p->name == NULL)
			return fail(l->error, ERR_VALIDATION,
			    "%s: GitHub does not speak OpenID Connect, by "
			    "which people sign in here: unset the variable",
			    name);
		TRY(give(l, p, keys[k].key, value, name));
		is_there = true;
	}
	return is_there && domains.len != 0
		   ? give(l, p, "email_domains", domains, DOMAINS)
		   : OK;
}

enum err
oidc_variables_read(struct load *l)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		TRY(read_provider(l, &providers[i]));
	return OK;
}

static const struct oidc_settings *
find(const struct settings *s, const struct known *p)
{
	for (size_t i = 0; i < s->oidc_count && p->name != NULL; i++)
		if (str_eq(s->oidc[i].name, str_from(p->name)))
			return &s->oidc[i];
	return NULL;
}

static enum err
complete(struct load *l, const struct known *p, const struct oidc_settings *to)
{
	const char *id =
	    arena_printf(l->arena, PREFIX "%s_CLIENT_ID", p->variables).ptr;
	struct str part = str_from(p->part != NULL ? getenv(p->part) : NULL);

	if (str_from(getenv(id)).len == 0)
		return OK;
	if (to->issuer.len == 0 && p->part != NULL && part.len == 0)
		return fail(l->error, ERR_VALIDATION,
		    "%s: %s is needed as well, or " PREFIX "%s_ISSUER", id,
		    p->part, p->variables);
	if (to->issuer.len == 0)
		TRY(give(l, p, "issuer",
		    arena_printf(l->arena, "%s" STR_FMT "%s", p->before,
			STR_ARG(part), p->after),
		    p->part != NULL ? p->part : id));
	if (to->tenant.len == 0 && to->tenant_claim.len == 0)
		TRY(give(l, p, "tenant", STR("default"), id));
	return OK;
}

enum err
oidc_variables_complete(struct load *l)
{
	for (size_t i = 0; i < PROVIDERS; i++) {
		const struct oidc_settings *to =
		    find(l->settings, &providers[i]);

		if (to != NULL)
			TRY(complete(l, &providers[i], to));
	}
	return OK;
}
