/* test_route_commands.c - every route is a command, and no two are alike. */
#include "client/route_commands.h"

#include "client/command_line.h"
#include "client/printable.h"
#include "tests/unit/unit.h"

static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct command_line
new_line(bool for_users)
{
	return (struct command_line){ .arena = arena,
		.program = "pangolin-admin",
		.commands = route_commands_of(arena, for_users) };
}

static bool
is_command(const struct command_line *line, const struct route *r)
{
	for (size_t i = 0; i < line->commands.count; i++)
		if (line->commands.at[i].route == r)
			return true;
	return false;
}

static void
every_route_has_a_command(void **state)
{
	struct command_line line = new_line(false);

	(void)state;
	for (size_t i = 0; i < api_routes.count; i++) {
		const struct route *r = &api_routes.at[i];
		bool is_ours = strncmp(r->path, "/api/v1/", 8) == 0;

		if (is_command(&line, r) != is_ours)
			fail_msg("%s", r->path);
	}
}

/* All of the words are a command's name. */
static bool
is_found(struct command_line *io, struct str name)
{
	char *words[8];
	int count = 0;

	while (name.ptr != NULL)
		words[count++] =
		    (char *)(uintptr_t)arena_cstr(arena, str_cut(&name, ' '));
	return command_line_find(io, count, words) == count;
}

/* Its own name leads to a command, not that of another. */
static void
names_lead_to_their_routes(void **state)
{
	struct command_line line = new_line(false);

	(void)state;
	for (size_t i = 0; i < line.commands.count; i++) {
		assert_true(is_found(&line, line.commands.at[i].name));
		if (line.command != &line.commands.at[i])
			fail_msg(STR_FMT, STR_ARG(line.commands.at[i].name));
	}
}

static void
flags_differ(const struct route_command *c)
{
	struct arguments all = arguments_of(arena, c->route);

	for (size_t i = 0; i < all.count; i++) {
		for (size_t k = 0; k < i; k++)
			if (str_eq(all.at[i].flag, all.at[k].flag))
				fail_msg(STR_FMT " has " STR_FMT " twice",
				    STR_ARG(c->name), STR_ARG(all.at[i].flag));
		for (int k = 0; k < OPTION_COUNT; k++)
			if (str_eq(all.at[i].flag,
				str_from(client_options[k].name)))
				fail_msg(STR_FMT " hides %s", STR_ARG(c->name),
				    client_options[k].name);
	}
}

static void
flags_of_a_command_differ(void **state)
{
	struct command_line line = new_line(false);

	(void)state;
	for (size_t i = 0; i < line.commands.count; i++)
		flags_differ(&line.commands.at[i]);
}

static bool
has_flag(const struct route *r, struct str flag)
{
	struct arguments all = arguments_of(arena, r);

	for (size_t i = 0; i < all.count; i++)
		if (str_eq(all.at[i].flag, flag))
			return true;
	return false;
}

static void
older_names_lead_to_commands(void **state)
{
	struct command_line line = new_line(false);

	(void)state;
	for (const struct older_name *o = older_names; o->name != NULL; o++) {
		struct str flags = str_from(o->flags);
		struct str operands = str_from(o->operands);

		if (!is_found(&line, str_from(o->name)))
			fail_msg("%s leads to no command", o->name);
		while (flags.len != 0) {
			(void)str_cut(&flags, ' ');
			if (!has_flag(
				line.command->route, str_cut(&flags, ' ')))
				fail_msg("a flag of %s", o->name);
		}
		while (operands.len != 0)
			if (!has_flag(
				line.command->route, str_cut(&operands, ' ')))
				fail_msg("an operand of %s", o->name);
	}
}

static void
users_have_no_commands_of_administrators(void **state)
{
	struct command_line line = new_line(true);

	(void)state;
	assert_true(is_command(
	    &line, route_command_route(METHOD_GET, STR("/api/v1/catalogs"))));
	assert_true(is_command(
	    &line, route_command_route(METHOD_POST, STR("/api/v1/branches"))));
	assert_false(is_command(
	    &line, route_command_route(METHOD_POST, STR("/api/v1/users"))));
	assert_false(is_command(
	    &line, route_command_route(METHOD_POST, STR("/api/v1/tenants"))));
}

static void
what_commands_a_terminal_is_shown(void **state)
{
	(void)state;
	assert_str(printable(arena, STR("a\x1b[2J\r\n\x7f")),
	    STR("a\\x1b[2J\\x0d\\x0a\\x7f"));
	assert_str(printable(arena, STR("\xc2\x9b"
					"31m")),
	    STR("\\xc2\\x9b"
		"31m"));
	assert_str(printable(arena, STR("x\xe2\x80\xaey\xe2\x81\xa9")),
	    STR("x\\xe2\\x80\\xaey\\xe2\\x81\\xa9"));
	assert_str(printable(arena, STR("\xff\xc3")), STR("\\xff\\xc3"));
	assert_str(printable(arena, STR("Größe \xe2\x82\xac")),
	    STR("Größe \xe2\x82\xac"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_route_has_a_command),
		TEST(names_lead_to_their_routes),
		TEST(flags_of_a_command_differ),
		TEST(older_names_lead_to_commands),
		TEST(users_have_no_commands_of_administrators),
		TEST(what_commands_a_terminal_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
