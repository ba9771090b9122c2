/*
 * rights.h - the grants of a principal, packed so that a question costs a few
 * comparisons however many there are.
 *
 * A packed table is sorted by catalog, then by namespace or asset: a question
 * looks up the place and each place above it.  It is the same for all nodes,
 * and cached until the control log of the tenant moves.
 */
#ifndef PANGOLIN_RIGHTS_H
#define PANGOLIN_RIGHTS_H

#include "cache/levels.h"
#include "identity/grants.h"
#include "identity/principal.h"

/* Longer tables are packed anew for each request. */
#define RIGHTS_CACHED_MAX ((size_t)4 << 20)

struct rights {
	struct str packed;
	struct levels *levels; /* that `pin` is of; NULL: there is none */
	struct cached pin;
};

/* The packed table of the roles and permissions of a user or service user in
 * its tenant.  It stays as it is until rights_release(). */
MUST_CHECK enum err rights_of(
    struct call *, const struct principal *, struct rights *ret);
void rights_release(const struct rights *);

struct str rights_pack(struct arena *, struct grants);

/* The actions that are allowed at a target, with those they imply. */
unsigned rights_allow(struct str packed, const struct grant_target *);

/* The same of the target's object alone, whatever is allowed around it. */
unsigned rights_allow_object(struct str packed, const struct grant_target *);

/* Whether a list shows the catalog or namespace: something in it may be
 * listed.  Without a ref: on any branch or tag. */
bool rights_see(struct str packed, const struct grant_target *);

/* Whether there is any grant in the catalog on this branch or tag: else nobody
 * need know that it is there.  Without a ref: on any. */
bool rights_touch(struct str packed, struct id catalog, struct str ref);

/* Whether there are grants on single assets of the catalog, so that the object
 * of a name matters. */
bool rights_have_assets(struct str packed, struct id catalog);

/* Whether a grant in the catalog holds on some branches and tags only. */
bool rights_have_refs(struct str packed, struct id catalog);

#endif
