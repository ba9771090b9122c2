/*
 * client_request.c - what a command asks: the path with its arguments, the
 * query, the body.
 */
#include "client/client.h"
#include "client/client_body.h"
#include "object/sigv4.h"

/* A name in the place of an id, "{id}", is looked up in the list that the path
 * has before it, where that has names: users, roles, tenants. */
static struct str
list_before(struct arena *a, const struct route *r, struct str argument)
{
	struct str path = str_from(r->path);
	const char *at = memmem(path.ptr, path.len, argument.ptr, argument.len);
	struct str list = { path.ptr, (size_t)(at - path.ptr) - 1 };
	const struct route *found = route_command_route(METHOD_GET, list);
	bool has_id = false, has_name = false;

	if (found == NULL || found->answer == NULL ||
	    (found->flags & ROUTE_LIST) == 0 ||
	    str_eq(argument, STR("{name}")) ||
	    memchr(list.ptr, '{', list.len) != NULL)
		return (struct str){ 0 };
	for (const struct form_field *f = found->answer->fields;
	     f->name != NULL; f++) {
		has_id = has_id || strcmp(f->name, "id") == 0;
		has_name = has_name || strcmp(f->name, "name") == 0 ||
			   strcmp(f->name, "username") == 0;
	}
	return has_id && has_name ? arena_copy(a, list) : (struct str){ 0 };
}

/* "/api/v1/users/{id}/roles/{role}": roles are listed at /api/v1/roles. */
static struct str
list_of(struct arena *a, const struct route *r, const struct argument *g)
{
	struct str list = list_before(a, r, g->flag), path;

	if (list.ptr != NULL)
		return list;
	path = arena_printf(a, API_ROOT STR_FMT "s", STR_ARG(g->name));
	if (str_eq(g->name, STR("role")))
		return path;
	return (struct str){ 0 };
}

static enum client_exit
add_path(const struct client *c, struct buf *to)
{
	const struct command_line *line = c->line;
	struct str rest = str_from(line->command->route->path);
	size_t next = 0; /* the arguments of the path come first */

	rest = str_skip(rest, 1);
	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');

		buf_add_char(to, '/');
		if (!str_starts_with(segment, STR("{"))) {
			buf_add(to, segment);
			continue;
		}

		const struct argument *g = &line->arguments.at[next++];
		struct str value = str_from(command_line_value(line, g));
		struct str list = list_of(c->arena, line->command->route, g);

		if (list.ptr != NULL) {
			enum client_exit found =
			    client_find_id(c, list, value, &value);

			if (found != CLIENT_DONE)
				return found;
		}
		sigv4_encode(to, value, false);
	}
	return CLIENT_DONE;
}

static void
add_query(const struct command_line *line, struct buf *to)
{
	char before = '?';

	for (size_t i = 0; i < line->arguments.count; i++) {
		const struct argument *g = &line->arguments.at[i];
		const char *text = command_line_value(line, g);

		if (g->place != ARGUMENT_QUERY || text == NULL)
			continue;
		buf_add_char(to, before);
		buf_add(to, g->name);
		buf_add_char(to, '=');
		sigv4_encode(to, str_from(text), false);
		before = '&';
	}
}

enum client_exit
client_request(
    const struct client *c, struct str *ret_target, struct str *ret_body)
{
	struct buf target = buf_in(c->arena);
	enum client_exit made = client_body(c, ret_body);

	if (made == CLIENT_DONE)
		made = add_path(c, &target);
	add_query(c->line, &target);
	*ret_target = buf_str(&target);
	return made;
}
