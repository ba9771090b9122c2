/*
 * bootstrap.h - the first start: who and what is there before anybody came.
 *
 * Makes `root`, and a tenant `default` with the administrator `admin`, a
 * warehouse and a catalog `default`, all in one unit.  root and admin have
 * one random password, which STATE_DIR/initial-admin-password holds (one line,
 * mode 0600) until both have another one.
 */
#ifndef PANGOLIN_BOOTSTRAP_H
#define PANGOLIN_BOOTSTRAP_H

#include "plugin/store.h"

#define PASSWORD_FILE "initial-admin-password"

struct bootstrap {
	struct str state_dir;      /* absolute, there, writable */
	struct str warehouse_root; /* a file: location or an absolute path;
				    * empty: STATE_DIR/warehouse */
	bool root_only;            /* bootstrap = "none" */
};

/* Safe to repeat, after a crash at any point too, and to run twice at once;
 * once there is a root it only tidies up the password file.  *ret_made: this
 * call made root.  A file or directory that cannot be written is
 * ERR_INTERNAL, with its path and the cure. */
MUST_CHECK enum err bootstrap(
    struct call *, const struct bootstrap *, bool *ret_made);

/* It need not be there. */
MUST_CHECK enum err password_file_remove(struct str state_dir, struct error *);

#endif
