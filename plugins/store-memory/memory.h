/* memory.h - the open store: tables, one mutex. */
#ifndef PANGOLIN_MEMORY_H
#define PANGOLIN_MEMORY_H

#include <pthread.h>

#include "plugins/rowlog/engine.h"
#include "table.h"

struct memory {
	struct rowlog_store base; /* first: a struct store * is this struct */
	pthread_mutex_t lock;     /* held for microseconds */
	struct table *tables;     /* of the schema, then of the log */
};

extern const struct engine_ops memory_engine_ops;

#endif
