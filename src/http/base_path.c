#include "http/base_path.h"

/* The base path at the start of `path`; ptr NULL: none of another catalog. */
static struct str
foreign_base(struct str path)
{
	static const struct str known[] = { STR_INIT("/api/catalog"),
		STR_INIT("/catalog"), STR_INIT("/iceberg") };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_starts_with(path, known[i]) &&
		    (path.len == known[i].len || path.ptr[known[i].len] == '/'))
			return known[i];
	return (struct str){ 0 };
}

bool
base_path_is_foreign(struct str path)
{
	return foreign_base(path).ptr != NULL;
}

/* A client that used the server's own address knows it already; one that came
 * through a proxy that we do not know could not use it. */
static bool
came_by(const struct request *r, struct str listen)
{
	struct str host = request_header(r, STR("Host"));
	struct str local = STR("localhost:");

	return str_eq(host, listen) ||
	       (str_starts_with(host, local) &&
		   str_ends_with(listen, str_skip(host, local.len - 1)));
}

static struct str
base_url(const struct request *r, struct str public_url, struct str listen)
{
	if (public_url.len != 0)
		return public_url;
	if (r->origin.len != 0)
		return r->origin;
	if (!came_by(r, listen))
		return STR("the scheme, host and port of this server alone");
	return arena_printf(r->arena, "http%s://" STR_FMT,
	    r->over_tls ? "s" : "", STR_ARG(listen));
}

enum err
base_path_fail(struct request *r, struct str public_url, struct str listen)
{
	struct str base = foreign_base(r->path);

	if (base.ptr == NULL)
		return fail(
		    &r->error, ERR_NOT_FOUND, "There is nothing at this path.");
	return fail(&r->error, ERR_NOT_FOUND,
	    "There is nothing below " STR_FMT
	    ": the base URL of this catalog is " STR_FMT ".",
	    STR_ARG(base), STR_ARG(base_url(r, public_url, listen)));
}
