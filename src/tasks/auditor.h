/*
 * auditor.h - the thread of a worker that writes the audit log: commits by
 * following the logs of their branches, and what requests were refused.
 *
 * One worker of a node does it at a time, every half second.  It looks at the
 * branches that notes name, and at all of them when a worker begins, when notes
 * were lost, and every few minutes for those of nodes that are gone.
 */
#ifndef PANGOLIN_AUDITOR_H
#define PANGOLIN_AUDITOR_H

#include "record/audit_notes.h"

struct auditor;
struct auditor_shared; /* in shared memory: whose turn it is */
struct limits;         /* config/limits.h */
struct slot;           /* shm/slots.h */

struct auditor_settings {
	struct store *store;
	const struct audit_notes *notes;
	struct auditor_shared *shared;
	struct slot *slot;    /* where it counts what is not written */
	int64_t retention_us; /* of entries; 0: for ever */
	const struct limits *limits;
};

struct auditor_shared *auditor_shared_new(struct shm *);
size_t auditor_shared_size(void); /* bytes that it takes */

MUST_CHECK enum err auditor_start(
    const struct auditor_settings *, struct auditor **ret, struct error *);

/* Writes what is noted and stops; waits for that no longer than `wait_us`.
 * Accepts NULL.  The auditor is not freed, as a runner is not. */
void auditor_stop(struct auditor *, int64_t wait_us);

#endif
