#include "oidc/provider_http.h"

#include "base/buf.h"
#include "base/clock.h"
#include "config/oidc_settings.h"
#include "object/s3_http.h"
#include "object/sigv4.h"

/* The operator has named the provider, so it may be at any address. */
static struct s3_http_settings
http_of(const struct oidc_settings *s)
{
	return (struct s3_http_settings){ .connections = 1,
		.ca_file = s->ca_file.len != 0 ? s->ca_file : (struct str){ 0 },
		.any_address = true };
}

enum err
provider_send(struct call *c, const struct oidc_settings *s,
    const struct provider_request *r, struct provider_answer *ret)
{
	const struct s3_http_settings settings = http_of(s);
	struct pair headers[] = {
		{ STR("Accept"), STR("application/json") },
		{ STR("Content-Type"),
		    STR("application/x-www-form-urlencoded") },
		{ STR("Authorization"), r->authorization },
	};
	struct s3_exchange x = { .method = r->form.ptr != NULL ? "POST" : "GET",
		.url = r->url,
		.headers = { headers, 1 },
		.body = r->form,
		.most = PROVIDER_ANSWER_MAX,
		.silence_us = PROVIDER_WAIT_US };
	int64_t soon = clock_mono_us() + PROVIDER_WAIT_US;
	struct call own = *c;
	struct s3_http *http = NULL;
	enum err err;

	if (r->form.ptr != NULL)
		x.headers.count = r->authorization.ptr != NULL ? 3 : 2;
	if (own.deadline_us > soon)
		own.deadline_us = soon;
	TRY(s3_http_open(&settings, &http, c->error));
	err = s3_http_send(http, &own, &x);
	s3_http_close(http);
	TRY(err);
	if (x.status == 0 || x.too_large)
		return fail(c->error, ERR_UNAVAILABLE,
		    "The provider '" STR_FMT "' does not answer: %s",
		    STR_ARG(s->name),
		    x.too_large ? "its answer is too large" : x.why);
	*ret = (struct provider_answer){ x.status, x.answer };
	return OK;
}

void
provider_encode(struct buf *b, struct str text)
{
	sigv4_encode(b, text, false);
}

void
provider_add_argument(struct buf *b, struct str name, struct str value)
{
	buf_add_char(b, '&');
	buf_add(b, name);
	buf_add_char(b, '=');
	provider_encode(b, value);
}
