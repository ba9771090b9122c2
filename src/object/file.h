/*
 * file.h - reads and writes objects on a local disk; object.h has the
 * contracts.
 */
#ifndef PANGOLIN_FILE_H
#define PANGOLIN_FILE_H

#include "plugin/store.h"

/* "/a/b" of "file:///a/b", "file://localhost/a/b" and "file:/a/b". */
struct str file_path(struct str location);

enum err file_read(
    struct call *, struct str location, size_t most, struct str *ret);
enum err file_exists(struct call *, struct str location, bool *ret);
enum err file_create(struct call *, struct str location, struct str bytes);
enum err file_delete(struct call *, struct str location);
enum err file_clear(
    struct call *, struct str location, size_t *io_most, bool *ret_empty);
enum err file_prepare_table(struct call *, struct str location);

#endif
