/*
 * server.h - starts and ends the HTTP server, in the order in which main.c
 * calls it.
 *
 * Parent, in kore_parent_configure(): server_listen().  It sets kore's
 * worker_count, worker_max_connections, worker_rlimit_nofiles and
 * worker_set_affinity; nothing of kore.conf may set them again.
 *
 * Worker, in kore_worker_configure(): server_enter() before all else, and
 * server_start() when privileges are dropped and all that handlers need is
 * open.
 *
 * Worker, in kore_worker_teardown(): server_drain(), which does not return.
 *
 * The program exports http_connection_accept() (connection.c) because kore
 * looks it up by name, and kore.conf declares `server catalog`.
 */
#ifndef PANGOLIN_SERVER_H
#define PANGOLIN_SERVER_H

#include "http/server_settings.h"

struct server;

/* Takes the address: one bind proves it free, then each worker gets a socket;
 * or the process uses the socket that it was started with.  Settings, and all
 * they point to, outlive the server. */
MUST_CHECK enum err server_listen(
    const struct server_settings *, struct server **ret, struct error *);

/* The port that the server listens on; differs from `listen` when that says
 * 0. */
uint16_t server_port(const struct server *);

/* Whether the service manager keeps the socket open across restarts. */
bool server_is_inherited(const struct server *);

/* From now on the worker dies with its parent.  A worker that has died too
 * often of late waits here; its siblings serve meanwhile. */
void server_enter(struct server *);

MUST_CHECK enum err server_start(struct server *, struct error *);

/* Called in kore_timer_run(), which kore calls once in each turn of its
 * loop. */
void server_end_turn(void);

/* Accepts no more, answers the requests in progress with Connection: close,
 * waits up to grace_us for them, and ends the process. */
_Noreturn void server_drain(struct server *);

#endif
