/*
 * undrop.h - brings back what was dropped on a branch, in one commit.
 *
 * Everything comes back as it was: object, metadata file, properties, and for
 * a table its place.  A namespace comes back with what lay in it
 * (drop_history.h).
 */
#ifndef PANGOLIN_UNDROP_H
#define PANGOLIN_UNDROP_H

#include "catalog/branch.h"

#define UNDROP_KEYS_MAX 50000 /* entries of one commit */

/*
 * Brings an object back, under another last name if there is one (ptr NULL: the
 * one that it had), and a namespace `empty` or not; *ret is the object as it is
 * then.  ERR_NOT_FOUND: history does not
 * know it, or it is not dropped; ERR_NO_SUCH_NAMESPACE: bring that back first;
 * ERR_ALREADY_EXISTS: names, which the message lists, or a place are taken;
 * ERR_BAD_REQUEST: too much lay in it for one commit.
 */
MUST_CHECK enum err undrop(struct call *, const struct branch *,
    struct id object, struct str name, bool empty, struct version *ret);

#endif
