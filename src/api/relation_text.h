/*
 * relation_text.h - the metadata of a table or view, ready to be sent.
 *
 * A metadata file never changes, so its text is kept by its location, and so is
 * the whole reply as gzip.  A file that somebody has removed is missed all the
 * same: it is looked for each time.
 */
#ifndef PANGOLIN_RELATION_TEXT_H
#define PANGOLIN_RELATION_TEXT_H

#include "catalog/relations.h"
#include "http/request.h"

/* Answers with what an entry points to; of a table with `refs_only` only the
 * snapshots that a branch or tag names.  ERR_NOT_FOUND: the file is gone. */
MUST_CHECK enum err relation_send(struct request *, struct call *,
    const struct version *entry, bool refs_only);

#endif
