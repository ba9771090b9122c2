/*
 * greeting.h - greets the first start on a terminal: the address, the password
 * file, and lines to paste.
 */
#ifndef PANGOLIN_GREETING_H
#define PANGOLIN_GREETING_H

#include "cli/serve.h"

/* Prints the greeting on standard output when the log is text, and the store is
 * new or the file with the first password is still there. */
void greeting_print(const struct serving *, bool is_new);

#endif
