/* value_check.h - checks values of a command line by their argument's type. */
#ifndef PANGOLIN_VALUE_CHECK_H
#define PANGOLIN_VALUE_CHECK_H

#include "client/arguments.h"

/* NULL, or what is wrong, for people. */
const char *value_check(struct arena *, const struct argument *, const char *);

#endif
