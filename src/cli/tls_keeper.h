/*
 * tls_keeper.h - keeps the certificate in the parent, for the workers to serve.
 *
 * The parent reads the files, which workers may not be allowed to, when the
 * server starts, within half a minute of a change, and on SIGHUP.  A credential
 * that cannot serve changes nothing.  All of this does nothing without TLS.
 */
#ifndef PANGOLIN_TLS_KEEPER_H
#define PANGOLIN_TLS_KEEPER_H

#include "cli/serve.h"

/* Called in the parent, with the state directory: makes a credential and ticket
 * keys for the workers.  ERR_VALIDATION: the files cannot serve. */
MUST_CHECK enum err tls_keeper_start(struct serving *, struct error *);

/* Called in the parent often; and at once, when the operator asks. */
void tls_keeper_tick(struct serving *);
void tls_keeper_reread(struct serving *);

/* Checks the files of these settings as tls_keeper_start() would; warnings go
 * to standard error. */
MUST_CHECK enum err tls_keeper_check(const struct settings *, struct error *);

#endif
