/* target.h - splits the request-target of RFC 9112, 3.2. */
#ifndef PANGOLIN_TARGET_H
#define PANGOLIN_TARGET_H

#include "base/str.h"

/* "host[:port]" (RFC 9110, 7.2), perhaps empty; never with a user. */
bool authority_is_valid(struct str);

/* Path and query of an origin-form or absolute-form target, both as they were
 * sent; without a '?' the query is absent.  False for any other form, for a
 * target with a fragment, and for one with a missing or invalid authority. */
bool target_split(
    struct str target, struct str *ret_path, struct str *ret_query);

#endif
