/*
 * acceptor.h - begins TLS on new connections of a worker, with the current
 * certificate.
 *
 * Open connections keep the certificate they began with.
 */
#ifndef PANGOLIN_ACCEPTOR_H
#define PANGOLIN_ACCEPTOR_H

#include "config/settings.h"
#include "tls/tls_shared.h"

/* How long a client may resume a session without a full handshake; the parent
 * rotates ticket keys so that they outlive it. */
#define TICKET_LIFE_US (CLOCK_SECOND * 60 * 60 * 2)
#define TICKET_ROTATE_US (TICKET_LIFE_US / (TICKET_KEYS - 1))

struct acceptor;
struct ssl_st;

MUST_CHECK enum err acceptor_new(const struct tls_shared *,
    enum tls_version least, struct acceptor **ret, struct error *);
void acceptor_free(struct acceptor *); /* accepts NULL */

/* Takes a new certificate, if the parent has one.  After an error the old one
 * serves on, and the new one is not tried again. */
MUST_CHECK enum err acceptor_refresh(struct acceptor *, struct error *);

/* The server's end of a new connection; SSL_free() ends it. */
struct ssl_st *acceptor_begin(struct acceptor *, int fd);

#endif
