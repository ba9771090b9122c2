/* observe.h - what http/ tells of each request: counted, and logged. */
#ifndef PANGOLIN_OBSERVE_H
#define PANGOLIN_OBSERVE_H

#include "http/server.h"

void observe_request(const struct request *, const struct outcome *);

#endif
