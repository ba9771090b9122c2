/*
 * router.h - finds the row of the route table for a path and a method.
 *
 * Paths are matched as they were sent, segment by segment between '/': an
 * encoded slash does not split.  A literal segment goes before a parameter.  A
 * path that takes GET takes HEAD too.  Routers are read-only once made; several
 * threads may share one.
 */
#ifndef PANGOLIN_ROUTER_H
#define PANGOLIN_ROUTER_H

#include "base/arena.h"
#include "http/route.h"

struct router;

/* In the arena; the rows are borrowed.  Two rows of one path and method, or a
 * path with more than ROUTE_ARGS_MAX parameters, end the process. */
struct router *router_new(struct arena *, struct routes);

struct route_match {
	const struct route *route; /* NULL: none */
	unsigned allowed;          /* methods of this path; 0: no such path */
	struct str arg[ROUTE_ARGS_MAX]; /* of the route; still encoded */
	size_t arg_count;
};

struct route_match router_find(
    const struct router *, enum method, struct str path);

/* "GET, POST": the value of an Allow header. */
struct str router_allow(struct arena *, unsigned methods);

/* The method of this exact name; 0: not one of ours. */
enum method method_parse(struct str name);

#endif
