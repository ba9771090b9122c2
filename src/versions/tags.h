/*
 * tags.h - tags: names of commits.
 *
 * A tag moves only from the commit that the request expects.  While the tag is
 * there, its commit can be read, whatever happens to the branch.
 */
#ifndef PANGOLIN_TAGS_H
#define PANGOLIN_TAGS_H

#include "versions/ref_units.h"

/* ERR_ALREADY_EXISTS: a branch or tag has the name. */
MUST_CHECK enum err tags_create(struct call *, const struct catalog *,
    struct str name, const struct fork_point *, const struct ref_author *,
    struct ref *ret);

/* ERR_NO_SUCH_REF, also for a branch. */
MUST_CHECK enum err tags_get(
    struct call *, const struct catalog *, struct str name, struct ref *ret);

/* ERR_COMMIT_FAILED when it names another commit than the expected one. */
MUST_CHECK enum err tags_move(struct call *, const struct catalog *,
    struct str name, struct id expected, const struct fork_point *,
    const struct ref_author *, struct ref *ret);

/* `expected` nil: whatever it names. */
MUST_CHECK enum err tags_delete(struct call *, const struct catalog *,
    struct str name, struct id expected, const struct ref_author *);

#endif
