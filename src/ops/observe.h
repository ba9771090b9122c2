/* observe.h - counts and logs each request that is over; http/ calls it. */
#ifndef PANGOLIN_OBSERVE_H
#define PANGOLIN_OBSERVE_H

#include "http/server_settings.h"

void observe_request(const struct request *, const struct outcome *);

#endif
