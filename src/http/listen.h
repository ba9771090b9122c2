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

/*
 * The socket that whoever started this process keeps open for it
 * (sd_listen_fds(3)); -1: there is none.  It must listen on `address`.  All
 * workers accept from the one queue, so nothing is lost when they end: the
 * queue waits for the next server.
 */
MUST_CHECK enum err listen_inherited(
    struct str address, int *ret_fd, uint16_t *ret_port, struct error *);

#endif
