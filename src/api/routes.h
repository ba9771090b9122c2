/* routes.h - the whole HTTP surface, as one table: routes.c. */
#ifndef PANGOLIN_ROUTES_H
#define PANGOLIN_ROUTES_H

#include "http/route.h"

extern const struct routes api_routes;

#endif
