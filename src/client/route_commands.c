#include "client/route_commands.h"

#include "base/buf.h"
#include "identity/authorize.h"

static bool
users_may(const struct route *r)
{
	const struct id some = { { 1 } };
	const struct principal user = {
		.role = ROLE_TENANT_USER, .tenant = some, .acts_in = some
	};
	enum action action = (enum action)r->action;
	struct error e = { 0 };

	return action_grant(action) != 0 || authorize(&user, action, &e) == OK;
}

const struct route *
route_command_route(enum method method, struct str path)
{
	for (size_t i = 0; i < api_routes.count; i++) {
		const struct route *r = &api_routes.at[i];

		if (r->method == method && str_eq(str_from(r->path), path))
			return r;
	}
	return NULL;
}

/* ---- the rule */

/* Whether it is one segment more, "{x}", and can be read or changed there. */
static bool
is_member(const struct route *r, struct str collection)
{
	struct str path = str_from(r->path);

	if (!str_starts_with(path, collection) || r->method == METHOD_POST)
		return false;
	path = str_skip(path, collection.len);
	return str_starts_with(path, STR("/{")) &&
	       memchr(path.ptr + 1, '/', path.len - 1) == NULL;
}

/* A path has things of its own: they are made there, and read or ended, or have
 * paths below. */
static bool
is_collection(struct str path)
{
	if (route_command_route(METHOD_POST, path) != NULL &&
	    (route_command_route(METHOD_GET, path) != NULL ||
		route_command_route(METHOD_DELETE, path) != NULL))
		return true;
	for (size_t i = 0; i < api_routes.count; i++)
		if (is_member(&api_routes.at[i], path))
			return true;
	return false;
}

static void
add_word(struct buf *b, struct str word)
{
	if (b->len != 0)
		buf_add_char(b, ' ');
	buf_add(b, word);
}

/* "branches": "branch", "users": "user". */
static struct str
singular(struct str word)
{
	if (str_ends_with(word, STR("ches")))
		word.len -= 2;
	else if (str_ends_with(word, STR("s")))
		word.len--;
	return word;
}

static const char *
word_of(enum method method, bool is_list)
{
	if (method == METHOD_GET)
		return is_list ? "list" : "get";
	if (method == METHOD_POST)
		return "create";
	return method == METHOD_DELETE ? "delete" : "update";
}

static bool
is_argument(struct str segment)
{
	return str_starts_with(segment, STR("{"));
}

static struct str
name_of(struct arena *a, const struct route *r)
{
	struct str path = str_from(r->path), last = { 0 };
	struct str rest = str_skip(path, sizeof(API_ROOT) - 1);
	struct buf name = buf_in(a);
	bool collection = is_collection(path);

	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');
		bool is_last = rest.ptr == NULL;

		if (is_last && is_argument(segment) && r->method == METHOD_POST)
			buf_printf(&name, "-" STR_FMT, (int)segment.len - 2,
			    segment.ptr + 1);
		else if (!is_argument(segment))
			add_word(&name, is_last && !collection
					    ? segment
					    : singular(segment));
		last = segment;
	}
	if (collection || (is_argument(last) && r->method != METHOD_POST))
		add_word(&name, str_from(word_of(r->method, collection)));
	return buf_str(&name);
}

struct route_commands
route_commands_of(struct arena *a, bool for_users)
{
	struct route_commands all = {
		ARENA_NEW(a, struct route_command, api_routes.count), 0
	};

	for (size_t i = 0; i < api_routes.count; i++) {
		const struct route *r = &api_routes.at[i];

		if (str_starts_with(str_from(r->path), STR(API_ROOT)) &&
		    (!for_users || users_may(r)))
			all.at[all.count++] =
			    (struct route_command){ name_of(a, r), r };
	}
	return all;
}
