/*
 * s3_print.h - a hash of a warehouse's settings, by which s3_clients.h knows
 * that a new row says what the old one did; keys cannot be read from it.
 */
#ifndef PANGOLIN_S3_PRINT_H
#define PANGOLIN_S3_PRINT_H

#include "object/s3_clients.h"

#define S3_PRINT_BYTES 32

void s3_print(const struct s3_warehouse *, unsigned char ret[S3_PRINT_BYTES]);

/* A number for a bucket at a server, the same for all warehouses in it; 0: the
 * settings name none.  It is cut from a hash for which nobody finds another
 * bucket with the number of a given one. */
uint64_t s3_print_bucket(const struct s3_settings *);

#endif
