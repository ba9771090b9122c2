/*
 * restore_mark.h - the mark of a store that has only a part of a backup.
 *
 * A restore writes it before anything else and removes it at its end, so an
 * interrupted restore leaves it: no server works on such a store.
 */
#ifndef PANGOLIN_RESTORE_MARK_H
#define PANGOLIN_RESTORE_MARK_H

#include "record/batch.h"

/* Whether a row of secrets is the mark; its value is the id of the backup. */
bool restore_mark_is(const struct value *secret);

/* The backup of a restore that is not finished; nil: there is none. */
MUST_CHECK enum err restore_mark_find(struct call *, struct id *ret);

/* ERR_CONFLICT, in words for an operator, when there is a mark. */
MUST_CHECK enum err restore_mark_refuse(struct call *);

/* The unit fails when there is a mark: for the unit that makes a store's first
 * rows. */
void restore_mark_expect_none(struct batch *);

/* *ret: false when there is one already. */
MUST_CHECK enum err restore_mark_put(struct call *, struct id, bool *ret);
MUST_CHECK enum err restore_mark_remove(struct call *);

#endif
