/* properties.h - sets and removes the properties of a table. */
#ifndef PANGOLIN_PROPERTIES_H
#define PANGOLIN_PROPERTIES_H

#include "iceberg/metadata.h"

/* Names that stand for other parts of metadata and are never stored. */
bool property_is_reserved(struct str name);

/* Merge an object of strings in, without reserved names; whether that changed
 * anything. */
bool properties_set(struct metadata *, yyjson_mut_val *updates);

/* Remove the names of an array of strings; whether there was one of them. */
bool properties_remove(struct metadata *, yyjson_mut_val *names);

/* The commit.retry.* properties are whole numbers >= 0.
 * ERR_ILLEGAL_ARGUMENT. */
MUST_CHECK enum err properties_check(const struct metadata *, struct error *);

#endif
