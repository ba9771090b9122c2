/*
 * request_limit.h - refuses requests of a principal that sends too many: reads,
 * writes and commits, each by a setting of [rate].
 *
 * A commit is what the route's row calls one (ROUTE_COMMITS).  Routes that need
 * no credentials, health and metrics among them, are never refused.
 */
#ifndef PANGOLIN_REQUEST_LIMIT_H
#define PANGOLIN_REQUEST_LIMIT_H

#include "http/request.h"
#include "shm/slots.h"

/* Charges a request whose principal is known.  ERR_SLOW_DOWN (429) says when to
 * come again; nothing was done. */
MUST_CHECK enum err request_limit_charge(struct request *);

/* A call for the counts that all nodes share: it leaves no trace in the usage
 * of the request, whose own changes are not begun. */
struct count_call {
	struct call call;
	struct usage usage;
	struct error error;
};
struct call *count_call_of(struct request *, struct count_call *room);

/* The refusal of a request that has used up a limit. */
enum err limit_refuse(struct request *, enum gauge, const char *what,
    int64_t limit, int64_t wait_us);

#endif
