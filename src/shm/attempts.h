/*
 * attempts.h - counts failed sign-ins by account and by address, for all
 * workers together.
 *
 * An attempt is charged before its password is verified and given back when it
 * was right, so that of any number at once no more than the limit are verified.
 * Counts are in groups, each with a lock, so they are exact over workers; a
 * worker that dies with a lock empties its group.
 *
 * There is room for ATTEMPTS_MAX counts, in groups of eight; a new one takes
 * the place of one that has ended, else of the lowest of its group: whoever
 * tries many names or addresses pushes out such as have failed once, not the
 * account that is being attacked.  Marks, which right sign-ins leave, have
 * places of their own: failed ones push none out.
 */
#ifndef PANGOLIN_ATTEMPTS_H
#define PANGOLIN_ATTEMPTS_H

#include <stdbool.h>

#include "base/str.h"
#include "shm/shm.h"

#define ATTEMPTS_MAX 8192

struct attempts;

struct attempts *attempts_new(struct shm *);
size_t attempts_size(void); /* bytes that attempts_new() takes */

/* The number of what is counted, by a secret hash: `kind` tells accounts,
 * addresses and pairs of both apart. */
uint64_t attempts_key(
    const struct attempts *, char kind, struct str name, struct str other);

/* Attempts count for a window, from the first.  Those that fill it begin a
 * pause as long; each one that fills it again soon afterwards a pause twice as
 * long, up to the longest. */
struct attempts_rule {
	unsigned limit;
	int64_t window_us, longest_us;
};

/* One attempt that was charged, in one window. */
struct attempt {
	uint64_t key; /* 0: none was */
	int64_t begun_ms;
};

/* Charges one attempt.  False: there are `limit` already, or the lock of the
 * group cannot be had; *ret_wait_us: until the pause ends.  Times are of
 * clock_mono_us(). */
bool attempts_charge(struct attempts *, uint64_t key,
    const struct attempts_rule *, int64_t now_us, struct attempt *ret,
    int64_t *ret_wait_us);

/* Takes it back, unless its window is over. */
void attempts_give_back(struct attempts *, struct attempt);

/* Until when there are that many already; 0: there are fewer. */
int64_t attempts_wait_us(
    struct attempts *, uint64_t key, unsigned limit, int64_t now_us);

/* Makes a count full until a pause is over that somebody else has begun. */
void attempts_fill(struct attempts *, uint64_t key, unsigned limit,
    int64_t pause_us, int64_t now_us);

/* Forgets a count: its pause is over. */
void attempts_forget(struct attempts *, uint64_t key);

/* Leaves a mark that lasts so long; whether there is one. */
void attempts_mark(
    struct attempts *, uint64_t key, int64_t lasts_us, int64_t now_us);
bool attempts_is_marked(struct attempts *, uint64_t key, int64_t now_us);

#endif
