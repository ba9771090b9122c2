/*
 * place.h - the place of a warehouse: how it is written, and its directory.
 *
 * A root is "file:///srv/warehouse": three slashes, none at the end.
 */
#ifndef PANGOLIN_PLACE_H
#define PANGOLIN_PLACE_H

#include "base/arena.h"
#include "base/error.h"

/* A root from a file: location in any spelling, or from an absolute path.
 * ERR_BAD_REQUEST for other schemes and for what object.h refuses. */
MUST_CHECK enum err place_parse(
    struct arena *, struct str given, struct str *ret, struct error *);

/* Places of a list, "file:///srv/a, file:///mnt/b"; an empty one has none. */
struct places {
	const struct str *at;
	size_t count;
};
MUST_CHECK enum err places_parse(
    struct arena *, struct str list, struct places *ret, struct error *);

/* Whether a location is below one of them. */
bool places_hold(struct places, struct str location);

/* Is one of the two at or below the other? */
bool place_overlaps(struct str root, struct str other);

/* Where tenants may put warehouses. */
struct place_rules {
	struct str state_dir;    /* the server's own; only its folder
				  * `warehouse` is for tables */
	const struct str *roots; /* at or below one of them; none: anywhere */
	size_t root_count;
};

/* ERR_BAD_REQUEST when the rules do not allow it; `what` names the field. */
MUST_CHECK enum err place_allowed(const struct place_rules *, const char *what,
    struct str root, struct error *);

/* Make the directory, and those above it; its group keeps what is made in it
 * (mode 2770) where the umask lets the group write.  ERR_BAD_REQUEST with the
 * path and the command that cures it. */
MUST_CHECK enum err place_prepare(struct str root, struct error *);

#endif
