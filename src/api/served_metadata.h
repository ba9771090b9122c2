/*
 * served_metadata.h - changes a metadata file's text for an answer: fewer
 * snapshots, or no leave to delete files.
 *
 * In a catalog that is shared (catalog/catalogs.h) an old file or snapshot may
 * be needed by a branch that its engine does not see.  So tables are served
 * with the properties by which Iceberg's engines delete nothing themselves; the
 * stored file has its owner's values.
 */
#ifndef PANGOLIN_SERVED_METADATA_H
#define PANGOLIN_SERVED_METADATA_H

#include "plugin/store.h"

enum served {
	SERVED_REFS = 1,  /* snapshots that a branch or tag names only */
	SERVED_SHARED = 2 /* no leave to delete files */
};

/* Makes the served text of the stored text of a table's metadata; `served` is a
 * sum of enum served. */
MUST_CHECK enum err served_metadata(
    struct call *, unsigned served, struct str *io);

#endif
