/* routes.h - the table of all HTTP routes, in routes.c. */
#ifndef PANGOLIN_ROUTES_H
#define PANGOLIN_ROUTES_H

#include "http/route.h"

extern const struct routes api_routes;

#endif
