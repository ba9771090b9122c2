/*
 * ref_target.h - finds the catalog, ref and author that a management request
 * about branches and tags names.
 */
#ifndef PANGOLIN_REF_TARGET_H
#define PANGOLIN_REF_TARGET_H

#include "api/form.h"
#include "api/limit_offset.h"
#include "http/request.h"
#include "versions/ref_units.h"

/* The catalog of `?catalog=`, which must be there, and where the request may do
 * its action on the branch or tag (REF_ANY of target_access.h: on any).
 * ERR_BAD_REQUEST; ERR_NO_SUCH_WAREHOUSE; ERR_FORBIDDEN. */
MUST_CHECK enum err query_catalog(
    struct request *, struct call *, struct str ref, struct catalog *ret);

/* The same; without the argument the only catalog that has a ref of this
 * name. */
MUST_CHECK enum err query_catalog_of_ref(
    struct request *, struct call *, struct str ref, struct catalog *ret);

/* Lists the branches or tags that the principal may see, by name; offset and
 * limit count those. */
MUST_CHECK enum err refs_shown(struct request *, struct call *,
    const struct catalog *, enum ref_kind, struct range, struct ref_list *ret);

/* A UUID of the query; nil: it is not there.  ERR_BAD_REQUEST. */
MUST_CHECK enum err query_id(
    struct request *, const char *name, struct id *ret);

/* "[ref][~commit|~instant]"; nothing at all: the head of the default branch.
 * ERR_BAD_REQUEST names the field. */
MUST_CHECK enum err spec_read(
    struct request *, const char *field, struct str text, struct ref_spec *ret);

/* "namespace", "table", "view" (enum kind). */
struct str kind_word(int kind);

/* The metadata file of a table or view that is there; else ptr NULL. */
struct str metadata_file(const struct version *);

/* The levels of a path; of none: an empty list. */
struct form_texts levels_in(struct arena *, struct str path);

/* The principal as the author of a change, and the request's commit message.
 * ERR_BAD_REQUEST: commit_message_read(). */
MUST_CHECK enum err ref_author_read(struct request *, struct ref_author *ret);

#endif
