/*
 * state_dir.h - makes and locks the state directory, and chooses the account
 * that owns it; in the parent, before any other process.
 */
#ifndef PANGOLIN_STATE_DIR_H
#define PANGOLIN_STATE_DIR_H

#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct account {
	const char *name; /* NULL: the process keeps its account */
	uid_t uid;
	gid_t gid;
};

/* The account to run as: `name` when the process is root, which stays root only
 * if that is its name; ERR_VALIDATION when there is no such account. */
MUST_CHECK enum err account_get(
    const char *name, struct account *ret, struct error *);

/* Makes the directory and those above it.  Its group, which engines are in,
 * reaches the warehouse in it and lists nothing (mode 0710).  ERR_UNAVAILABLE
 * has the system's reason. */
MUST_CHECK enum err state_dir_make(
    const char *path, struct account, struct error *);

/* Locks the directory as long as this process or a child of it lives.
 * ERR_CONFLICT names the process that uses it, after half a second, which a
 * killed process takes to die; the children of a dead one have two seconds.
 * The lock file belongs to the account, which may start the next server. */
MUST_CHECK enum err state_dir_lock(
    const char *path, struct account, struct error *);

/* Makes the files that an earlier start left there private to the account,
 * except its certificate and files in folders. */
MUST_CHECK enum err state_dir_tighten(const char *path, struct error *);

/* Makes a new empty file for the account alone, which kore writes. */
#define PID_FILE "pangolin.pid"
MUST_CHECK enum err state_dir_own(
    const char *path, const char *name, struct error *);

/* Becomes the account, for good; for a child that does the first work. */
MUST_CHECK enum err account_become(struct account, struct error *);

#endif
