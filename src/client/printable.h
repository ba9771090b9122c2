/*
 * printable.h - text of a server on a terminal: control characters, which
 * would command the terminal, and those that turn the direction of text around
 * are shown as "\x1b".
 */
#ifndef PANGOLIN_PRINTABLE_H
#define PANGOLIN_PRINTABLE_H

#include "base/buf.h"

/* Any bytes; those that are no UTF-8 are shown so, too. */
void printable_add(struct buf *, struct str);
struct str printable(struct arena *, struct str);

/* How many characters a terminal shows. */
size_t printable_width(struct str);

#endif
