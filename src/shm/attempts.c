/*
 * attempts.c - a count is its key, and a word: the millisecond at which its
 * window or pause ends, above the number of pauses before, above the number of
 * attempts.
 */
#include "shm/attempts.h"

#include <stdatomic.h>
#include <string.h>

#include <sodium.h>

#include "base/clock.h"

#define GROUP 8
#define COUNT_BITS 14
#define COUNT_MASK (((uint64_t)1 << COUNT_BITS) - 1)
#define PAUSES_BITS 4
#define PAUSES_MAX ((1 << PAUSES_BITS) - 1)
#define END_SHIFT (COUNT_BITS + PAUSES_BITS)

struct count {
	_Atomic uint64_t key; /* 0: it is free */
	_Atomic uint64_t word;
};

struct attempts {
	uint8_t secret[crypto_shorthash_KEYBYTES];
	struct count at[ATTEMPTS_MAX];
};

struct attempts *
attempts_new(struct shm *shm)
{
	struct attempts *a = SHM_NEW(shm, struct attempts, 1);

	randombytes_buf(a->secret, sizeof(a->secret));
	return a;
}

size_t
attempts_size(void)
{
	return shm_size(sizeof(struct attempts), 1);
}

uint64_t
attempts_key(
    const struct attempts *a, char kind, struct str name, struct str other)
{
	uint8_t both[2 * sizeof(uint64_t) + 1];
	uint64_t key;

	(void)crypto_shorthash(
	    both, (const uint8_t *)name.ptr, name.len, a->secret);
	(void)crypto_shorthash(both + sizeof(uint64_t),
	    (const uint8_t *)other.ptr, other.len, a->secret);
	both[sizeof(both) - 1] = (uint8_t)kind;
	(void)crypto_shorthash((uint8_t *)&key, both, sizeof(both), a->secret);
	return key != 0 ? key : 1;
}

/* ---- words */
static uint64_t
word_of(int64_t end_ms, int pauses, uint64_t count)
{
	return (uint64_t)end_ms << END_SHIFT | (uint64_t)pauses << COUNT_BITS |
	       count;
}

static int64_t
end_of(uint64_t word)
{
	return (int64_t)(word >> END_SHIFT);
}

static int
pauses_of(uint64_t word)
{
	return (int)(word >> COUNT_BITS) & PAUSES_MAX;
}

static bool
has_ended(uint64_t word, int64_t now_ms)
{
	return end_of(word) <= now_ms;
}

/* ---- places */
static struct count *
group_of(struct attempts *a, uint64_t key)
{
	return &a->at[key % (ATTEMPTS_MAX / GROUP) * GROUP];
}

/* The number of the count; ATTEMPTS_MAX: there is none. */
static size_t
place_of(const struct attempts *a, uint64_t key)
{
	size_t from = key % (ATTEMPTS_MAX / GROUP) * GROUP;

	for (size_t i = from; i < from + GROUP; i++)
		if (atomic_load(&a->at[i].key) == key)
			return i;
	return ATTEMPTS_MAX;
}

static struct count *
find(struct attempts *a, uint64_t key)
{
	size_t i = place_of(a, key);

	return i != ATTEMPTS_MAX ? &a->at[i] : NULL;
}

/* 0: it has none. */
static uint64_t
look(const struct attempts *a, uint64_t key)
{
	size_t i = place_of(a, key);

	return i != ATTEMPTS_MAX ? atomic_load(&a->at[i].word) : 0;
}

/* The count to give up: an ended one, else the lowest. */
static struct count *
least(struct count *group, int64_t now_ms)
{
	struct count *found = group;
	uint64_t lowest = UINT64_MAX;

	for (size_t i = 0; i < GROUP; i++) {
		uint64_t word = atomic_load(&group[i].word);
		uint64_t count =
		    has_ended(word, now_ms) ? 0 : 1 + (word & COUNT_MASK);

		if (count < lowest) {
			lowest = count;
			found = &group[i];
		}
	}
	return found;
}

/* Another thread may take the same place at the same moment: one of the two
 * looks again, and finds the other's key or its own. */
static struct count *
take(struct attempts *a, uint64_t key, int64_t now_ms)
{
	for (int tries = 0; tries < GROUP; tries++) {
		struct count *c = find(a, key);
		uint64_t old;

		if (c != NULL)
			return c;
		c = least(group_of(a, key), now_ms);
		old = atomic_load(&c->key);
		if (atomic_compare_exchange_strong(&c->key, &old, key)) {
			atomic_store(&c->word, 0);
			return c;
		}
	}
	return NULL;
}

/* ---- counting */
static int64_t
pause_ms(const struct attempts_rule *rule, int pauses)
{
	int64_t window = (rule->window_us + CLOCK_MS - 1) / CLOCK_MS;
	int64_t longest = rule->longest_us / CLOCK_MS;

	if (longest < window)
		longest = window;
	return window > longest >> pauses ? longest : window << pauses;
}

/* Behind a count that has ended.  One that was full is remembered for as long
 * again as its pause took. */
static int
pauses_before(const struct attempts_rule *rule, uint64_t word, int64_t now_ms)
{
	int pauses = pauses_of(word);

	if ((word & COUNT_MASK) < rule->limit ||
	    now_ms - end_of(word) > pause_ms(rule, pauses))
		return 0;
	return pauses < PAUSES_MAX ? pauses + 1 : pauses;
}

/* With one attempt more; 0: it is full. */
static uint64_t
charged(const struct attempts_rule *rule, uint64_t word, int64_t now_ms)
{
	uint64_t count = word & COUNT_MASK;
	int pauses = pauses_of(word);
	int64_t end = end_of(word);

	if (has_ended(word, now_ms)) {
		pauses = pauses_before(rule, word, now_ms);
		end = now_ms + pause_ms(rule, 0);
		count = 0;
	}
	if (count >= rule->limit)
		return 0;
	if (++count == rule->limit)
		end = now_ms + pause_ms(rule, pauses);
	return word_of(end, pauses, count);
}

bool
attempts_charge(struct attempts *a, uint64_t key,
    const struct attempts_rule *rule, int64_t now_us, int64_t *ret_wait_us)
{
	int64_t now_ms = now_us / CLOCK_MS;
	struct count *c = take(a, key, now_ms);
	uint64_t word, next;

	*ret_wait_us = rule->window_us;
	if (c == NULL)
		return false;
	word = atomic_load(&c->word);
	do {
		next = charged(rule, word, now_ms);
		if (next == 0) {
			*ret_wait_us = (end_of(word) - now_ms) * CLOCK_MS;
			return false;
		}
	} while (!atomic_compare_exchange_weak(&c->word, &word, next));
	return true;
}

void
attempts_forget(struct attempts *a, uint64_t key)
{
	struct count *c = find(a, key);

	if (c != NULL)
		atomic_store(&c->word, 0);
}

int64_t
attempts_wait_us(
    const struct attempts *a, uint64_t key, unsigned limit, int64_t now_us)
{
	int64_t now_ms = now_us / CLOCK_MS;
	uint64_t word = look(a, key);

	if (has_ended(word, now_ms) || (word & COUNT_MASK) < limit)
		return 0;
	return (end_of(word) - now_ms) * CLOCK_MS;
}

void
attempts_give_back(struct attempts *a, uint64_t key, int64_t now_us)
{
	struct count *c = find(a, key);
	uint64_t word;

	if (c == NULL)
		return;
	word = atomic_load(&c->word);
	while (!has_ended(word, now_us / CLOCK_MS) && (word & COUNT_MASK) != 0)
		if (atomic_compare_exchange_weak(&c->word, &word, word - 1))
			return;
}

void
attempts_note(
    struct attempts *a, uint64_t key, int64_t window_us, int64_t now_us)
{
	int64_t now_ms = now_us / CLOCK_MS;
	struct count *c = take(a, key, now_ms);
	uint64_t word;

	if (c == NULL)
		return;
	word = atomic_load(&c->word);
	if (has_ended(word, now_ms))
		(void)atomic_compare_exchange_strong(&c->word, &word,
		    word_of(now_ms + window_us / CLOCK_MS, 0, 0));
}

bool
attempts_is_noted(const struct attempts *a, uint64_t key, int64_t now_us)
{
	return !has_ended(look(a, key), now_us / CLOCK_MS);
}
