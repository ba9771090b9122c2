/*
 * metrics.h - GET /metrics, in Prometheus' text format 0.0.4.
 *
 * Any worker answers for all: the numbers are in shared memory.
 */
#ifndef PANGOLIN_METRICS_H
#define PANGOLIN_METRICS_H

#include "http/request.h"

enum err metrics_get(struct request *);

#endif
