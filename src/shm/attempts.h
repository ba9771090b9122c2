/*
 * attempts.h - counts failed sign-ins by account and by address, for all
 * workers together.
 *
 * An attempt is charged before its password is verified and given back when it
 * was right, so that of any number at once no more than the limit are verified.
 * Each count is one word that is changed by compare-and-swap: it is exact over
 * workers, and one that dies anywhere leaves at most its own attempts charged
 * until the window ends.
 *
 * There is room for ATTEMPTS_MAX counts, in groups of eight; a new one takes
 * the place of one that has ended, else of the lowest of its group: whoever
 * tries many names or addresses pushes out such as have failed once, not the
 * account that is being attacked.
 */
#ifndef PANGOLIN_ATTEMPTS_H
#define PANGOLIN_ATTEMPTS_H

#include <stdbool.h>

#include "base/str.h"
#include "shm/shm.h"

#define ATTEMPTS_MAX 8192
#define ATTEMPTS_LIMIT_MAX 10000 /* below 1 << 14 */

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
	unsigned limit; /* at most ATTEMPTS_LIMIT_MAX */
	int64_t window_us, longest_us;
};

/* Charges one attempt.  False: there are `limit` already; *ret_wait_us: until
 * the pause ends.  Times are of clock_mono_us(). */
bool attempts_charge(struct attempts *, uint64_t key,
    const struct attempts_rule *, int64_t now_us, int64_t *ret_wait_us);

/* Forgets a count: its pause is over. */
void attempts_forget(struct attempts *, uint64_t key);

/* Until when there are that many already; 0: there are fewer. */
int64_t attempts_wait_us(
    const struct attempts *, uint64_t key, unsigned limit, int64_t now_us);

/* Takes one back that was charged. */
void attempts_give_back(struct attempts *, uint64_t key, int64_t now_us);

/* Begins a count at 0 that lasts for a window, unless there is one; whether
 * there is one. */
void attempts_note(
    struct attempts *, uint64_t key, int64_t window_us, int64_t now_us);
bool attempts_is_noted(const struct attempts *, uint64_t key, int64_t now_us);

#endif
