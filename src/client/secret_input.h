/* secret_input.h - passwords: from a file or a terminal, never from the command
 * line, which others can see. */
#ifndef PANGOLIN_SECRET_INPUT_H
#define PANGOLIN_SECRET_INPUT_H

#include "base/arena.h"
#include "base/error.h"

/* The first line of a file; "-" is standard input. */
MUST_CHECK enum err secret_read(
    struct arena *, const char *path, struct str *ret, struct error *);

/* Asks on the terminal, which does not show what is typed. */
MUST_CHECK enum err secret_ask(
    struct arena *, struct str what, struct str *ret, struct error *);

/* All of a file, up to a size; "-" is standard input. */
MUST_CHECK enum err secret_read_all(struct arena *, const char *path,
    size_t most, struct str *ret, struct error *);

#endif
