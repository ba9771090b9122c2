/* listen.h - sockets that listen; one for each worker, all on one address. */
#ifndef PANGOLIN_LISTEN_H
#define PANGOLIN_LISTEN_H

#include "base/error.h"
#include "base/str.h"

/* Fills `ret_fd` with `count` sockets of one SO_REUSEPORT group.  Port 0 takes
 * any free port.  A second server on the address is refused even if it makes
 * such sockets, too. */
MUST_CHECK enum err listen_open(struct str address, unsigned count, int *ret_fd,
    uint16_t *ret_port, struct error *);

#endif
