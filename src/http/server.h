/*
 * server.h - the HTTP front that main.c starts: what it is given.
 *
 * Parent, before workers exist:   server_listen(), then kore runs.
 * Worker, privileges dropped:     server_start().
 */
#ifndef PANGOLIN_SERVER_H
#define PANGOLIN_SERVER_H

#include "config/limits.h"
#include "http/request.h"

/* What a request passes between the router and its handler. */
struct stages {
	enum err (*identify)(struct request *);
	enum err (*authorize)(struct request *);
};

struct server_settings {
	struct app *app;
	struct routes routes;
	struct stages stages;
	const struct limits *limits;
	struct str listen; /* "127.0.0.1:8181", "[::1]:8181" */
	uint16_t workers;  /* at least 1 */
	uint16_t threads;  /* of the pool, in each worker */
	int64_t grace_us;  /* how long a drain may take */
};

#endif
