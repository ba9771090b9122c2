/*
 * short_slice.h - makes the kernel run a thread soon after it wakes up.
 *
 * An event loop works for microseconds at a time, but behind threads that
 * compute it would wait until their time slices are over, some milliseconds.  A
 * thread with shorter slices goes before them when it wakes, and has no more of
 * the processor in the long run (Linux 6.12 and later, sched(7): the runtime of
 * a thread that is SCHED_OTHER is its slice).
 */
#ifndef PANGOLIN_SHORT_SLICE_H
#define PANGOLIN_SHORT_SLICE_H

/* Shortens the slices of the calling thread; does nothing on older kernels. */
void short_slice(void);

#endif
