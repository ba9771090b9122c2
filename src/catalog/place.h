/*
 * place.h - the place of a warehouse: its spelling, and which directory it is.
 *
 * A root is "file:///srv/warehouse", with three slashes, or
 * "s3://bucket/prefix"; none ends with a slash.
 */
#ifndef PANGOLIN_PLACE_H
#define PANGOLIN_PLACE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"

/* Makes a root of a file: or s3: location in any spelling, or of an absolute
 * path. ERR_BAD_REQUEST for other schemes and for what object.h refuses. */
MUST_CHECK enum err place_parse(
    struct arena *, struct str given, struct str *ret, struct error *);

/* The places of a list, "file:///srv/a, file:///mnt/b"; an empty list has
 * none. */
struct places {
	const struct str *at;
	size_t count;
};
MUST_CHECK enum err places_parse(
    struct arena *, struct str list, struct places *ret, struct error *);

/* Whether a location is below one of them. */
bool places_hold(struct places, struct str location);

/*
 * The identity of the directory that a place is, by whatever path it was named:
 * device and inode of its longest existing part and of all directories above
 * it, and the names that are missing.
 *
 * A place in S3 is its bucket and prefix.  The endpoint is no part of it: a
 * location names none, so two buckets of one name could not be told apart.
 */
#define PLACE_DEPTH 64
struct place_identity {
	struct str root; /* as it was named */
	struct str missing;
	struct {
		dev_t dev;
		ino_t ino;
	} at[PLACE_DEPTH]; /* upwards; count 0: nothing could be found out */
	size_t count;
};

/* ERR_BAD_REQUEST for more than PLACE_DEPTH levels. */
MUST_CHECK enum err place_identify(
    struct str root, struct place_identity *ret, struct error *);

/* Whether one of the two is at or below the other, by name or as a
 * directory. */
bool place_overlaps(const struct place_identity *, struct str other);

/* The root that allows every place. */
#define PLACE_ANY "file:///"

/* The rules for where tenants may put warehouses. */
struct place_rules {
	struct str state_dir;    /* the server's own; only its folder
				  * `warehouse` is for tables */
	const struct str *roots; /* as place_parse() writes them, or
				  * PLACE_ANY; a place is at or below one */
	size_t root_count;
	bool probed; /* buckets are tried before they are taken */
};

/* Checks a place against the rules: ERR_BAD_REQUEST; `what` names the field.
 * In S3 any is allowed: rules for endpoints are the client's. */
MUST_CHECK enum err place_allowed(const struct place_rules *, const char *what,
    const struct place_identity *, struct error *);

/* Makes the directory of a file: place and those above it; its group keeps what
 * is made in it (mode 2770) where the umask lets the group write.
 * ERR_BAD_REQUEST with the path and the command that cures it. */
MUST_CHECK enum err place_prepare(struct str root, struct error *);

#endif
