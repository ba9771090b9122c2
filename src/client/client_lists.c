/*
 * client_lists.c - lists of a server, page by page: each is printed before the
 * next is asked for, so that no list is too long for the memory.
 */
#include <stdio.h>

#include "base/json.h"
#include "base/uuid.h"
#include "client/answer_print.h"
#include "client/client.h"

#define TARGET_MAX 16384  /* bytes; no server takes more */
#define PAGES_MAX 1000000 /* a list that goes on for ever ends */

struct str
client_next_page(
    struct arena *a, struct str target, const struct client_answer *answer)
{
	struct str rest = answer->link, path = str_cut(&target, '?');

	while (rest.ptr != NULL) {
		struct str link = str_trim(str_cut(&rest, ','));
		struct str where = str_cut(&link, '>');

		/* of this list only: a token goes nowhere else */
		if (str_starts_with(where, STR("<?")) &&
		    str_eq(str_trim(link), STR("; rel=\"next\"")))
			return arena_printf(a, STR_FMT STR_FMT, STR_ARG(path),
			    (int)where.len - 1, where.ptr + 1);
	}
	return (struct str){ 0 };
}

/* A page of a list: its JSON, and where the next one is. */
static enum client_exit
next_page(const struct client *c, struct str *io_target, yyjson_val **ret)
{
	struct client_answer answer;
	struct error e = { 0 };
	struct str next;
	enum client_exit asked =
	    client_ask(c, METHOD_GET, *io_target, (struct str){ 0 }, &answer);

	if (asked != CLIENT_DONE)
		return asked;
	if (json_parse(c->arena, answer.body, ret, &e) != OK ||
	    !yyjson_is_arr(*ret)) {
		client_complain(c, "The answer is no list");
		return CLIENT_REFUSED;
	}
	next = client_next_page(c->arena, *io_target, &answer);
	if (str_eq(next, *io_target) || yyjson_arr_size(*ret) == 0 ||
	    next.len > TARGET_MAX)
		next = (struct str){ 0 };
	*io_target = next;
	return CLIENT_DONE;
}

/* Keeps the target while the memory of a page is given back. */
static bool
go_on(const struct client *c, struct arena_mark mark, struct str *io)
{
	char target[TARGET_MAX];
	size_t len = io->len;

	if (io->ptr == NULL)
		return false;
	memcpy(target, io->ptr, len);
	arena_cut(c->arena, mark);
	*io = arena_copy(c->arena, (struct str){ target, len });
	return true;
}

/* ---- the id of a name */
static struct str
id_in(yyjson_val *page, struct str name)
{
	yyjson_val *row;
	size_t i, max;

	yyjson_arr_foreach(page, i, max, row)
	{
		struct str known = json_str(json_member(row, STR("name")));

		if (known.ptr == NULL)
			known = json_str(json_member(row, STR("username")));
		if (known.ptr != NULL && str_eq(known, name))
			return json_str(json_member(row, STR("id")));
	}
	return (struct str){ 0 };
}

enum client_exit
client_find_id(
    const struct client *c, struct str list, struct str name, struct str *ret)
{
	struct str target = list, found = { 0 };
	struct id id;

	if (id_parse(name, &id)) {
		*ret = name;
		return CLIENT_DONE;
	}
	for (int pages = 0; target.ptr != NULL && pages < PAGES_MAX; pages++) {
		struct arena_mark mark = arena_mark(c->arena);
		yyjson_val *page;
		enum client_exit asked = next_page(c, &target, &page);

		if (asked != CLIENT_DONE)
			return asked;
		found = id_in(page, name);
		if (found.ptr != NULL) {
			*ret = found;
			return CLIENT_DONE;
		}
		if (!go_on(c, mark, &target))
			break;
	}
	client_complain(
	    c, STR_FMT " has no " STR_FMT, STR_ARG(list), STR_ARG(name));
	return CLIENT_REFUSED;
}

/* ---- all pages */

/* Elements with commas between them, whatever the page. */
static void
print_elements(yyjson_val *page, bool is_first)
{
	yyjson_val *row;
	size_t i, max;

	if (is_first)
		(void)puts("[");
	yyjson_arr_foreach(page, i, max, row)
	{
		if (i != 0 || !is_first)
			(void)puts(",");
		answer_print_json(stdout, row);
	}
}

/* "--limit 2500": that many, though a page has 1000. */
static void
cut_to(yyjson_val *page, int64_t *io_left)
{
	int64_t count = (int64_t)yyjson_arr_size(page);

	if (*io_left < count)
		unsafe_yyjson_set_len(page, (size_t)*io_left);
	*io_left -= count < *io_left ? count : *io_left;
}

static int64_t
limit_of(const struct client *c)
{
	const struct arguments *all = &c->line->arguments;
	int64_t limit = INT64_MAX;

	for (size_t i = 0; i < all->count; i++) {
		const char *text = command_line_value(c->line, &all->at[i]);

		if (text != NULL && str_eq(all->at[i].name, STR("limit")) &&
		    !str_to_int(str_from(text), &limit))
			limit = INT64_MAX;
	}
	return limit;
}

/* A page was asked for by its number or token: the others were not. */
static bool
wants_one_page(const struct client *c)
{
	for (size_t i = 0; i < c->line->given_count; i++) {
		struct str name = c->line->given[i].argument->name;

		if (str_eq(name, STR("page")) ||
		    str_eq(name, STR("page_token")))
			return true;
	}
	return false;
}

enum client_exit
client_list(const struct client *c, struct str target)
{
	bool json = c->line->option[OPTION_JSON] != NULL;
	const struct form *form = c->line->command->route->answer;
	struct columns columns = { .count = 0 };
	int64_t left = limit_of(c);

	for (int pages = 0; pages < PAGES_MAX; pages++) {
		struct arena_mark mark = arena_mark(c->arena);
		yyjson_val *page;
		enum client_exit asked = next_page(c, &target, &page);

		if (asked != CLIENT_DONE)
			return asked;
		cut_to(page, &left);
		if (json)
			print_elements(page, pages == 0);
		else if (yyjson_arr_size(page) != 0)
			answer_print_page(
			    stdout, c->arena, form, page, &columns);
		if (left <= 0 || wants_one_page(c) || !go_on(c, mark, &target))
			break;
	}
	if (json)
		(void)puts("]");
	return CLIENT_DONE;
}
