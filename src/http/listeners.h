/*
 * listeners.h - accepts connections from a worker's own socket, and from the
 * socket of a sibling for as long as that is silent.
 *
 * The kernel deals new connections out among all sockets of the address, also
 * to that of a worker that hangs, sleeps or is being born again.
 */
#ifndef PANGOLIN_LISTENERS_H
#define PANGOLIN_LISTENERS_H

#include "base/error.h"
#include "shm/slots.h"

/* Called once in each worker.  `fd` has a socket for each slot; `shared`: all
 * are one socket, which is not ours to close.  `own` is the number of this
 * worker, which has taken its slot; `tls` says what clients expect. */
MUST_CHECK enum err listeners_open(const int *fd, bool shared, struct slots,
    unsigned own, bool tls, struct error *);

/* One beat of the clock, every 250 ms.  It adopts the sockets of workers that
 * have been silent for three beats, gives them back, and kills a worker that
 * has been silent for forty; or for eight, while one of our writes may wait for
 * it (`oldest_write_us` is the clock_mono_us() at which that write came;
 * INT64_MAX: there is none). */
void listeners_tick(int64_t oldest_write_us);

/* Accepts the connections that already wait in the queue of this worker's
 * socket, and no others; on a shared socket they wait for a sibling, or for the
 * next server. */
void listeners_close(void);

#endif
