/*
 * fault.h - fault points: places where a test has the server killed or held.
 *
 * In the builds that tests use, FAULT_POINT("name") ends all processes of the
 * group by SIGKILL when the file that the environment's FAULT_POINT names holds
 * that name, and the calling process alone when it holds "name!".  When it
 * holds "name?" the thread is held until somebody opens the FIFO "FILE.gate"
 * for writing.  The file is deleted first, so it happens once.  In a release a
 * fault point is nothing.
 */
#ifndef PANGOLIN_FAULT_H
#define PANGOLIN_FAULT_H

void fault_point(const char *name);

#ifdef PANGOLIN_FAULTS
#define FAULT_POINT(name) fault_point(name)
#else
#define FAULT_POINT(name) ((void)0)
#endif

#endif
