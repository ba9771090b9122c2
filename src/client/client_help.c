#include "client/client_help.h"

#include "client/client.h"

/* The column where help begins. */
#define HELP_AT 34

static void
print_row(FILE *f, int width, const char *help)
{
	(void)fprintf(
	    f, "%*s%s\n", width < HELP_AT ? HELP_AT - width : 1, "", help);
}

/* ---- all commands */

/* "user get ID" */
static void
print_command(FILE *f, struct arena *a, const struct route_command *c)
{
	struct arguments all = arguments_of(a, c->route);

	(void)fprintf(f, STR_FMT, STR_ARG(c->name));
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i].operand)
			(void)fprintf(f, " " STR_FMT,
			    STR_ARG(argument_title(a, &all.at[i])));
	(void)fputc('\n', f);
}

static bool
begins_with(struct str name, struct str words)
{
	return words.len == 0 ||
	       (str_starts_with(name, words) &&
		   (name.len == words.len || name.ptr[words.len] == ' '));
}

/* The commands that begin with these words; false: none does. */
static bool
print_commands(FILE *f, const struct command_line *line, struct str words)
{
	bool any = false;

	for (size_t i = 0; i < line->commands.count; i++) {
		if (!begins_with(line->commands.at[i].name, words))
			continue;
		if (!any)
			(void)fprintf(
			    f, "usage: %s COMMAND [flags]\n\n", line->program);
		any = true;
		(void)fputs("  ", f);
		print_command(f, line->arena, &line->commands.at[i]);
	}
	return any;
}

static void
print_options(FILE *f)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *o = &client_options[i];
		int width =
		    fprintf(f, "  %s%s%s", o->name, o->value != NULL ? " " : "",
			o->value != NULL ? o->value : "");

		print_row(f, width, o->help);
	}
}

static void
print_all(FILE *f, const struct command_line *line)
{
	(void)print_commands(f, line, STR(""));
	(void)fprintf(f, "  help [COMMAND]\n  completion bash|zsh\n"
			 "  manual\n  version\n\n");
	print_options(f);
	(void)fprintf(f,
	    "\n%s login USERNAME comes first; %s help COMMAND has its flags.\n",
	    line->program, line->program);
}

/* ---- one command */
static const char *
value_word(const struct argument *g)
{
	switch (g->type) {
	case FORM_INT:
		return "NUMBER";
	case FORM_BOOL:
		return "true|false";
	case FORM_PAIRS:
		return "NAME=VALUE";
	case FORM_TEXTS:
		return "A,B";
	case FORM_SECRET:
		return "FILE";
	case FORM_ID:
		return "ID";
	case FORM_TIME:
		return "TIME";
	case FORM_JSON:
	case FORM_RAW:
	case FORM_LIST:
	case FORM_PATHS:
	case FORM_OBJECT:
		return "JSON";
	case FORM_TEXT:
	case FORM_CHOICE:
		break;
	}
	return "TEXT";
}

static void
print_argument(FILE *f, struct arena *a, const struct argument *g)
{
	int width;

	if (g->operand)
		width = fprintf(f, "  " STR_FMT, STR_ARG(argument_title(a, g)));
	else
		width = fprintf(f, "  " STR_FMT "%s %s", STR_ARG(g->flag),
		    g->type == FORM_SECRET ? "-file" : "", value_word(g));
	print_row(f, width, g->help);
	for (const char *const *c = g->choices; c != NULL && *c != NULL; c++)
		(void)fprintf(f, "%*s%s\n", HELP_AT + 4, "", *c);
}

void
client_help_print(FILE *f, const struct command_line *line)
{
	if (line->command == NULL) {
		print_all(f, line);
		return;
	}
	(void)fprintf(f, "usage: %s ", line->program);
	print_command(f, line->arena, line->command);
	(void)fputc('\n', f);
	for (size_t i = 0; i < line->arguments.count; i++)
		print_argument(f, line->arena, &line->arguments.at[i]);
	(void)fputc('\n', f);
	print_options(f);
}

/* ---- what needs no server */
static int
help(int argc, char **argv, struct command_line *line)
{
	struct buf words = buf_in(line->arena);
	int count = argc - 2;

	if (count == 0) {
		print_all(stdout, line);
		return CLIENT_DONE;
	}
	if (command_line_find(line, count, argv + 2) != 0) {
		line->arguments =
		    arguments_of(line->arena, line->command->route);
		client_help_print(stdout, line);
		return CLIENT_DONE;
	}
	for (int i = 2; i < argc; i++)
		buf_printf(&words, "%s%s", i == 2 ? "" : " ", argv[i]);
	if (print_commands(stdout, line, buf_str(&words)))
		return CLIENT_DONE;
	command_line_complain(line, count, argv + 2);
	return CLIENT_BAD_LINE;
}

static int
completion(int argc, char **argv, const struct command_line *line)
{
	if (argc == 3 && strcmp(argv[2], "bash") == 0) {
		client_print_bash(stdout, line);
	} else if (argc == 3 && strcmp(argv[2], "zsh") == 0) {
		client_print_zsh(stdout, line);
	} else {
		(void)fprintf(
		    stderr, "%s: completion bash or zsh\n", line->program);
		return CLIENT_BAD_LINE;
	}
	return CLIENT_DONE;
}

bool
client_help_run(int argc, char **argv, struct command_line *line, int *ret_exit)
{
	const char *word = argc > 1 ? argv[1] : "";

	*ret_exit = CLIENT_DONE;
	if (argc == 1) {
		print_all(stderr, line);
		*ret_exit = CLIENT_BAD_LINE;
	} else if (strcmp(word, "help") == 0 || strcmp(word, "-h") == 0) {
		*ret_exit = help(argc, argv, line);
	} else if (strcmp(word, "completion") == 0) {
		*ret_exit = completion(argc, argv, line);
	} else if (strcmp(word, "manual") == 0) {
		client_print_manual(stdout, line);
	} else if (strcmp(word, "version") == 0 ||
		   strcmp(word, "--version") == 0) {
		(void)printf("%s " PANGOLIN_VERSION "\n", line->program);
	} else {
		return false;
	}
	return true;
}
