#include "http/bodies.h"

#include <sodium.h>

#include "config/network.h"

/* The most for bodies of clients that are not identified: a client that can
 * show credentials finds room, however many strangers there are. */
#define UNKNOWN_PERCENT 50

/* The part of an IPv6 address that its owner cannot choose (RFC 4291, 2.5.4):
 * the first half. */
#define SUBNET_BYTES 8

void
bodies_init(struct bodies *b)
{
	randombytes_buf(b->key, sizeof(b->key));
}

/* ---- payers */

enum payer { PAYER_ADDRESS, PAYER_TENANT };

static uint64_t
payer_hash(const struct bodies *b, enum payer kind, const uint8_t name[16])
{
	unsigned char text[17] = { (unsigned char)kind };
	uint64_t hash;

	memcpy(text + 1, name, 16);
	(void)crypto_shorthash(
	    (unsigned char *)&hash, text, sizeof(text), b->key);
	return hash;
}

static uint64_t
address_of(const struct bodies *b, const struct request *r)
{
	static const uint8_t ipv4[12] = { [10] = 0xFF, [11] = 0xFF };
	struct ip ip = { { 0 } };

	if (ip_parse(r->client, &ip) && memcmp(ip.b, ipv4, sizeof(ipv4)) != 0)
		memset(ip.b + SUBNET_BYTES, 0, sizeof(ip.b) - SUBNET_BYTES);
	return payer_hash(b, PAYER_ADDRESS, ip.b);
}

static _Atomic int64_t *
bucket(struct bodies *b, uint64_t payer, unsigned row)
{
	return &b->by_payer[row][(payer >> (32 * row)) % BODIES_BUCKETS];
}

static void
payer_give(struct bodies *b, uint64_t payer, int64_t bytes)
{
	for (unsigned row = 0; row < BODIES_ROWS; row++)
		atomic_fetch_sub(bucket(b, payer, row), bytes);
}

static bool
payer_take(struct bodies *b, uint64_t payer, int64_t bytes, int64_t most)
{
	int64_t held = INT64_MAX;

	for (unsigned row = 0; row < BODIES_ROWS; row++) {
		_Atomic int64_t *at = bucket(b, payer, row);
		int64_t n = atomic_fetch_add(at, bytes) + bytes;

		held = n < held ? n : held;
	}
	if (held <= most)
		return true;
	payer_give(b, payer, bytes);
	return false;
}

/* ---- shares */

/* A share that is too small for one body would be none. */
static int64_t
share(const struct limits *l, int64_t percent, int64_t least)
{
	int64_t bytes = l->bodies_bytes * percent / 100;

	return bytes > least ? bytes : least;
}

static int64_t
most_of_all(const struct limits *l, int64_t body)
{
	return body <= BODIES_SMALL
		   ? l->bodies_bytes
		   : share(l, 100 - l->bodies_small_percent, l->body_bytes);
}

static int64_t
most_of_tenant(const struct limits *l)
{
	return share(l, l->bodies_tenant_percent, l->body_bytes);
}

static bool
take(_Atomic int64_t *held, int64_t bytes, int64_t most)
{
	if (atomic_fetch_add(held, bytes) + bytes <= most)
		return true;
	atomic_fetch_sub(held, bytes);
	return false;
}

static bool
take_from_tenant(struct bodies *b, const struct limits *l,
    const struct holding *h, int64_t bytes)
{
	return payer_take(b, h->payer, bytes, most_of_tenant(l));
}

static bool
take_from_address(struct bodies *b, const struct limits *l,
    const struct holding *h, int64_t bytes)
{
	int64_t one = l->public_body_bytes;
	int64_t all = share(l, UNKNOWN_PERCENT, one);
	int64_t most = share(l, l->bodies_address_percent, one);

	if (!take(&b->unknown, bytes, all))
		return false;
	if (payer_take(b, h->payer, bytes, most))
		return true;
	atomic_fetch_sub(&b->unknown, bytes);
	return false;
}

static void
choose_payer(const struct bodies *b, struct request *r)
{
	struct holding *h = &r->holding;

	h->identified = r->principal != NULL;
	h->payer = h->identified ? payer_hash(b, PAYER_TENANT, h->tenant.b)
				 : address_of(b, r);
}

bool
bodies_take(
    struct bodies *b, const struct limits *l, struct request *r, int64_t bytes)
{
	struct holding *h = &r->holding;

	if (h->bytes == 0)
		choose_payer(b, r);
	if (!take(&b->held, bytes, most_of_all(l, h->bytes + bytes)))
		return false;
	if (!(h->identified ? take_from_tenant(b, l, h, bytes)
			    : take_from_address(b, l, h, bytes))) {
		atomic_fetch_sub(&b->held, bytes);
		return false;
	}
	h->bytes += bytes;
	return true;
}

enum err
bodies_refuse(struct request *r)
{
	return fail(&r->error,
	    request_reads(r) ? ERR_UNAVAILABLE : ERR_SLOW_DOWN,
	    "The server is receiving too much at once; try again later.");
}

enum err
bodies_hold(
    struct bodies *b, const struct limits *l, struct request *r, int64_t bytes)
{
	return bodies_take(b, l, r, bytes) ? OK : bodies_refuse(r);
}

enum err
bodies_identified(struct bodies *b, const struct limits *l, struct request *r)
{
	struct holding *h = &r->holding, was = *h;

	if (was.bytes == 0 || was.identified)
		return OK;
	choose_payer(b, r);
	if (!take_from_tenant(b, l, h, was.bytes)) {
		*h = was;
		return bodies_refuse(r);
	}
	atomic_fetch_sub(&b->unknown, was.bytes);
	payer_give(b, was.payer, was.bytes);
	return OK;
}

void
bodies_release(struct bodies *b, struct request *r)
{
	struct holding *h = &r->holding;

	if (h->bytes == 0)
		return;
	atomic_fetch_sub(&b->held, h->bytes);
	if (!h->identified)
		atomic_fetch_sub(&b->unknown, h->bytes);
	payer_give(b, h->payer, h->bytes);
	h->bytes = 0;
}
