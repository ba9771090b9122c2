/*
 * access_log.h - the access log: a line for each request that is over.
 *
 * The path is written, the query never: it may hold secrets.
 */
#ifndef PANGOLIN_ACCESS_LOG_H
#define PANGOLIN_ACCESS_LOG_H

#include "base/buf.h"
#include "http/server_settings.h"

/* Appends the members of such a line, after those that all log lines have. */
void access_log_members(
    struct buf *, const struct request *, const struct outcome *);

/* Writes the line if log.access says so. */
void access_log(const struct request *, const struct outcome *);

/* Writes a warning about a sign-in that was refused, with the name that was
 * tried: never with what it was tried by. */
void sign_in_log(const struct request *, const struct outcome *);

#endif
