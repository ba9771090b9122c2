/* provider_http.h - requests to a provider of sign-in, by libcurl. */
#ifndef PANGOLIN_PROVIDER_HTTP_H
#define PANGOLIN_PROVIDER_HTTP_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "plugin/store.h"

struct oidc_settings; /* config/oidc_settings.h */

#define PROVIDER_ANSWER_MAX ((size_t)1024 * 1024)
#define PROVIDER_WAIT_US (4 * CLOCK_SECOND) /* for one answer */

struct provider_request {
	struct str url;
	struct str form;          /* to post; ptr NULL: a GET */
	struct str authorization; /* ptr NULL: none */
};

struct provider_answer {
	int status; /* of any that came */
	struct str body;
};

/* Sends a request, once.  ERR_UNAVAILABLE says why no answer came, and names
 * the provider. */
MUST_CHECK enum err provider_send(struct call *, const struct oidc_settings *,
    const struct provider_request *, struct provider_answer *ret);

/* Adds a text, encoded for a query or a form. */
void provider_encode(struct buf *, struct str);

/* Adds "&name=value" to the query of a URL or a form, encoded. */
void provider_add_argument(struct buf *, struct str name, struct str value);

#endif
