/* client_help.h - the tables of commands for people and shells. */
#ifndef PANGOLIN_CLIENT_HELP_H
#define PANGOLIN_CLIENT_HELP_H

#include <stdio.h>

#include "client/command_line.h"

/* Commands that need no server: help, version, manual, completion.  False: it
 * is none of them. */
bool client_help_run(
    int argc, char **argv, struct command_line *, int *ret_exit);

/* The commands, or the flags of the one that was named. */
void client_help_print(FILE *, const struct command_line *);

/* ---- client_manual.c */
void client_print_manual(FILE *, const struct command_line *); /* in mdoc */
void client_print_bash(FILE *, const struct command_line *);
void client_print_zsh(FILE *, const struct command_line *);

#endif
