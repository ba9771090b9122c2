/*
 * s3.h - reads and writes objects in S3 by their location; object.h has the
 * contracts.
 *
 * "s3a:" and "s3n:", which Hadoop's clients write, are other spellings of
 * "s3:".  A location names no endpoint: s3_clients.h knows the client.
 */
#ifndef PANGOLIN_S3_H
#define PANGOLIN_S3_H

#include "plugin/store.h"

/* Whether a location has one of the three spellings. */
bool s3_is_location(struct str location);

/* "//bucket/a/b" of "s3://bucket/a/b": no path of a file begins so. */
struct str s3_path(struct str location);

/* Whether a path begins with the name of a bucket: "//bucket", "//bucket/a". */
bool s3_path_has_bucket(struct str path);

enum err s3_read(
    struct call *, struct str location, size_t most, struct str *ret);
enum err s3_exists(struct call *, struct str location, bool *ret);
enum err s3_create_at(struct call *, struct str location, struct str bytes);
enum err s3_delete_at(struct call *, struct str location);

/* Deletes the first objects, as many as one request takes: *ret_done, at least
 * one. */
struct object_deletion;
enum err s3_delete_first(
    struct call *, struct object_deletion *, size_t count, size_t *ret_done);
enum err s3_presign_at(
    struct call *, struct str location, int64_t seconds, struct str *ret);
enum err s3_clear(
    struct call *, struct str location, size_t *io_most, bool *ret_empty);

#endif
