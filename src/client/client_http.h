/* client_http.h - requests of the command line, by libcurl. */
#ifndef PANGOLIN_CLIENT_HTTP_H
#define PANGOLIN_CLIENT_HTTP_H

#include <signal.h>

#include "base/arena.h"

#define CLIENT_ANSWER_MAX ((size_t)64 * 1024 * 1024)

struct client_http;

struct client_http_request {
	const char *method;
	struct str url;
	struct str token, tenant; /* ptr NULL: none */
	struct str body;          /* JSON; ptr NULL: none */
	struct str ca_file;       /* ptr NULL: the system's */
	int64_t timeout_us;       /* until all of the answer is there */
};

struct client_answer {
	int status;      /* 0: none came, or not all of it */
	const char *why; /* then */
	struct str body;
	struct str link;       /* the header; ptr NULL: none */
	int64_t retry_after_s; /* 0: not told */
};

/* NULL: there is no memory. */
struct client_http *client_http_open(void);
void client_http_close(struct client_http *);

/* Once `*flag` is set, a request ends without an answer; NULL: none does. */
void client_http_watch(struct client_http *, const volatile sig_atomic_t *flag);

/* The answer is in the arena, and at most CLIENT_ANSWER_MAX. */
struct client_answer client_http_send(
    struct client_http *, struct arena *, const struct client_http_request *);

#endif
