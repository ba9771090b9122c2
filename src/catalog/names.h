/*
 * names.h - the names of namespaces and tables.
 *
 * A namespace's path is its levels joined by 0x1F (Iceberg REST spec, path
 * parameter `namespace`); messages show it with dots.
 */
#ifndef PANGOLIN_NAMES_H
#define PANGOLIN_NAMES_H

#include "plugin/store.h"

#define LEVEL_SEPARATOR '\x1f'
#define NAME_MAX_BYTES 255  /* a level or a name */
#define PATH_MAX_BYTES 1024 /* a namespace's path with a name behind it */

struct ident {
	struct str ns;   /* path, never empty */
	struct str name; /* of a table or view */
};

/* One level or name: ERR_BAD_REQUEST unless it is 1 to 255 bytes of UTF-8
 * without control characters and neither "." nor "..".  `what` is "Table",
 * "User", and so on. */
MUST_CHECK enum err name_check(
    struct str name, const char *what, struct error *);

/* The path of an array of levels, each checked. */
MUST_CHECK enum err path_of_levels(struct arena *, const struct str *levels,
    size_t count, struct str *ret, struct error *);

/* A path as it came decoded from a URL: each level checked, and named by its
 * number when it is wrong. */
MUST_CHECK enum err path_check(struct str path, struct error *);

/* For messages: "a.b", and "a.b.t". */
struct str path_shown(struct arena *, struct str path);
struct str ident_shown(struct arena *, struct ident);

/* The log keys of a namespace and of a table or view. */
struct key path_key(struct str path);
struct key ident_key(struct ident);

/* `path` with one more level. */
struct str path_join(struct arena *, struct str path, struct str level);

#endif
