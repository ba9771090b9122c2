/* prefix.h - prefixes as ranges, for engines that only compare. */
#ifndef PANGOLIN_PREFIX_H
#define PANGOLIN_PREFIX_H

#include "plugin/store.h"

/* The least text above all that begin with `prefix`: its last character
 * raised by one.  NULL when there is none. */
const struct value *text_behind(struct arena *, struct str prefix);

#endif
