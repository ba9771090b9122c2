/*
 * tails.h - asking the store what has changed, so that what is kept is right.
 *
 * A request may be answered from what is kept when its logs were asked for
 * after it had come: then nothing older is answered than the newest write that
 * was acknowledged before it, by whichever worker or node.
 */
#ifndef PANGOLIN_TAILS_H
#define PANGOLIN_TAILS_H

#include "plugin/store.h"
#include "shm/log_marks.h"

/* A log that has moved by more versions is forgotten altogether. */
#define TAIL_CHANGES_MAX 1000

struct tails {
	struct log_marks *marks;
	/* Forget what is kept of a key under the mark's life. */
	void (*forget)(void *arg, const struct log_mark *, const struct key *);
	void *arg;
};

/*
 * Ask for all logs that somebody has lately used, and forget what has changed.
 * OK: they are known as of the moment this began.  Else some may be; each
 * answers for itself.  ERR_WOULD_BLOCK where the call may not wait.
 */
MUST_CHECK enum err tails_ask(const struct tails *, struct call *);

#endif
