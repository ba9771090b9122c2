/*
 * provider.h - providers of sign-in (OpenID Connect Discovery 1.0): the keys
 * that their tokens are signed with, and their addresses.
 *
 * A thread for each provider reads both when the worker begins and each hour,
 * so a request waits for a provider only when it comes before the first answer,
 * or names a key that is not known.  For such a key the thread reads once a
 * minute at most.  While a provider is down its keys of before serve on.
 */
#ifndef PANGOLIN_PROVIDER_H
#define PANGOLIN_PROVIDER_H

#include "config/oidc_settings.h"
#include "oidc/jwt.h"
#include "plugin/store.h"

struct provider;
struct providers;

/* The providers of the settings, and their threads; NULL: there are none. */
MUST_CHECK enum err providers_open(
    const struct settings *, struct providers **ret, struct error *);

/* Stops the threads, which may not end before `wait_us` are over.  Accepts
 * NULL.  Nothing is freed: a thread may still be there. */
void providers_stop(struct providers *, int64_t wait_us);

/* The provider with a name, or the one that takes bearer tokens of an issuer;
 * NULL: there is none.  `ps` may be NULL. */
struct provider *provider_named(const struct providers *ps, struct str name);
struct provider *provider_of_issuer(
    const struct providers *ps, struct str issuer);

const struct oidc_settings *provider_settings(const struct provider *);

/* Changes with the settings that decide what a token means. */
uint64_t provider_mark(const struct provider *);

/* Verifies the signature of a token.  ERR_NOT_AUTHORIZED; ERR_UNAVAILABLE: no
 * keys are known.  It may wait, so never on the event loop. */
MUST_CHECK enum err provider_verify(
    struct provider *, struct call *, const struct jwt *);

/* The addresses of a sign-in, copied to the arena.  ERR_UNAVAILABLE: they are
 * not known. */
struct provider_addresses {
	struct str authorization, token;
	bool says_issuer;    /* in its answers (RFC 9207) */
	bool secret_in_form; /* it takes no Authorization: Basic */
};
MUST_CHECK enum err provider_addresses(
    struct provider *, struct call *, struct provider_addresses *ret);

#endif
