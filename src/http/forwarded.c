#include "http/forwarded.h"

#include "base/buf.h"
#include "config/public_url.h"

/* The address by which a trusted proxy says that it was asked. */
struct claim {
	struct str proto, host, prefix;
};

/* ---- lists in headers */

/* All lines of a header as one list (RFC 9110, 5.3); ptr NULL: none. */
static struct str
joined(const struct request *r, struct str name)
{
	struct str first = request_header(r, name);
	struct buf all = buf_in(r->arena);
	size_t lines = 0;

	for (size_t i = 0; i < r->headers.count; i++) {
		const struct header *h = &r->headers.at[i];

		if (!str_eq_nocase(h->name, name))
			continue;
		if (lines++ != 0)
			buf_add_char(&all, ',');
		buf_add(&all, h->value);
	}
	return lines > 1 ? buf_str(&all) : first;
}

/* The text behind the last comma; `rest` keeps the text before it.  A comma
 * in quotes cuts too: a client must not hide by its own text what a proxy
 * added. */
static struct str
cut_last(struct str *rest)
{
	const char *comma =
	    rest->len != 0 ? memrchr(rest->ptr, ',', rest->len) : NULL;
	size_t at = comma != NULL ? (size_t)(comma - rest->ptr) + 1 : 0;
	struct str last = { rest->ptr + at, rest->len - at };

	*rest = (struct str){ comma != NULL ? rest->ptr : NULL,
		at != 0 ? at - 1 : 0 };
	return str_trim(last);
}

static struct str
last_of(const struct request *r, struct str name)
{
	struct str list = joined(r, name);

	return list.ptr != NULL ? cut_last(&list) : list;
}

/* ---- nodes */

/* "192.0.2.7", "192.0.2.7:80", "2001:db8::7", "[2001:db8::7]:80"; not
 * "unknown" nor "_name" (RFC 7239, 6). */
static bool
node_parse(struct str node, struct ip *ret)
{
	struct str rest = node, before;

	if (str_starts_with(node, STR("["))) {
		rest = str_skip(node, 1);
		before = str_cut(&rest, ']');
		return rest.ptr != NULL &&
		       (rest.len == 0 || rest.ptr[0] == ':') &&
		       ip_parse(before, ret);
	}
	before = str_cut(&rest, ':');
	if (rest.ptr != NULL && memchr(rest.ptr, ':', rest.len) == NULL)
		return ip_parse(before, ret);
	return ip_parse(node, ret);
}

/* The parameter of an element of Forwarded, out of its quotes. */
static struct str
parameter(struct str element, struct str name)
{
	while (element.ptr != NULL) {
		struct str value = str_cut(&element, ';');
		struct str key = str_trim(str_cut(&value, '='));

		if (value.ptr == NULL || !str_eq_nocase(key, name))
			continue;
		value = str_trim(value);
		if (value.len >= 2 && value.ptr[0] == '"' &&
		    value.ptr[value.len - 1] == '"')
			value = (struct str){ value.ptr + 1, value.len - 2 };
		return value;
	}
	return (struct str){ 0 };
}

/* ---- both forms */

/* Each element of Forwarded was written by the hop that is known by then: its
 * words are believed, and those of a hop nearer to the client more. */
static void
read_forwarded(struct str list, const struct networks *trusted, struct ip *hop,
    struct claim *claim)
{
	while (list.ptr != NULL && networks_hold(trusted, hop)) {
		struct str element = cut_last(&list);
		struct str proto = parameter(element, STR("proto"));
		struct str host = parameter(element, STR("host"));
		struct ip before;

		if (proto.ptr != NULL)
			claim->proto = proto;
		if (host.ptr != NULL)
			claim->host = host;
		if (!node_parse(parameter(element, STR("for")), &before))
			return;
		*hop = before;
	}
}

static void
read_x_forwarded(const struct request *r, struct str list,
    const struct networks *trusted, struct ip *hop, struct claim *claim)
{
	while (list.ptr != NULL && networks_hold(trusted, hop)) {
		struct ip before;

		if (!node_parse(cut_last(&list), &before))
			break;
		*hop = before;
	}
	claim->proto = last_of(r, STR("X-Forwarded-Proto"));
	claim->host = last_of(r, STR("X-Forwarded-Host"));
}

/* Balancers that keep Host say nothing else of it, and those that speak to us
 * as they are spoken to may not name the scheme. */
static void
set_origin(struct request *r, const struct claim *claim)
{
	bool named = claim->proto.len != 0;
	bool https =
	    named ? str_eq_nocase(claim->proto, STR("https")) : r->over_tls;
	struct str host = claim->host;

	if (named ? !https && !str_eq_nocase(claim->proto, STR("http"))
		  : host.len == 0)
		return;
	if (host.len == 0)
		host = request_header(r, STR("Host"));
	if (!url_host_is_valid(host))
		return;
	r->origin = arena_printf(r->arena, "%s://" STR_FMT STR_FMT,
	    https ? "https" : "http", STR_ARG(host), STR_ARG(claim->prefix));
}

static struct str
valid_prefix(struct str prefix)
{
	while (str_ends_with(prefix, STR("/")))
		prefix.len--;
	return url_path_is_valid(prefix) ? prefix : STR("");
}

void
forwarded_read(struct request *r, const struct networks *trusted)
{
	struct claim claim = { 0 };
	struct ip hop;
	char text[IP_TEXT];

	if (trusted->count == 0 || !ip_parse(r->peer, &hop) ||
	    !networks_hold(trusted, &hop))
		return;

	struct str x_for = joined(r, STR("X-Forwarded-For"));
	struct str forwarded = joined(r, STR("Forwarded"));

	/* A proxy writes one of the two; the other may be its client's. */
	if (x_for.ptr != NULL || forwarded.ptr == NULL)
		read_x_forwarded(r, x_for, trusted, &hop, &claim);
	else
		read_forwarded(forwarded, trusted, &hop, &claim);
	claim.prefix = valid_prefix(last_of(r, STR("X-Forwarded-Prefix")));
	ip_format(&hop, text);
	r->client = arena_copy(r->arena, str_from(text));
	set_origin(r, &claim);
}
