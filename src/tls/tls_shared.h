/*
 * tls_shared.h - shares certificate, key and the keys of session tickets
 * between the parent and its workers.
 *
 * Only the parent writes.  The memory is a mapping of its own that no core dump
 * contains.  A count of versions is odd while it is being written.
 */
#ifndef PANGOLIN_TLS_SHARED_H
#define PANGOLIN_TLS_SHARED_H

#include "tls/credential.h"

struct tls_shared;

/* Parent, before it forks.  Ticket keys are there, a credential is not. */
MUST_CHECK enum err tls_shared_new(struct tls_shared **ret, struct error *);

/* ---- certificate and key */
void tls_shared_publish(
    struct tls_shared *, const struct credential *, int64_t ends_us);
unsigned tls_shared_version(const struct tls_shared *);

/* A copy in the arena, and its version; the caller wipes it. */
void tls_shared_take(const struct tls_shared *, struct arena *,
    struct credential *ret, unsigned *ret_version);

/* When the certificate that was published last ends; UTC. */
int64_t tls_shared_ends_us(const struct tls_shared *);

/* ---- ticket keys (RFC 5077, 4) */
#define TICKET_KEYS 3 /* the first makes tickets, the others open old ones */

struct ticket_key {
	uint8_t name[16], cipher[32], mac[32];
};

/* A new first key; the last one is forgotten, and with it all its tickets. */
MUST_CHECK enum err tls_shared_rotate(struct tls_shared *, struct error *);

void tls_shared_tickets(
    const struct tls_shared *, struct ticket_key ret[TICKET_KEYS]);

#endif
