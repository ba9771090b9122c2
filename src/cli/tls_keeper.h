/*
 * tls_keeper.h - the parent keeps the certificate that workers serve with.
 *
 * It reads the files, which workers may not be allowed to, when the server
 * starts, within half a minute of a change, and on SIGHUP.  A credential that
 * cannot serve changes nothing.  All of this does nothing without TLS.
 */
#ifndef PANGOLIN_TLS_KEEPER_H
#define PANGOLIN_TLS_KEEPER_H

#include "cli/serve.h"

/* Parent, with the state directory: a credential and ticket keys for the
 * workers. ERR_VALIDATION: the files cannot serve. */
MUST_CHECK enum err tls_keeper_start(struct serving *, struct error *);

/* Parent, often; and now, because the operator asks. */
void tls_keeper_tick(struct serving *);
void tls_keeper_reread(struct serving *);

/* What tls_keeper_start() would say of these settings' files; warnings go to
 * standard error. */
MUST_CHECK enum err tls_keeper_check(const struct settings *, struct error *);

#endif
