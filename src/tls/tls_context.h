/*
 * tls_context.h - what OpenSSL serves with: a certificate, its key, and the
 * rules that hold for every connection.
 */
#ifndef PANGOLIN_TLS_CONTEXT_H
#define PANGOLIN_TLS_CONTEXT_H

#include "config/settings.h"
#include "tls/credential.h"

/* ERR_VALIDATION: the credential cannot serve, with the setting that is to
 * blame. The caller frees it with SSL_CTX_free(). */
MUST_CHECK enum err tls_context_make(const struct credential *,
    enum tls_version least, struct ssl_ctx_st **ret, struct error *);

#endif
