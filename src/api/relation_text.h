/*
 * relation_text.h - caches and sends the metadata of a table or view.
 *
 * A metadata file never changes, so its text is cached by its location, and so
 * is the whole reply as gzip.  A file that was removed is missed all the same:
 * its existence is checked each time.
 */
#ifndef PANGOLIN_RELATION_TEXT_H
#define PANGOLIN_RELATION_TEXT_H

#include "catalog/relations.h"
#include "http/request.h"

/* Answers with the metadata that an entry, found by this name, points to; of a
 * table with `refs_only` only the snapshots that a branch or tag names.
 * ERR_NOT_FOUND: the file is gone.  ERR_INTERNAL names table or view and file:
 * it is damaged.  An
 * `end` that is not absent is the answer's own, which is not kept then. */
MUST_CHECK enum err relation_send(struct request *, struct call *, struct ident,
    const struct version *entry, unsigned served, struct str end);

#endif
