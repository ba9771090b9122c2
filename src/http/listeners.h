/*
 * listeners.h - where a worker accepts: its own socket, and for as long as a
 * sibling is silent, the sibling's.
 *
 * The kernel deals new connections out among all sockets of the address, also
 * to that of a worker that hangs, sleeps or is being born again.
 */
#ifndef PANGOLIN_LISTENERS_H
#define PANGOLIN_LISTENERS_H

#include "base/error.h"
#include "shm/slots.h"

/* Once in each worker.  `fd` has a socket for each slot; `shared`: they are
 * one, which is not ours to close.  `own` is the number of this worker, which
 * has taken its slot; `tls` says what clients expect. */
MUST_CHECK enum err listeners_open(const int *fd, bool shared, struct slots,
    unsigned own, bool tls, struct error *);

/* One beat of the clock, 250 ms after the last: adopts the sockets of those
 * that have been silent for three, gives them back, and kills who has been
 * silent for forty. */
void listeners_tick(void);

/* Who has already been let in by the kernel is served, nobody else; on a shared
 * socket they wait for a sibling, or for the next server. */
void listeners_close(void);

#endif
