/*
 * target.h - the address and credentials of the server, from the plugin's
 * options.
 */
#ifndef PANGOLIN_TARGET_H
#define PANGOLIN_TARGET_H

#include <sys/time.h>

#include "base/arena.h"
#include "plugin/cache.h"

#define PREFIX_MAX ((size_t)64)

/* Options in the order of the plugin's table. */
enum redis_option { OPTION_URL, OPTION_PREFIX, OPTION_TIMEOUT, OPTION_COUNT };

struct target {
	const char *path; /* of a socket; NULL: host and port */
	const char *host;
	int port;
	struct str user, password; /* ptr NULL: there is none */
	struct str database;       /* a number; ptr NULL: 0 */
	struct str prefix;         /* before each key */
	struct timeval timeout;    /* to connect, and for each answer */
};

/* ERR_VALIDATION names the option; the URL, which may hold a password, is not
 * repeated. */
MUST_CHECK enum err target_of(struct arena *, const struct plugin_settings *,
    struct target *ret, struct error *);

#endif
