/*
 * route_commands.h - commands of pangolin-admin and pangolin-user, made from
 * the table of routes: every route under /api/v1 is one.
 *
 *     GET    /api/v1/tasks                 task list
 *     GET    /api/v1/tasks/{id}            task get ID
 *     POST   /api/v1/tasks                 task create
 *     POST   /api/v1/tasks/{id}/cancel     task cancel ID
 *     DELETE /api/v1/users/{id}/roles/{r}  user role delete ID R
 *
 * The words are the path's, in the singular; the last is what the method does,
 * or the path's own last word where that is no collection.
 */
#ifndef PANGOLIN_ROUTE_COMMANDS_H
#define PANGOLIN_ROUTE_COMMANDS_H

#include "api/routes.h"
#include "base/arena.h"

#define API_ROOT "/api/v1/"

struct route_command {
	struct str name; /* "task list" */
	const struct route *route;
};

struct route_commands {
	struct route_command *at;
	size_t count;
};

/* All of them, or those that somebody may use who is no administrator. */
struct route_commands route_commands_of(struct arena *, bool for_users);

/* The route of a method and path; NULL: there is none. */
const struct route *route_command_route(enum method, struct str path);

#endif
