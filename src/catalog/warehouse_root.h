/*
 * warehouse_root.h - the root of a warehouse: its spelling, and which directory
 * it is.
 *
 * A root is "file:///srv/warehouse", with three slashes, or
 * "s3://bucket/prefix"; none ends with a slash.
 */
#ifndef PANGOLIN_WAREHOUSE_ROOT_H
#define PANGOLIN_WAREHOUSE_ROOT_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"

/* Makes a root of a file: or s3: location in any spelling, or of an absolute
 * path. ERR_BAD_REQUEST for other schemes and for what object.h refuses. */
MUST_CHECK enum err root_parse(
    struct arena *, struct str given, struct str *ret, struct error *);

/* The roots of a list, "file:///srv/a, file:///mnt/b"; an empty list has
 * none. */
struct roots {
	const struct str *at;
	size_t count;
};
MUST_CHECK enum err roots_parse(
    struct arena *, struct str list, struct roots *ret, struct error *);

/* Whether a location is below one of them. */
bool roots_hold(struct roots, struct str location);

/*
 * The identity of the directory that a root is, by whatever path it was named:
 * device and inode of its longest existing part and of all directories above
 * it, and the names that are missing.
 *
 * A root in S3 is its bucket and prefix.  The endpoint is no part of it: a
 * location names none, so two buckets of one name could not be told apart.
 */
#define ROOT_DEPTH 64
struct root_identity {
	struct str root; /* as it was named */
	struct str missing;
	struct {
		dev_t dev;
		ino_t ino;
	} at[ROOT_DEPTH]; /* upwards; count 0: nothing could be found out */
	size_t count;
};

/* ERR_BAD_REQUEST for more than ROOT_DEPTH levels. */
MUST_CHECK enum err root_identify(
    struct str root, struct root_identity *ret, struct error *);

/* Whether one of the two is at or below the other, by name or as a
 * directory. */
bool root_overlaps(const struct root_identity *, struct str other);

/* The root that allows every other. */
#define ROOT_ANY "file:///"

/* The rules for where tenants may put warehouses. */
struct root_rules {
	struct str state_dir;    /* the server's own; only its folder
				  * `warehouse` is for tables */
	const struct str *roots; /* as root_parse() writes them, or
				  * ROOT_ANY; a place is at or below one */
	size_t root_count;
	bool probed; /* buckets are tried before they are taken */
};

/* Checks a place against the rules: ERR_BAD_REQUEST; `what` names the field.
 * In S3 any is allowed: rules for endpoints are the client's. */
MUST_CHECK enum err root_allowed(const struct root_rules *, const char *what,
    const struct root_identity *, struct error *);

/* Makes the directory of a file: place and those above it; its group keeps what
 * is made in it (mode 2770) where the umask lets the group write.
 * ERR_BAD_REQUEST with the path and the command that cures it. */
MUST_CHECK enum err root_prepare(struct str root, struct error *);

#endif
