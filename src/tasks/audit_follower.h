/*
 * audit_follower.h - puts commits on record: reads the log of a branch behind
 * its cursor, and writes rows and cursor in one unit.
 *
 * The row of a commit has its id.  Several may follow a branch at once: the
 * cursor decides whose unit is applied.
 */
#ifndef PANGOLIN_AUDIT_FOLLOWER_H
#define PANGOLIN_AUDIT_FOLLOWER_H

#include "record/audit_notes.h"

/* Rows for the commits of a branch that are not on record yet, some of them;
 * notes are used where they fit, and marked.  *ret_more: there may be more, and
 * not all notes are used.  Commits before `since_us` are left out. */
MUST_CHECK enum err audit_follow(struct call *, int64_t branch,
    struct commit_note *, size_t note_count, int64_t since_us, bool *ret_more);

/* Adds what notes know to rows that were written without them, by another node
 * or before the note had come. */
MUST_CHECK enum err audit_complete(
    struct call *, const struct commit_note *, size_t count);

/* Finds branches whose logs have moved beyond their cursors, from the branch
 * behind *io_after on (0: the first); 0 again: that was the last page. */
#define AUDIT_BEHIND_MAX 200
struct audit_behind {
	int64_t branch[AUDIT_BEHIND_MAX];
	size_t count;
};
MUST_CHECK enum err audit_find_behind(
    struct call *, int64_t *io_after, struct audit_behind *ret);

#endif
