/* target.h - the request-target of RFC 9112, 3.2, taken apart. */
#ifndef PANGOLIN_TARGET_H
#define PANGOLIN_TARGET_H

#include "base/str.h"

/* Path and query of an origin-form or absolute-form target, both as they were
 * sent; the query is absent without a '?'.  False for any other form, and for
 * a target with a fragment. */
bool target_split(
    struct str target, struct str *ret_path, struct str *ret_query);

#endif
