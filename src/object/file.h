/* file.h - objects on a local disk; object.h has the contracts. */
#ifndef PANGOLIN_FILE_H
#define PANGOLIN_FILE_H

#include "base/arena.h"
#include "base/error.h"

/* "/a/b" of "file:///a/b", "file://localhost/a/b" and "file:/a/b". */
struct str file_path(struct str location);

enum err file_read(
    struct arena *, struct str location, struct str *ret, struct error *);
enum err file_exists(struct str location, bool *ret, struct error *);
enum err file_create(struct str location, struct str bytes, struct error *);
enum err file_delete(struct str location, struct error *);
enum err file_prepare_table(struct str location, struct error *);

#endif
