/*
 * warehouse_clients.h - hands the settings of S3 warehouses to the clients of
 * this process (object/s3_clients.h).
 *
 * Who changes tables reads the row of the warehouse first, which tells them.
 * Reads that caches answer do not; when they need a file nevertheless, of a
 * location that no client has, the row is looked for.
 */
#ifndef PANGOLIN_WAREHOUSE_CLIENTS_H
#define PANGOLIN_WAREHOUSE_CLIENTS_H

#include "catalog/warehouses.h"

/* Tells what a warehouse is now. */
void warehouse_clients_tell(struct call *, const struct warehouse *);

/* Makes calls of S3 find warehouses by themselves.  Called once in a process
 * that uses objects. */
void warehouse_clients_start(void);

#endif
