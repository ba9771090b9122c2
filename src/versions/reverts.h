/*
 * reverts.h - picks, reverts and resets: commits made of commits.
 *
 * One commit is done again on another branch, one is undone, or all are undone
 * back to some point.  The result is a commit like any other, by the rules of a
 * merge: a key's version is replaced if it is as the commit expects it, and
 * contents are merged where it is not.  No second parent is recorded.
 */
#ifndef PANGOLIN_REVERTS_H
#define PANGOLIN_REVERTS_H

#include "catalog/branch.h"
#include "versions/merge_tables.h"

enum restore_kind { RESTORE_PICK, RESTORE_REVERT, RESTORE_RESET };

struct restore_ask {
	enum restore_kind kind;
	struct str branch; /* that is changed */
	struct id commit; /* any of the catalog; RESET: that it descends from */
	struct str message;              /* ptr NULL: made from what is asked */
	const struct merge_watch *watch; /* NULL: it is no task */
};

struct restored {
	struct id commit; /* that it made; or the head, if nothing changed */
	bool changed;
};

/* ERR_NO_SUCH_REF; ERR_BAD_REQUEST: not in the branch's history; ERR_CONFLICT
 * names what the branch has changed besides. */
MUST_CHECK enum err restore(struct call *, const struct branch *in,
    const struct restore_ask *, struct restored *ret);

/* Whether branch and commit are there, and the branch may be changed. */
MUST_CHECK enum err restore_check_ask(
    struct call *, const struct branch *in, const struct restore_ask *);

#endif
