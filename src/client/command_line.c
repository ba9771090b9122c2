#include "client/command_line.h"

#include <stdio.h>

#include "base/did_you_mean.h"
#include "client/value_check.h"

#define NAME_WORDS 4 /* no name of a command has more */

/* clang-format off */
const struct option_row client_options[OPTION_COUNT] = {
[OPTION_URL] = { "--url", "URL",
    "the server, or PANGOLIN_URL, or where one has signed in" },
[OPTION_PROFILE] = { "--profile", "NAME",
    "another file for the token, for another server or user" },
[OPTION_TENANT] = { "--tenant", "TENANT",
    "id or name of the tenant that root works in, login keeps it" },
[OPTION_CA_FILE] = { "--ca-file", "FILE",
    "certificates to trust instead of those of the system" },
[OPTION_TIMEOUT] = { "--timeout", "SECONDS",
    "how long to wait for an answer, 60 if not given" },
[OPTION_BODY] = { "--body", "FILE",
    "the body in JSON instead of flags, - is standard input" },
[OPTION_JSON] = { "--json", NULL,
    "print what the server answers" },
[OPTION_WAIT] = { "--wait", NULL,
    "until the task is done that the command has begun" },
[OPTION_HELP] = { "--help", NULL,
    "the flags of the command" },
};
/* clang-format on */

static bool
complain(const struct command_line *c, const char *what, const char *about)
{
	(void)fprintf(stderr, "%s: %s%s\n", c->program, what, about);
	return false;
}

/* ---- the name */
static struct str
joined(struct arena *a, int count, char **words)
{
	struct buf b = buf_in(a);

	for (int i = 0; i < count; i++) {
		if (i != 0)
			buf_add_char(&b, ' ');
		buf_add(&b, str_from(words[i]));
	}
	return buf_str(&b);
}

static const struct route_command *
find_command(const struct command_line *c, struct str name)
{
	for (size_t i = 0; i < c->commands.count; i++)
		if (str_eq(c->commands.at[i].name, name))
			return &c->commands.at[i];
	return NULL;
}

static const struct older_name *
find_older(struct str name)
{
	const struct older_name *o = older_names;

	while (o->name != NULL && !str_eq(str_from(o->name), name))
		o++;
	return o->name != NULL ? o : NULL;
}

int
command_line_find(struct command_line *io, int count, char **words)
{
	for (int n = count < NAME_WORDS ? count : NAME_WORDS; n > 0; n--) {
		struct str name = joined(io->arena, n, words);

		io->older = find_older(name);
		if (io->older != NULL)
			name = str_from(io->older->command);
		io->command = find_command(io, name);
		if (io->command != NULL)
			return n;
	}
	return 0;
}

static void
offer_commands(const struct command_line *c, struct did_you_mean *io)
{
	for (size_t i = 0; i < c->commands.count; i++)
		did_you_mean_offer(
		    io, arena_cstr(c->arena, c->commands.at[i].name));
	for (const struct older_name *o = older_names; o->name != NULL; o++)
		if (find_command(c, str_from(o->command)) != NULL)
			did_you_mean_offer(io, o->name);
}

void
command_line_complain(const struct command_line *c, int count, char **words)
{
	struct did_you_mean best = did_you_mean(str_from(words[0]));

	for (int n = 1; n <= count && n <= NAME_WORDS; n++) {
		struct did_you_mean d =
		    did_you_mean(joined(c->arena, n, words));

		offer_commands(c, &d);
		if (d.best != NULL &&
		    (best.best == NULL || d.edits <= best.edits))
			best = d;
	}
	(void)fprintf(stderr, "%s: there is no command " STR_FMT "; ",
	    c->program, STR_ARG(best.wanted));
	if (best.best != NULL)
		(void)fprintf(stderr, "did you mean %s?\n", best.best);
	else
		(void)fprintf(stderr, "%s help has them\n", c->program);
}

/* ---- flags */

/* The meaning of a word like "--name": an option, or an argument. */
struct flag_found {
	int option; /* OPTION_COUNT: none */
	const struct argument *argument;
	bool from_file; /* "--password-file" */
	unsigned matches;
	struct did_you_mean near;
};

/* Whether it is the flag itself, which ends the search. */
static bool
try_flag(
    struct arena *a, struct flag_found *f, struct str word, struct str known)
{
	if (str_starts_with(known, STR("--")))
		did_you_mean_offer(&f->near, arena_cstr(a, known) + 2);
	if (!str_starts_with(known, word))
		return false;
	if (known.len == word.len)
		f->matches = 0;
	f->matches++;
	return true;
}

static void
take_flag(struct flag_found *f, int option, const struct argument *argument,
    bool from_file)
{
	f->option = option;
	f->argument = argument;
	f->from_file = from_file;
}

/* The flag of a word, or the only one that begins so. */
static struct flag_found
find_flag(const struct command_line *c, struct str word)
{
	struct flag_found f = { .option = OPTION_COUNT,
		.near = did_you_mean(str_skip(
		    word, word.len < 2 || word.ptr[1] != '-' ? 1 : 2)) };
	struct arena *a = c->arena;

	for (int i = 0; i < OPTION_COUNT; i++) {
		struct str name = str_from(client_options[i].name);

		if (try_flag(a, &f, word, name))
			take_flag(&f, i, NULL, false);
		if (str_eq(name, word))
			return f;
	}
	for (size_t i = 0; i < c->arguments.count; i++) {
		const struct argument *g = &c->arguments.at[i];
		struct str file =
		    arena_printf(a, STR_FMT "-file", STR_ARG(g->flag));

		if (try_flag(a, &f, word, g->flag))
			take_flag(&f, OPTION_COUNT, g, false);
		if (str_eq(g->flag, word))
			return f;
		if (g->type != FORM_SECRET)
			continue;
		if (try_flag(a, &f, word, file))
			take_flag(&f, OPTION_COUNT, g, true);
		if (str_eq(file, word))
			return f;
	}
	return f;
}

static bool
complain_flag(
    const struct command_line *c, struct str word, const struct flag_found *f)
{
	if (f->matches > 1)
		(void)fprintf(stderr,
		    "%s: " STR_FMT " begins several flags of " STR_FMT "\n",
		    c->program, STR_ARG(word), STR_ARG(c->command->name));
	else if (f->near.best != NULL)
		(void)fprintf(stderr,
		    "%s: unknown flag " STR_FMT "; did you mean --%s?\n",
		    c->program, STR_ARG(word), f->near.best);
	else
		(void)fprintf(stderr, "%s: unknown flag " STR_FMT "\n",
		    c->program, STR_ARG(word));
	return false;
}

/* ---- values */
static bool
give(struct command_line *io, const struct argument *g, const char *text)
{
	const char *why =
	    g->type == FORM_SECRET ? NULL : value_check(io->arena, g, text);

	if (why != NULL) {
		(void)fprintf(stderr, "%s: " STR_FMT ": %s\n", io->program,
		    STR_ARG(g->flag), why);
		return false;
	}
	io->given[io->given_count++] = (struct given){ g, text };
	return true;
}

static bool
is_given(const struct command_line *c, const struct argument *g)
{
	for (size_t i = 0; i < c->given_count; i++)
		if (c->given[i].argument == g)
			return true;
	return false;
}

const char *
command_line_value(const struct command_line *c, const struct argument *g)
{
	for (size_t i = c->given_count; i-- > 0;)
		if (c->given[i].argument == g && g->type != FORM_SECRET)
			return c->given[i].text;
	return NULL;
}

/* The words that are no flags, in the order of an older name or of ours. */
static const struct argument *
next_operand(const struct command_line *c)
{
	struct str rest =
	    str_from(c->older != NULL ? c->older->operands : NULL);

	while (rest.len != 0) {
		struct flag_found f = find_flag(c, str_cut(&rest, ' '));

		if (f.argument != NULL && !is_given(c, f.argument))
			return f.argument;
	}
	for (size_t i = 0; i < c->arguments.count; i++)
		if (c->arguments.at[i].operand &&
		    !is_given(c, &c->arguments.at[i]))
			return &c->arguments.at[i];
	return NULL;
}

static bool
take_value(struct command_line *io, const struct flag_found *f, struct str word,
    const char *value)
{
	if (f->argument == NULL) {
		io->option[f->option] = value != NULL ? value : "";
		return true;
	}
	if (f->argument->type == FORM_SECRET && !f->from_file)
		return give(io, f->argument, NULL);
	if (value == NULL)
		return complain(
		    io, "no value behind ", arena_cstr(io->arena, word));
	return give(io, f->argument, value);
}

static bool
has_value(const struct flag_found *f)
{
	if (f->argument == NULL)
		return client_options[f->option].value != NULL;
	return f->argument->type != FORM_SECRET || f->from_file;
}

/* Reads the flag at `*at`, and its value, which may be the next word. */
static bool
take_flag_word(struct command_line *io, int argc, char **argv, int *at)
{
	struct str rest = str_from(argv[*at]), word = str_cut(&rest, '=');

	if (io->older != NULL)
		word = older_flag(io->older, word);

	struct flag_found f = find_flag(io, word);

	if (f.matches != 1)
		return complain_flag(io, word, &f);
	if (!has_value(&f) && rest.ptr != NULL)
		return complain(io,
		    "takes no value, a secret is asked for or "
		    "in a file: ",
		    arena_cstr(io->arena, word));
	if (!has_value(&f))
		return take_value(io, &f, word, NULL);
	if (rest.ptr != NULL)
		return take_value(io, &f, word, rest.ptr);
	if (*at + 1 == argc)
		return complain(
		    io, "no value behind ", arena_cstr(io->arena, word));
	return take_value(io, &f, word, argv[++*at]);
}

static bool
take_operand(struct command_line *io, const char *word)
{
	const struct argument *g = next_operand(io);

	if (g == NULL)
		return complain(io, "too much on the command line behind ",
		    arena_cstr(io->arena, io->command->name));
	return give(io, g, word);
}

static bool
is_flag(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

static bool
read_words(int argc, char **argv, struct command_line *io)
{
	bool only_operands = false;

	for (int i = 1; i < argc; i++) {
		int words = 0;

		if (!only_operands && strcmp(argv[i], "--") == 0) {
			only_operands = true;
		} else if (!only_operands && is_flag(argv[i])) {
			if (!take_flag_word(io, argc, argv, &i))
				return false;
		} else if (io->command != NULL) {
			if (!take_operand(io, argv[i]))
				return false;
		} else {
			while (i + words < argc && !is_flag(argv[i + words]))
				words++;

			int name = command_line_find(io, words, argv + i);

			if (name == 0) {
				command_line_complain(io, words, argv + i);
				return false;
			}
			io->arguments =
			    arguments_of(io->arena, io->command->route);
			i += name - 1;
		}
	}
	return true;
}

/* ---- what has to be there */
static bool
check_body(const struct command_line *c)
{
	if (c->option[OPTION_BODY] == NULL)
		return true;
	if (c->command->route->body == NULL)
		return complain(c, "takes no --body: ",
		    arena_cstr(c->arena, c->command->name));
	for (size_t i = 0; i < c->given_count; i++)
		if (c->given[i].argument->place == ARGUMENT_BODY)
			return complain(c, "is in --body: ",
			    arena_cstr(c->arena, c->given[i].argument->flag));
	return true;
}

static bool
check_all(const struct command_line *c)
{
	for (size_t i = 0; i < c->arguments.count; i++) {
		const struct argument *g = &c->arguments.at[i];

		if (!g->required || is_given(c, g) || g->type == FORM_SECRET ||
		    (g->place == ARGUMENT_BODY &&
			c->option[OPTION_BODY] != NULL))
			continue;
		return complain(c, "missing: ",
		    arena_cstr(c->arena,
			g->operand ? argument_title(c->arena, g) : g->flag));
	}
	return true;
}

bool
command_line_read(int argc, char **argv, struct command_line *io)
{
	io->given = ARENA_NEW(io->arena, struct given, (size_t)argc);
	if (!read_words(argc, argv, io))
		return false;
	if (io->option[OPTION_HELP] != NULL)
		return true;
	if (io->command == NULL)
		return complain(io, "no command: there is help", "");
	return check_body(io) && check_all(io);
}
