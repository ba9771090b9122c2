/*
 * object.h - reads and writes the files of tables by their location (a URI).
 *
 * Schemes: file: ("file:///a/b", "file:/a/b") and s3: ("s3://bucket/a/b", also
 * as "s3a:" and "s3n:").  A location is kept as it was given: clients compare
 * it as text.  Errors name the location: ERR_BAD_REQUEST
 * for a location that cannot be one or where no file can be made, ERR_NOT_FOUND
 * when there is nothing, no file or a link (beneath.h), ERR_UNAVAILABLE when
 * the place does not answer or has no room.  A call brings what calls of a
 * store do, with the same rules: arena, error, deadline, nowait.
 */
#ifndef PANGOLIN_OBJECT_H
#define PANGOLIN_OBJECT_H

#include "plugin/store.h"

/* The largest file that is read. */
#define OBJECT_SIZE_MAX ((size_t)1 << 30)

/* Checks a location: a scheme that is served, an absolute path, no "." or ".."
 * in it, nor what decodes to them, no empty segment but behind the scheme, none
 * that ends with a blank, no query, backslash or control character. */
MUST_CHECK enum err object_location_check(struct str location, struct error *);

/* The path that all spellings of one place have in common: "/a/b", and in S3
 * "//bucket/a/b"; and a location of the path. */
struct str object_path(struct str location);
struct str object_location_at(struct arena *, struct str path);

/* Whether a location is below a root, in any spelling. */
bool object_location_is_below(struct str location, struct str root);

/* Reads a file; ERR_BAD_REQUEST before it is read when it has more than `most`
 * bytes. */
MUST_CHECK enum err object_read(
    struct call *, struct str location, struct str *ret);
MUST_CHECK enum err object_read_most(
    struct call *, struct str location, size_t most, struct str *ret);

/* Whether there is an object, without reading it. */
MUST_CHECK enum err object_exists(
    struct call *, struct str location, bool *ret);

/* Whether reading it takes a network's time. */
bool object_is_remote(struct str location);

/* As object_exists(), for a file that is cached: a remote one, which nobody but
 * the server deletes, is there. */
MUST_CHECK enum err object_seems_there(
    struct call *, struct str location, bool *ret);

/*
 * Writes a new object, whole or not at all (new_file.h); it is durable when
 * this returns.  ERR_ALREADY_EXISTS when there is one of this name.
 */
MUST_CHECK enum err object_create(
    struct call *, struct str location, struct str bytes);

/* An URL by which anybody reads the object within so many seconds.
 * ERR_BAD_REQUEST where there are no URLs. */
MUST_CHECK enum err object_presign(
    struct call *, struct str location, int64_t seconds, struct str *ret);

/* Deletes an object, if it is there. */
enum err object_delete(struct call *, struct str location);

/* An object to delete; `refusal`, which is set, says why it is still there, ptr
 * NULL: it is gone. */
struct object_deletion {
	struct str location;
	struct str refusal;
};

/* Deletes objects, those that are there; S3 takes a thousand in one request
 * where they lie together, so callers sort them.  OK whatever is refused;
 * behind ERR_UNAVAILABLE and ERR_SLOW_DOWN each may be gone. */
MUST_CHECK enum err object_delete_each(
    struct call *, struct object_deletion *, size_t count);

/* Deletes objects below a location, at most so many, and the directories that
 * are empty then, its own too; links are deleted, not followed.  *ret_empty:
 * none is left.  *io_most: how many more it might have deleted; with 0 it only
 * looks. */
MUST_CHECK enum err object_clear(
    struct call *, struct str location, size_t *io_most, bool *ret_empty);

/* Makes what an engine expects below a table's location before it writes: the
 * directories `metadata` and `data`, where places have directories. */
MUST_CHECK enum err object_prepare_table(struct call *, struct str location);

#endif
