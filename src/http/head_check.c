#include "http/head_check.h"

#include "http/target.h"

/* The transfer codings of all lines, in order. */
struct codings {
	bool any_line;
	bool chunked;       /* the last one until now */
	struct str unknown; /* the first one that is not chunked */
};

/* RFC 9112, 6.1: chunked only once, so nothing can follow it. */
static enum err
add_codings(struct codings *c, struct str line, struct error *e)
{
	c->any_line = true;
	while (line.ptr != NULL) {
		struct str coding = str_trim(str_cut(&line, ','));

		if (coding.len == 0)
			continue;
		if (c->chunked)
			return fail(e, ERR_BAD_REQUEST,
			    "The last transfer coding is the only chunked.");
		c->chunked = str_eq_nocase(coding, STR("chunked"));
		if (!c->chunked && c->unknown.ptr == NULL)
			c->unknown = coding;
	}
	return OK;
}

/* RFC 9112, 6.1 and 6.3. */
static enum err
check_codings(const struct codings *c, int http_minor, struct error *e)
{
	if (!c->any_line)
		return OK;
	if (http_minor == 0)
		return fail(
		    e, ERR_BAD_REQUEST, "HTTP/1.0 has no Transfer-Encoding.");
	if (!c->chunked)
		return fail(e, ERR_BAD_REQUEST,
		    "The last transfer coding of a request is chunked.");
	if (c->unknown.ptr != NULL)
		return fail(e, ERR_NOT_IMPLEMENTED,
		    "No transfer coding but chunked is implemented.");
	return OK;
}

/* RFC 9112, 3.2. */
static enum err
check_hosts(size_t count, int http_minor, struct error *e)
{
	if (count > 1 || (count == 0 && http_minor != 0))
		return fail(e, ERR_BAD_REQUEST,
		    "A request has exactly one Host header; this has %zu.",
		    count);
	return OK;
}

/* RFC 9110, 10.1.1. */
static enum err
check_expectation(struct str value, struct error *e)
{
	if (!str_eq_nocase(value, STR("100-continue")))
		return fail(e, ERR_EXPECTATION,
		    "The only expectation that can be met is 100-continue.");
	return OK;
}

/* Headers of which two would be ambiguous: a proxy that reads the last one and
 * a server that reads the first would differ. */
static const struct str singletons[] = {
	STR_INIT("Authorization"),
	STR_INIT("X-API-Key"),
	STR_INIT("X-Pangolin-Tenant"),
	STR_INIT("Idempotency-Key"),
};

/* `seen` has a bit for each of them. */
static enum err
check_singleton(const struct header *h, unsigned *seen, struct error *e)
{
	for (size_t i = 0; i < sizeof(singletons) / sizeof(singletons[0]);
	     i++) {
		if (!str_eq_nocase(h->name, singletons[i]))
			continue;
		if ((*seen & 1u << i) != 0)
			return fail(e, ERR_BAD_REQUEST,
			    "A request has one " STR_FMT " header.",
			    STR_ARG(singletons[i]));
		*seen |= 1u << i;
	}
	return OK;
}

enum err
head_check(struct request *r, int http_minor, bool *ret_continue_expected)
{
	struct codings codings = { 0 };
	unsigned seen = 0;
	size_t hosts = 0;
	bool expected = false;

	for (size_t i = 0; i < r->headers.count; i++) {
		const struct header *h = &r->headers.at[i];

		if (str_eq_nocase(h->name, STR("Host"))) {
			hosts++;
			if (!authority_is_valid(h->value))
				return fail(&r->error, ERR_BAD_REQUEST,
				    "The Host header is not a host.");
		} else if (str_eq_nocase(h->name, STR("Transfer-Encoding"))) {
			TRY(add_codings(&codings, h->value, &r->error));
		} else if (http_minor != 0 &&
			   str_eq_nocase(h->name, STR("Expect"))) {
			TRY(check_expectation(h->value, &r->error));
			expected = true;
		} else {
			TRY(check_singleton(h, &seen, &r->error));
		}
	}
	TRY(check_hosts(hosts, http_minor, &r->error));
	TRY(check_codings(&codings, http_minor, &r->error));
	*ret_continue_expected = expected;
	return OK;
}
