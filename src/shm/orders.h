/*
 * orders.h - passes the signals that the parent got on to its workers.
 *
 * A signal to a worker that is just being born would be lost; an order here is
 * not.  Orders are set in a signal handler, so they are lock-free atomics.
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
