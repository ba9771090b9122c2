/*
 * names.h - checks and writes the names of namespaces, tables and views.
 *
 * A namespace's path is its levels joined by 0x1F (Iceberg REST spec, path
 * parameter `namespace`); messages show it with dots.
 */
#ifndef PANGOLIN_NAMES_H
#define PANGOLIN_NAMES_H

#include "config/limits.h"
#include "plugin/store.h"

#define LEVEL_SEPARATOR '\x1f'
#define NAME_MAX_BYTES 255  /* of a user, a warehouse and so on */
#define PATH_MAX_BYTES 1024 /* a namespace's path with a name behind it */

struct ident {
	struct str ns;   /* a path, never empty */
	struct str name; /* of a table or view */
};

/* Checks the name of a user, a warehouse and so on: ERR_BAD_REQUEST unless it
 * is 1 to 255 bytes of UTF-8 without control characters and neither "." nor
 * "..".  `what` is "User", "Tenant", and so on. */
MUST_CHECK enum err name_check(
    struct str name, const char *what, struct error *);

/* Checks the name of a table or view: any UTF-8 but NUL and the separator, and
 * neither "." nor "..", which are steps in a URL (RFC 3986, 5.2.4).  `what` is
 * "Table" or "View". */
MUST_CHECK enum err relation_name_check(
    struct str name, const char *what, struct error *);

/* Checks that a new name is no longer than the settings say.  NULL: only the
 * stores' bound counts. */
MUST_CHECK enum err key_fits(const struct limits *, struct key, struct error *);

/* The path of an array of levels, each checked. */
MUST_CHECK enum err path_of_levels(struct arena *, const struct str *levels,
    size_t count, struct str *ret, struct error *);

/* Checks a path as it came decoded from a URL: each level, named by its number
 * when it is wrong. */
MUST_CHECK enum err path_check(struct str path, struct error *);

/* Splits "a.b.t" into a path and a name: dots are between levels, unless the
 * text has U+001F between them.  ERR_BAD_REQUEST; `what` names the field. */
MUST_CHECK enum err ident_of_dotted(struct arena *, const char *what,
    struct str text, struct ident *ret, struct error *);

/* For messages: "a.b", and "a.b.t". */
struct str path_shown(struct arena *, struct str path);
struct str ident_shown(struct arena *, struct ident);

/* The log keys of a namespace and of a table or view. */
struct key path_key(struct str path);
struct key ident_key(struct ident);

/* `path` with one more level. */
struct str path_join(struct arena *, struct str path, struct str level);

#endif
