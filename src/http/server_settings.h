/*
 * server_settings.h - the settings of the HTTP server, and what it calls back.
 *
 * main.c fills them in before server_listen(); connections and requests reach
 * them by `front` (http/front.h).
 */
#ifndef PANGOLIN_SERVER_SETTINGS_H
#define PANGOLIN_SERVER_SETTINGS_H

#include "config/limits.h"
#include "config/network.h"
#include "http/request.h"
#include "shm/orders.h"
#include "shm/slots.h"
#include "tls/acceptor.h"

/* The stages that the program supplies, see http/stages.h. */
struct stages {
	enum err (*identify)(struct request *);
	enum err (*authorize)(struct request *);
	/* Calls the handler of the route, with more around it; NULL: nothing
	 * is. */
	enum err (*handle)(struct request *);
};

/* The poll that keeps cached reads fresh, see http/read_batch.h. */
struct freshness {
	/* Polls the store's heads.  OK: all that anyone did before this call is
	 * known.  The loop calls it without may_block; after ERR_WOULD_BLOCK a
	 * pool thread calls it again, one thread at a time and at most once in
	 * lag_us, and requests wait for that.  NULL: no poll is needed. */
	enum err (*refresh)(struct app *, bool may_block, struct error *);
	int64_t lag_us;
};

/* The result of a request, for logs and counts. */
#define STATUS_CLIENT_GONE 499 /* it left before the answer was ready */
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
	struct bulkheads *bulkheads; /* NULL: calls take no permits */
	/* Called on the loop once a request is over; may be NULL. */
	void (*observe)(const struct request *, const struct outcome *);
	const struct limits *limits;
	struct str listen;   /* "127.0.0.1:8181", "[::1]:8181" */
	uint16_t workers;    /* at least 1 */
	uint16_t threads;    /* of the pool, in each worker */
	int64_t grace_us;    /* how long a drain may take */
	struct slots slots;  /* one for each worker */
	size_t shared_bytes; /* of memory that all workers map */
	struct orders *orders;
	struct networks trusted_proxies;
	const struct tls_shared *tls; /* NULL: plain HTTP */
	enum tls_version tls_min_version;
	struct str hsts; /* see struct reply_frame */
	bool no_auth;    /* nobody signs in: no_auth.h */
	struct str public_url;
	const struct str_list *cors_origins; /* cors.h; NULL: none */
};

#endif
