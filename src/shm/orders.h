/*
 * orders.h - what the parent was told by signals, for its workers to see.
 *
 * A signal to a worker that is just being born would be lost; what is written
 * here is not.  Set in a signal handler, so nothing but lock-free atomics.
 */
#ifndef PANGOLIN_ORDERS_H
#define PANGOLIN_ORDERS_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>

struct orders {
	alignas(64) atomic_bool end; /* drain and go */
};

#endif
