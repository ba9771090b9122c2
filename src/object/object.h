/*
 * object.h - files where tables live, by their location (a URI).
 *
 * Schemes: file: ("file:///a/b", "file:/a/b").  A location is kept as it was
 * given: clients compare it as text.  Errors: ERR_BAD_REQUEST for a location
 * that cannot be one, ERR_NOT_FOUND, ERR_UNAVAILABLE when the place does not
 * answer or has no room; messages name the location.  A call brings what calls
 * of a store do, with the same rules: arena, error, deadline, nowait.
 */
#ifndef PANGOLIN_OBJECT_H
#define PANGOLIN_OBJECT_H

#include "plugin/store.h"

/* No metadata file is larger. */
#define OBJECT_SIZE_MAX ((size_t)1 << 30)

/* A scheme that is served, an absolute path, no "." or ".." in it, no empty
 * segment but behind the scheme, no query, no control character. */
MUST_CHECK enum err object_location_check(struct str location, struct error *);

/* What two spellings of one place have in common: "/a/b". */
struct str object_path(struct str location);

/* Both spellings of a file location name one place. */
bool object_location_is_below(struct str location, struct str root);

MUST_CHECK enum err object_read(
    struct call *, struct str location, struct str *ret);

/* Whether there is an object, without reading it. */
MUST_CHECK enum err object_exists(
    struct call *, struct str location, bool *ret);

/*
 * A new object, whole or not at all; the bytes are durable when this returns.
 * ERR_ALREADY_EXISTS when there is one of this name.
 */
MUST_CHECK enum err object_create(
    struct call *, struct str location, struct str bytes);

/* It need not be there. */
enum err object_delete(struct call *, struct str location);

/* What an engine expects to find below a table's location before it writes:
 * the directories `metadata` and `data`, where places have directories. */
MUST_CHECK enum err object_prepare_table(struct call *, struct str location);

#endif
