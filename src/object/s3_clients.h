/*
 * s3_clients.h - the S3 clients of this process, by the roots of warehouses.
 *
 *	a warehouse's row is read -> s3_clients_set() -> entry: root, client
 *	a location is used -> s3_clients_take(): the entry of the longest root
 *	above it that the tenant has; none: the tenant's warehouses are looked
 *	through, once -> s3_clients_give_back()
 *
 * A row with other settings takes the entries of the old one out of the table;
 * the last call that uses a client then closes it.
 */
#ifndef PANGOLIN_S3_CLIENTS_H
#define PANGOLIN_S3_CLIENTS_H

#include "base/uuid.h"
#include "object/s3_client.h"

/* Roots: of all, of a tenant, of a warehouse.  The warehouse that rested
 * longest makes room, of the same tenant when that has its most. */
#define S3_ENTRIES_MAX 2048
#define S3_TENANT_MAX 1024
#define S3_ROOTS_MAX 128

/* Whether the table has this revision of a warehouse's row, or a newer one. */
bool s3_clients_have(struct id warehouse, int64_t revision);

struct s3_warehouse {
	struct id id, tenant;
	int64_t revision;
	const struct str *roots; /* "s3://bucket/prefix", other schemes are
				  * left out */
	size_t root_count;
	const struct s3_settings *settings; /* the bucket is that of each root;
					     * NULL: `why` says why not */
	const char *why;
};

/* Sets the clients of a warehouse; without roots it has none.  Settings that
 * cannot be are the error of each call that takes one. */
void s3_clients_set(const struct s3_warehouse *);

/* A number for the bucket at its server that a location is in, whichever tenant
 * and warehouse has it; 0: no client is known yet.  ERR_SLOW_DOWN as by
 * s3_clients_take(): a request that comes now need not wait to hear it. */
MUST_CHECK enum err s3_clients_bucket(
    struct call *, struct str location, uint64_t *ret);

/* A client on loan, and what it calls the location. */
struct s3_loan {
	struct s3_entry *entry;
	struct s3_client *client;
	struct str key; /* "": the bucket itself */
};

/* Sets the clients of the warehouse that has a location: of this one, whose row
 * was not read for seconds, or of any (nil), when no client is known. */
typedef enum err s3_look(
    struct call *, struct str location, struct id warehouse);

/* Called once, before there are calls. */
void s3_clients_look_by(s3_look *);

/* A client of the call's tenant (calls/usage.h): a location says nothing about
 * whose it is.  ERR_UNAVAILABLE when no warehouse of the tenant has the
 * location, or its settings cannot be; ERR_SLOW_DOWN when several calls wait
 * and its server answers none. */
MUST_CHECK enum err s3_clients_take(
    struct call *, struct str location, struct s3_loan *ret);
void s3_clients_give_back(const struct s3_loan *, bool answered);

/* Whether a call would be lent the same client for this location, and what the
 * client calls it. */
bool s3_clients_same(const struct s3_loan *, const struct call *,
    struct str location, struct str *ret_key);

/* The time for signatures that a warehouse's server checks: its own, as far as
 * a client in the table knows it. */
int64_t s3_clients_clock_us(struct id warehouse);

/* The clients in the table now; requests and connections since the start. */
struct s3_clients_counts {
	int64_t clients, requests, connections;
};
struct s3_clients_counts s3_clients_count(void);

#endif
