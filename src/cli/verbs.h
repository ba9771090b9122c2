/*
 * verbs.h - THE table of verbs, and that of the flags they take.
 *
 * The command line is read by them, and `pangolin help`, pangolin(8) and the
 * completions of the shells are made from them.
 */
#ifndef PANGOLIN_VERBS_H
#define PANGOLIN_VERBS_H

#include "cli/serve.h"

enum flag {
	FLAG_CONFIG,
	FLAG_STATE_DIR,
	FLAG_USER,
	FLAG_LISTEN,
	FLAG_ADMIN_PASSWORD_FILE,
	FLAG_PASSWORD_FILE,
	FLAG_LIBRARIES,
	FLAG_QUIET,
	FLAG_VERIFY,
	FLAG_COUNT
};

struct flag_row {
	const char *name;    /* "--state-dir" */
	const char *value;   /* FILE, DIR or another word; NULL: it has none */
	const char *setting; /* the key that it gives, or NULL */
	const char *help;    /* no quotes, colons or brackets: shells read it */
};

extern const struct flag_row flag_table[FLAG_COUNT];

/* A command line as read; the settings are loaded for verbs that take -c. */
struct command {
	const struct verb *verb;
	const char *value[FLAG_COUNT]; /* "" for one without a value */
	const char *operand;           /* NULL: not given */
	struct serving *serving;
};

/* The argument of a verb beside flags. */
struct operand {
	const char *name;    /* NULL: nothing */
	const char *choices; /* spaces between them; NULL: anything */
	bool optional;
};

struct verb {
	const char *name;
	struct operand operand;
	unsigned flags;                     /* 1u << FLAG_CONFIG, ... */
	int (*run)(const struct command *); /* an exit code */
	const char *help; /* one line, no quotes, colons or brackets */
	const char *more; /* sentences for the manual, in mdoc */
};

/* A NULL name ends. */
extern const struct verb verb_table[];

/* ---- command.c */
const struct verb *verb_find(const char *name); /* NULL: there is none */
void verb_complain(const char *name); /* that there is none, but one like it */

/* ---- verbs_print.c */
void verbs_print_usage(FILE *);
void verbs_print_help(FILE *, const struct verb *); /* of one verb */
void verbs_print_manual(FILE *);                    /* pangolin(8), in mdoc */
void verbs_print_bash(FILE *);
void verbs_print_zsh(FILE *);

/* ---- offline.c: verbs that work on the state directory without a server */
int init_run(const struct command *);
int reset_password_run(const struct command *);

/* ---- backup_verbs.c */
int backup_run(const struct command *);
int restore_run(const struct command *);

/* ---- check_config.c */
int check_config_run(const struct command *);

/* ---- libraries.c: name, version and licence of what is in the program */
int libraries_print(FILE *, const struct serving *);

#endif
