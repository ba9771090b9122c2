/*
 * expiry.h - deletes what the store keeps for a time only: finished tasks,
 * answers to an Idempotency-Key, sessions, counts.
 */
#ifndef PANGOLIN_EXPIRY_H
#define PANGOLIN_EXPIRY_H

#include "plugin/store.h"

/* Deletes some of each; `history_us` is how long finished tasks are kept.
 * *ret_more: there are more. */
MUST_CHECK enum err expiry_delete(
    struct call *, int64_t history_us, bool *ret_more);

#endif
