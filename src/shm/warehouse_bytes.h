/*
 * warehouse_bytes.h - counts the bytes of objects that this server has written
 * to each warehouse and read from it since it started, in shared memory.
 *
 * A row belongs to a warehouse for as long as the server runs.  All workers add
 * to it and any process reads it; when all rows are taken, warehouses that come
 * later are not counted.
 */
#ifndef PANGOLIN_WAREHOUSE_BYTES_H
#define PANGOLIN_WAREHOUSE_BYTES_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/uuid.h"
#include "shm/shm.h"

#define WAREHOUSE_BYTES_ROWS 1024

struct byte_counts {
	_Atomic uint64_t warehouse; /* of its id; 0: nobody's */
	_Atomic int64_t written, read;
};

struct warehouse_bytes {
	struct byte_counts row[WAREHOUSE_BYTES_ROWS];
};

size_t warehouse_bytes_size(void);
struct warehouse_bytes *warehouse_bytes_new(struct shm *);

/* The row of a warehouse, taken if need be.  NULL: none is free near where it
 * would be, or there is no table. */
struct byte_counts *warehouse_bytes_row(struct warehouse_bytes *, struct id);

struct byte_sums {
	int64_t written, read;
};

/* The counts of a warehouse, 0 without a row. */
struct byte_sums warehouse_bytes_sums(struct warehouse_bytes *, struct id);

#endif
