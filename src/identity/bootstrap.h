/*
 * bootstrap.h - the first start: makes the first users, tenant, warehouse and
 * catalog.
 *
 * It makes `root`, and a tenant `default` with the administrator `admin`, a
 * warehouse and a catalog `default`, all in one unit. root and admin have one
 * password, unless admin is given its own: a given one, or a random one that a
 * file holds until both have another one.
 */
#ifndef PANGOLIN_BOOTSTRAP_H
#define PANGOLIN_BOOTSTRAP_H

#include "base/json.h"
#include "identity/password_file.h"
#include "plugin/store.h"

struct first_start {
	struct str state_dir;      /* absolute, there, writable */
	struct str warehouse_root; /* a file: location or an absolute path;
				    * empty: STATE_DIR/warehouse */
	struct pairs storage;      /* instead of it, the storage_config of a
				    * warehouse in S3; count 0: none */
	struct str
	    allowed_locations; /* its `allowed-locations`; may be empty */
	struct str password;   /* ptr NULL: a random one, in its file */
	struct str root_name, admin_name; /* empty: root, admin; the second is
					   * tenant_admin if root is admin */
	struct str admin_password;        /* empty: the same as root's */
	bool root_only;                   /* bootstrap = "none" */
	bool alone; /* no other node makes users in this store */
};

/* Safe to repeat, after a crash at any point too, and to run twice at once;
 * once there is a root it only tidies up the password file.  *ret_made: this
 * call made root.  An error about a file or directory that cannot be written
 * has its path and the cure; a bucket is tried, and an error says what of
 * it cannot be done. */
MUST_CHECK enum err bootstrap(
    struct call *, const struct first_start *, bool *ret_made);

/* The name of the administrator, and of those whom the password is of. */
struct str bootstrap_admin_name(const struct first_start *);
struct str bootstrap_users(struct arena *, const struct first_start *);

#endif
