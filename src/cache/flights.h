/*
 * flights.h - who is loading what, among the threads of one worker.
 *
 * A courtesy that saves loads: nobody waits for longer than FLIGHT_US, and
 * when the table is full everybody loads for himself.
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

/* The number of the caller's own flight; 0: nobody will wait for it, as one
 * has waited in vain or there is no room.  False: another one has landed. */
bool flight_begin(
    struct flights *, struct str key, int64_t deadline_us, uint64_t *ret);
void flight_end(struct flights *, uint64_t number);

#endif
