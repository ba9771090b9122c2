/*
 * flights.h - single flight: of the threads of a worker that miss one key, one
 * loads it and the others wait.
 *
 * Single flight only saves loads.  A thread waits no longer than FLIGHT_US;
 * when the table is full, every thread loads for itself.
 */
#ifndef PANGOLIN_FLIGHTS_H
#define PANGOLIN_FLIGHTS_H

#include "base/clock.h"
#include "base/str.h"

#define FLIGHTS_MAX 64 /* at the same time; a worker has fewer threads */
#define FLIGHT_US (5 * CLOCK_SECOND)

struct flights;

struct flights *flights_open(void);
void flights_close(struct flights *);

/* How many loads have ended for keys with this one's hash, ever. */
uint64_t flights_landed(struct flights *, struct str key);

/* True: the caller loads.  *ret is the number of its flight; 0: no thread waits
 * for it, because the table is full or the caller has waited for another.
 * False: another load has ended since `landed` was told. */
bool flight_begin(struct flights *, struct str key, uint64_t landed,
    int64_t deadline_us, uint64_t *ret);
void flight_end(struct flights *, uint64_t number);

#endif
