/*
 * sts_failures.h - a backoff for servers of STS: a warehouse whose server has
 * let a request wait in vain is refused sessions for some seconds, so that
 * loads do not wait for it one after the other.
 *
 * `now_us` is clock_mono_us() wherever it is an argument.
 */
#ifndef PANGOLIN_STS_FAILURES_H
#define PANGOLIN_STS_FAILURES_H

#include "base/clock.h"
#include "base/error.h"
#include "base/uuid.h"

#define STS_FAILURE_US (5 * CLOCK_SECOND) /* how long it is known */
#define STS_FAILURE_SLOW_US CLOCK_SECOND  /* what fails sooner is not kept */
#define STS_FAILURES_MAX 256

/* Notes a request that failed, of a warehouse as its row is. */
void sts_failures_note(struct id warehouse, int64_t revision,
    const struct error *, int64_t began_us, int64_t now_us);

/* The error of a request that failed just now, OK when there is none. */
MUST_CHECK enum err sts_failures_check(struct id warehouse, int64_t revision,
    int64_t now_us, struct error *ret_why);

#endif
