/*
 * backup.h - copies everything that a store has into a file, and back.
 *
 * A backup holds no snapshot open, so it is no burden to writers; backup.c says
 * why its parts fit together all the same.
 */
#ifndef PANGOLIN_BACKUP_H
#define PANGOLIN_BACKUP_H

#include "backup/backup_file.h"
#include "plugin/store.h"

/* Is told of the progress; a step has a name, and its total may grow. */
struct backup_watch {
	void (*moved)(void *arg, const char *step, int64_t done, int64_t total);
	void *arg;
};

/* Copies the store into `to`, of which `file` and `name` are set.
 * ERR_CONFLICT: too much changed meanwhile, so that the copy would not fit
 * together.  The call's deadline is set anew for each question to the store. */
MUST_CHECK enum err backup_store(
    struct call *, struct backup_file *to, const struct backup_watch *);

/* Reads all of a file, which must be readable from its start again, and writes
 * nothing.  Then `file` knows its rows. */
MUST_CHECK enum err restore_check(
    struct backup_file *, const struct backup_watch *, struct error *);

/*
 * Restores a checked file into a store that is empty, or has a part of this
 * very file from a restore that was interrupted: ERR_CONFLICT names what else
 * it has.  At the end the store is read back and compared.  An interrupted
 * restore leaves the mark of restore_mark.h.
 */
MUST_CHECK enum err restore_store(
    struct call *, struct backup_file *from, const struct backup_watch *);

#endif
