/*
 * priority.h - which threads the kernel runs first.
 *
 * An event loop works for microseconds at a time and answers everybody; threads
 * that compute use the same processors for milliseconds.  So threads that do
 * nothing but compute for requests (base/niced.h) have a lower priority than
 * the loops, and tasks of the background a lower one still.
 */
#ifndef PANGOLIN_PRIORITY_H
#define PANGOLIN_PRIORITY_H

/* How much nicer than the loops (nice(2)); five steps are a third of the
 * processor where both want it. */
#define NICE_COMPUTING 5
#define NICE_TASKS 10

/* Lowers the priority of the calling thread by so many steps of nice(2).  An
 * unprivileged thread cannot raise it again. */
void priority_lower(int steps);

/* Makes the kernel run the calling thread soon after it wakes up: with shorter
 * time slices it goes before others then, and has no more of the processor in
 * the long run (Linux 6.12 and later, sched(7): the runtime of a thread that is
 * SCHED_OTHER is its slice).  Does nothing on older kernels. */
void priority_short_slice(void);

#endif
