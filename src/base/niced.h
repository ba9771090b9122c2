/*
 * niced.h - long computations on threads of low priority.
 *
 * A thread that hashes a password or decodes manifests uses a processor for
 * milliseconds.  The event loops of the workers share the processors with it,
 * and they answer everybody else, so such work runs on threads that the
 * kernel prefers less.  An unprivileged thread cannot raise its priority
 * again: that is why these threads do nothing else.
 */
#ifndef PANGOLIN_NICED_H
#define PANGOLIN_NICED_H

/* Lets this process make up to `most` such threads, on demand.  To be called
 * once, before other threads are made. */
void niced_start(unsigned most);

/* Runs work(arg) on such a thread and waits for its end.  Without
 * niced_start(), or when no thread can be made, the caller's own thread does
 * the work. */
void niced_run(void (*work)(void *), void *arg);

/* Ends the threads; no thread may be in niced_run(). */
void niced_stop(void);

#endif
