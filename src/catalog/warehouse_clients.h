/*
 * warehouse_clients.h - hands the settings of S3 warehouses to the clients of
 * this process (object/s3_clients.h).
 *
 * Requests and tasks that change tables read the row of the warehouse first,
 * and so tell the clients.  Reads that caches answer do not; when they need a
 * file nevertheless, the client looks for the row.
 */
#ifndef PANGOLIN_WAREHOUSE_CLIENTS_H
#define PANGOLIN_WAREHOUSE_CLIENTS_H

#include "catalog/warehouses.h"
#include "shm/warehouse_bytes.h"

/* Tells the clients the settings of a row that was just read.  To make clients
 * and close the old ones, with their connections, is not for the event loop. */
MUST_CHECK enum err warehouse_clients_tell(
    struct call *, const struct warehouse *);

/* Makes calls of S3 find warehouses by themselves.  Called once in a process
 * that uses objects; their bytes are counted in the table, or nowhere (NULL).
 */
void warehouse_clients_start(struct warehouse_bytes *);

#endif
