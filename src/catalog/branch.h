/*
 * branch.h - a catalog as one branch shows it, and the only way to write it.
 *
 * Every operation on namespaces and tables takes a branch: the chain of logs
 * that it reads, and the log that it writes.  A tag, a commit or an instant is
 * shown the same way, and is never written.
 */
#ifndef PANGOLIN_BRANCH_H
#define PANGOLIN_BRANCH_H

#include "catalog/catalogs.h"
#include "catalog/committer.h"
#include "catalog/names.h"
#include "catalog/refs.h"

/* The kinds of a branch's entries.  Numbers are stored. */
enum kind {
	KIND_NAMESPACE = 1,
	KIND_TABLE = 2,
	KIND_VIEW = 3,
	/* in no namespace, see location_claims.h */
	KIND_LOCATION_CLAIM = 64,
	KIND_DIRECTORY = 65
};

struct idempotency_key; /* catalog/idempotency_keys.h */

/* The writer of a unit, and how it is written.  All zero: tests, and calls that
 * only read. */
struct writer {
	struct str author;           /* the principal's name, for commits */
	struct str message;          /* ptr NULL: the operation makes one */
	struct committer *committer; /* NULL: units go straight to the store */
	struct idempotency_key
	    *idempotency; /* of the request; NULL: it has no key */
	bool merges;      /* a merge that protected branches take */
};

struct branch {
	struct catalog catalog;
	int64_t id;         /* the log that is written, and read first */
	struct chain chain; /* its own link first, to the head or, of a
			     * historic view, to where that ends */
	bool is_history;    /* a tag, a commit or an instant: read only */
	bool is_protected;
	struct str ref;              /* as the request named it, or empty */
	const struct limits *limits; /* of new names; NULL: the stores' */
	bool plain_locations; /* new places end in no digits of a uuid, where
			       * that can be */
	bool hides_owners;    /* refusals name no table that is in the way: who
			       * asks may not see them all */
	struct writer writer;
};

/* Splits "sales@dev" into the catalog's name and the rest (ptr NULL: there is
 * none).  No catalog's name has an '@'. */
void branch_prefix_cut(
    struct str prefix, struct str *ret_catalog, struct str *ret_ref);

/* Opens the branch or historic view that a URL prefix names, "sales" or
 * "sales@dev", see refs.h; the caller sets its writer.  ERR_NO_SUCH_WAREHOUSE,
 * ERR_NO_SUCH_REF, ERR_BAD_REQUEST. */
MUST_CHECK enum err branch_open(
    struct call *, struct id tenant, struct str prefix, struct branch *ret);

/* The same for calls that only read: it does not look for the catalog's place,
 * nor whether the branch is protected. */
MUST_CHECK enum err branch_open_to_read(
    struct call *, struct id tenant, struct str prefix, struct branch *ret);

/* Opens another branch or view of the same catalog, for the same writer. */
MUST_CHECK enum err branch_switch(
    struct call *, struct branch *, struct str ref);

/* Whether the branch may be written.  ERR_BAD_REQUEST: it is a historic view;
 * ERR_FORBIDDEN: it is protected. */
MUST_CHECK enum err branch_may_write(struct call *, const struct branch *);

/* Reads what the branch shows of each key; kind 0 or deleted: nothing. */
MUST_CHECK enum err branch_read(struct call *, const struct branch *,
    const struct key *keys, size_t count, struct version *ret);

static inline bool
version_is_live(const struct version *v)
{
	return v->kind != 0 && !v->deleted;
}

/* The expectation that a key is as it was read. */
struct expect expect_unchanged(
    const struct branch *, struct key, const struct version *read);
/* The expectation that a key is still live, in whatever version. */
struct expect expect_live(
    const struct branch *, struct key, const struct version *read);

/*
 * Hands a unit to the committer and waits for its verdict: VERDICT_APPLIED
 * (also for ALREADY) or VERDICT_CONFLICT, and the position.  When an answer is
 * lost the unit is submitted again until the deadline; then ERR_COMMIT_UNKNOWN.
 * With an idempotency key the unit takes its id: ERR_ANSWERED when an earlier
 * request had committed it, and ERR_UNPROCESSABLE when that was a different
 * request.  A branch that is gone is ERR_NO_SUCH_REF, or ERR_NO_SUCH_WAREHOUSE
 * for main; one that has been protected meanwhile is ERR_FORBIDDEN; data that
 * the engine refuses is ERR_BAD_REQUEST.
 */
MUST_CHECK enum err branch_apply(
    struct call *, const struct branch *, struct unit *, enum verdict *ret);

#endif
