/*
 * server.h - the HTTP front, in the order in which main.c calls it.
 *
 * Parent, in kore_parent_configure():  server_listen().  It sets kore's
 *     worker_count, worker_max_connections, worker_rlimit_nofiles and
 *     worker_set_affinity; nothing of kore.conf may set them again.
 * Worker, in kore_worker_configure():  server_enter() before all else.
 * Worker, there too, privileges dropped and everything that
 *     handlers need open:              server_start().
 * Worker, in kore_worker_teardown():   server_drain(), which does not return.
 *
 * The program exports http_connection_accept() (connection.c) because kore
 * looks it up by name, and kore.conf declares `server catalog`.
 */
#ifndef PANGOLIN_SERVER_H
#define PANGOLIN_SERVER_H

#include "config/limits.h"
#include "config/network.h"
#include "http/request.h"
#include "shm/orders.h"
#include "shm/slots.h"
#include "tls/acceptor.h"

/* What a request passes between the router and its handler. */
struct stages {
	enum err (*identify)(struct request *);
	enum err (*authorize)(struct request *);
	/* Calls the handler of the route; NULL: as it is. */
	enum err (*handle)(struct request *);
};

/* How reads become strong without asking for each. */
struct freshness {
	/* Asks the store what has changed since.  OK: all that was done by
	 * anyone before this call is known.  On the loop without may_block;
	 * ERR_WOULD_BLOCK: it is called again on a pool thread, by one thread
	 * at a time and at most once in lag_us, and requests wait for that.
	 * NULL: nobody needs to be asked. */
	enum err (*refresh)(struct app *, bool may_block, struct error *);
	int64_t lag_us;
};

/* What became of a request. */
#define STATUS_CLIENT_GONE 499 /* it went away before the answer was ready */
struct outcome {
	int status;
	int64_t duration_us; /* from the end of the head to the reply */
	int64_t body_bytes;  /* of the reply */
};

struct server_settings {
	struct app *app;
	struct routes routes;
	struct stages stages;
	struct freshness freshness;
	struct lanes *lanes; /* NULL: calls are not bounded */
	/* On the loop, once a request is over; may be NULL. */
	void (*observe)(const struct request *, const struct outcome *);
	const struct limits *limits;
	struct str listen;  /* "127.0.0.1:8181", "[::1]:8181" */
	uint16_t workers;   /* at least 1 */
	uint16_t threads;   /* of the pool, in each worker */
	int64_t grace_us;   /* how long a drain may take */
	struct slots slots; /* one for each worker */
	struct orders *orders;
	struct networks trusted_proxies;
	const struct tls_shared *tls; /* NULL: plain HTTP */
	enum tls_version tls_min_version;
};

struct server;

/* Takes the address: one bind that proves it free, then a socket for each
 * worker; or the socket that this process was started with.  Settings, and all
 * they point to, outlive the server. */
MUST_CHECK enum err server_listen(
    const struct server_settings *, struct server **ret, struct error *);

/* The port that is listened on; differs from `listen` when that says 0. */
uint16_t server_port(const struct server *);

/* Whether somebody else keeps the socket open, across restarts. */
bool server_is_inherited(const struct server *);

/* From here on the worker dies with its parent.  One that has died too often
 * of late waits here; its siblings serve meanwhile. */
void server_enter(struct server *);

MUST_CHECK enum err server_start(struct server *, struct error *);

/* In kore_timer_run(), which kore calls once in each turn of its loop. */
void server_end_turn(void);

/* Accepts no more, answers what is in progress with Connection: close, waits
 * for it up to grace_us, and ends the process. */
_Noreturn void server_drain(struct server *);

#endif
