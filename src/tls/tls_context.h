/*
 * tls_context.h - makes the OpenSSL context of the server: a certificate, its
 * key, and the rules for every connection.
 */
#ifndef PANGOLIN_TLS_CONTEXT_H
#define PANGOLIN_TLS_CONTEXT_H

#include "config/settings.h"
#include "tls/credential.h"

/* ERR_VALIDATION names the setting whose credential cannot serve.  The caller
 * frees the context with SSL_CTX_free(). */
MUST_CHECK enum err tls_context_make(const struct credential *,
    enum tls_version least, struct ssl_ctx_st **ret, struct error *);

#endif
