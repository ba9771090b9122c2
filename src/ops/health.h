/* health.h - GET /health/live and /health/ready. */
#ifndef PANGOLIN_HEALTH_H
#define PANGOLIN_HEALTH_H

#include "http/request.h"

/* The event loop turns. */
enum err health_live(struct request *);

/* The store answers within a second, and the worker does not drain: 200, else
 * 503. */
enum err health_ready(struct request *);

#endif
