/*
 * profile.h - the file that keeps where one has signed in and the token, mode
 * 0600: ~/.config/pangolin/NAME.json, below XDG_CONFIG_HOME if that is set.
 *
 * A token goes to the server that gave it and to no other.
 */
#ifndef PANGOLIN_PROFILE_H
#define PANGOLIN_PROFILE_H

#include "base/arena.h"
#include "base/error.h"

struct profile {
	struct str url, token, username; /* ptr NULL: none */
	struct str tenant;               /* that root works in */
	struct str ca_file;
};

/* No file: nothing is in it.  ERR_FORBIDDEN: others may read the file. */
MUST_CHECK enum err profile_load(
    struct arena *, const char *name, struct profile *ret, struct error *);
MUST_CHECK enum err profile_save(
    struct arena *, const char *name, const struct profile *, struct error *);

#endif
