/*
 * bodies.h - bounds the memory for the bodies of requests, per worker and
 * client.
 *
 * A body counts from the moment at which it may arrive: an announced length at
 * once, chunks as they arrive, a compressed body before it is unpacked.  Each
 * body has a payer: the client's address while the client is not identified,
 * then the tenant.  The bytes of a payer are looked up in a count-min sketch
 * (Cormode and Muthukrishnan, 2005): it has one size for any number of
 * addresses, needs no lock, and never tells less than the truth.  It tells more
 * only for payers that share a bucket of every row with others; the hash has a
 * secret key.
 *
 * Any thread may call these functions; calls about one request come one at a
 * time.
 */
#ifndef PANGOLIN_BODIES_H
#define PANGOLIN_BODIES_H

#include "config/limits.h"
#include "http/request.h"

/* A larger body may not use the room that is reserved for small ones. */
#define BODIES_SMALL ((int64_t)64 * 1024)

/* A body that came whole with its head, and is no larger, is not counted:
 * sign-ins find room whatever else is under way. */
#define BODIES_UNCOUNTED ((int64_t)4 * 1024)

#define BODIES_ROWS 2
#define BODIES_BUCKETS 1024

struct bodies {
	_Atomic int64_t held;    /* bytes of all */
	_Atomic int64_t unknown; /* of clients that are not identified */
	_Atomic int64_t by_payer[BODIES_ROWS][BODIES_BUCKETS];
	unsigned char key[16]; /* of the hash */
};

void bodies_init(struct bodies *);

/* Counts so many bytes more for the body of a request until bodies_release().
 * False: the worker or the payer holds too much. */
MUST_CHECK bool bodies_take(
    struct bodies *, const struct limits *, struct request *, int64_t bytes);

/* The same; ERR_SLOW_DOWN, or ERR_UNAVAILABLE for reads, instead of false. */
MUST_CHECK enum err bodies_hold(
    struct bodies *, const struct limits *, struct request *, int64_t bytes);

/* Fails as bodies_hold() does. */
enum err bodies_refuse(struct request *);

/* The client is identified: the tenant pays from now on, not the address. */
MUST_CHECK enum err bodies_identified(
    struct bodies *, const struct limits *, struct request *);

/* The body is no longer needed. */
void bodies_release(struct bodies *, struct request *);

#endif
