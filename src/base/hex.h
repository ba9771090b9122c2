/* hex.h - bytes as hexadecimal text in small letters, and back. */
#ifndef PANGOLIN_HEX_H
#define PANGOLIN_HEX_H

#include "base/arena.h"
#include "base/str.h"

/* Writes two digits for each byte, and nothing behind them. */
void hex_write(char *ret, struct str bytes);

/* False: it is not an even number of digits. */
MUST_CHECK bool hex_read(struct arena *, struct str hex, struct str *ret);

#endif
