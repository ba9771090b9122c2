/*
 * branch.h - a catalog as one branch shows it, and the only way to write it.
 *
 * Every operation on namespaces and tables takes a branch: the chain of logs
 * that it reads, and the log that it writes.
 */
#ifndef PANGOLIN_BRANCH_H
#define PANGOLIN_BRANCH_H

#include "catalog/catalogs.h"
#include "catalog/committer.h"
#include "catalog/names.h"

/* What a version is of.  Numbers are stored. */
enum kind {
	KIND_NAMESPACE = 1,
	KIND_TABLE = 2,
	KIND_VIEW = 3,
	/* of no namespace, see grounds.h */
	KIND_GROUND = 64,
	KIND_DIRECTORY = 65
};

struct once; /* catalog/once.h */

struct branch {
	struct catalog catalog;
	int64_t id;                  /* the log that is written */
	struct point head;           /* the chain has one link: main */
	struct str author;           /* of commits: the principal's name */
	struct committer *committer; /* NULL: units travel alone */
	struct once *once; /* of the request that writes; NULL: it has no key */
	const struct limits *limits; /* of new names; NULL: the stores' */
};

/* The branch that a URL prefix ("sales") names, without a committer: who
 * writes sets it.  ERR_NO_SUCH_WAREHOUSE. */
MUST_CHECK enum err branch_open(struct call *, struct id tenant,
    struct str prefix, struct str author, struct branch *ret);

/* The same for who only reads: its catalog's place is not looked for. */
MUST_CHECK enum err branch_open_to_read(
    struct call *, struct id tenant, struct str prefix, struct branch *ret);

/* What the branch shows of each key; kind 0 or deleted: nothing. */
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
/* That it is still live, whatever became of it. */
struct expect expect_live(
    const struct branch *, struct key, const struct version *read);

/*
 * Hand a unit to the committer and learn its fate: VERDICT_APPLIED (ALREADY is
 * one too) or VERDICT_CONFLICT, and the position.  A lost answer is asked for
 * again until the deadline; then ERR_COMMIT_UNKNOWN.  With a key the unit
 * takes its id: ERR_ANSWERED when an earlier request had done it, and
 * ERR_UNPROCESSABLE when that was another one.  A branch that is gone is
 * ERR_NO_SUCH_WAREHOUSE, data that the engine refuses ERR_BAD_REQUEST.
 */
MUST_CHECK enum err branch_apply(
    struct call *, const struct branch *, struct unit *, enum verdict *ret);

/* Lost races are tried again this often, on what is there by then. */
#define BRANCH_TRIES 5

#endif
