/*
 * state_dir.h - the directory a server keeps everything in, and the account
 * that owns it.  Runs in the parent, before any other process.
 */
#ifndef PANGOLIN_STATE_DIR_H
#define PANGOLIN_STATE_DIR_H

#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct account {
	const char *name; /* NULL: the process stays who it is */
	uid_t uid;
	gid_t gid;
};

/* Whom to run as: `name` when the process is root and there is such an
 * account; *ret_missing says that root finds none. */
struct account account_find(const char *name, bool *ret_missing);

/* Make the directory and those above it, for the account alone and its
 * group.  ERR_UNAVAILABLE says what the system said. */
MUST_CHECK enum err state_dir_make(
    const char *path, struct account, struct error *);

/* Keep other servers off it as long as this process or a child of it lives.
 * ERR_CONFLICT names the process that uses it.  The file is the account's,
 * which may be who starts the next server. */
MUST_CHECK enum err state_dir_lock(
    const char *path, struct account, struct error *);

/* Become the account, for good; for a child that does the first work. */
MUST_CHECK enum err account_become(struct account, struct error *);

#endif
