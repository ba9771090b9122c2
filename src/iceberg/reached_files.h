/*
 * reached_files.h - visits the files that a table's snapshots reach, each
 * behind those that only it leads to: the files of a manifest, the manifest,
 * the manifests of a list, the list (Iceberg table spec, "Manifests").
 *
 * A file that several lead to is visited again, as long as it can be read.
 */
#ifndef PANGOLIN_REACHED_FILES_H
#define PANGOLIN_REACHED_FILES_H

#include "iceberg/file_reader.h"
#include "iceberg/metadata.h"

enum reached { REACHED_FILE, REACHED_MANIFEST, REACHED_LIST };

struct reached_files {
	struct arena *arena; /* of what is read, and forgotten again */
	const struct metadata *metadata;
	struct file_reader reader;
	/* `read` is how a manifest or list could be read, with the message in
	 * the error.  *io_more false: no other file is wanted.  The path is
	 * gone afterwards; ptr NULL: a snapshot names no list. */
	enum err (*visit)(void *self, enum reached, struct str path,
	    enum err read, bool *io_more);
	void *self;
};

/* Fails as a visit has failed. */
MUST_CHECK enum err reached_files_visit(
    const struct reached_files *, struct error *);

#endif
