/*
 * listen.h - opens the sockets that listen: one per worker, all on one address.
 */
#ifndef PANGOLIN_LISTEN_H
#define PANGOLIN_LISTEN_H

#include "base/error.h"
#include "base/str.h"

/* Fills `ret_fd` with `count` sockets of one SO_REUSEPORT group.  Port 0 takes
 * any free port.  A second server on the address is refused even if its sockets
 * have SO_REUSEPORT too. */
MUST_CHECK enum err listen_open(struct str address, unsigned count, int *ret_fd,
    uint16_t *ret_port, struct error *);

/*
 * The socket that the service manager keeps open for this process
 * (sd_listen_fds(3)); -1: there is none.  It must listen on `address`.  All
 * workers accept from its one queue, so no connection is lost when they end:
 * the queue waits for the next server.
 */
MUST_CHECK enum err listen_inherited(
    struct str address, int *ret_fd, uint16_t *ret_port, struct error *);

#endif
