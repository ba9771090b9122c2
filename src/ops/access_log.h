/*
 * access_log.h - a line of the log for each request that is over.
 *
 * The path is written, the query never: it may hold what is secret.
 */
#ifndef PANGOLIN_ACCESS_LOG_H
#define PANGOLIN_ACCESS_LOG_H

#include "base/buf.h"
#include "http/server.h"

/* The line's members behind those that all lines have. */
void access_log_members(
    struct buf *, const struct request *, const struct outcome *);

/* Writes it if log.access says so. */
void access_log(const struct request *, const struct outcome *);

#endif
