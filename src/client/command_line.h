/*
 * command_line.h - reads the command line of pangolin-admin: a command by its
 * name or an older one, the values of its arguments, and options.
 */
#ifndef PANGOLIN_COMMAND_LINE_H
#define PANGOLIN_COMMAND_LINE_H

#include "client/arguments.h"
#include "client/older_names.h"
#include "client/route_commands.h"

/* Flags that every command takes. */
enum client_option {
	OPTION_URL,
	OPTION_PROFILE,
	OPTION_TENANT,
	OPTION_CA_FILE,
	OPTION_TIMEOUT,
	OPTION_BODY,
	OPTION_JSON,
	OPTION_WAIT,
	OPTION_HELP,
	OPTION_COUNT
};

struct option_row {
	const char *name;
	const char *value; /* NULL: it has none */
	const char *help;  /* no quotes, colons or brackets: shells read it */
};
extern const struct option_row client_options[OPTION_COUNT];

/* A value, in the order of the command line. */
struct given {
	const struct argument *argument;
	const char *text; /* of a secret: its file; NULL: it is asked for */
};

struct command_line {
	struct arena *arena;
	const char *program;            /* "pangolin-admin" */
	struct route_commands commands; /* those that the program has */

	const struct route_command *command;
	const struct older_name *older; /* the name that was used, or NULL */
	struct arguments arguments;
	struct given *given;
	size_t given_count;
	const char *option[OPTION_COUNT]; /* "" for one without a value */
};

/* False, with a line on standard error, when it makes no sense.  `io` has the
 * arena, the program and its commands. */
bool command_line_read(int argc, char **argv, struct command_line *io);

/* The value of an argument; NULL: none, or that of a secret. */
const char *command_line_value(
    const struct command_line *, const struct argument *);

/* How many of these words are the name of a command; 0: there is none. */
int command_line_find(struct command_line *io, int count, char **words);

/* Says that there is no command of these words, but one like it. */
void command_line_complain(
    const struct command_line *, int count, char **words);

#endif
