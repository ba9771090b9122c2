/*
 * heads.h - polls the store's heads, so that cached reads are never older.
 *
 * Every log (a branch, a control log) has a head: the position of its last
 * commit. heads_poll() asks the store for the heads of all logs in use.  For a
 * log whose head has moved past its watermark (shm/watermarks.h) the cached
 * entries of the keys that changed in between are evicted, and then the
 * watermark advances.
 *
 * A read may be answered from the cache only if the poll of its log began after
 * the read arrived.  So no client reads anything older than a commit that was
 * acknowledged, by any worker or node, before it asked.  Nobody broadcasts
 * invalidations: a crashed worker or a second node cannot make an entry stale.
 */
#ifndef PANGOLIN_HEADS_H
#define PANGOLIN_HEADS_H

#include "plugin/store.h"
#include "shm/watermarks.h"

/* A log that has moved by more versions loses all its cached entries. */
#define HEAD_CHANGES_MAX 1000

struct heads {
	struct watermarks *watermarks;
	/* Evicts the cached entry of a key, stored under the watermark's
	 * life. */
	void (*forget)(void *arg, const struct watermark *, const struct key *);
	void *arg;
};

/*
 * Polls the heads of all logs that were used lately and evicts what has
 * changed.  OK: all watermarks are right as of the moment the poll began.  On
 * an error some may be; each watermark answers for itself.  ERR_WOULD_BLOCK
 * where the call may not wait.
 */
MUST_CHECK enum err heads_poll(const struct heads *, struct call *);

#endif
