#include "shm/attempts.h"

#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "shm/shared_lock.h"

#define IN_GROUP 8
#define GROUPS (ATTEMPTS_MAX / IN_GROUP)

/* A lock is held for less than a microsecond, unless its owner was stopped. */
#define LOCK_US (10 * CLOCK_MS)

struct count {
	uint64_t key; /* 0: it is free */
	int64_t begun_ms, end_ms;
	unsigned attempts;
	unsigned pauses; /* before this one */
};

struct group {
	struct shared_lock lock;
	struct count at[IN_GROUP];
};

struct attempts {
	uint8_t secret[crypto_shorthash_KEYBYTES];
	struct group counts[GROUPS], marks[GROUPS];
};

struct attempts *
attempts_new(struct shm *shm)
{
	struct attempts *a = SHM_NEW(shm, struct attempts, 1);

	randombytes_buf(a->secret, sizeof(a->secret));
	for (size_t i = 0; i < GROUPS; i++) {
		shared_lock_init(&a->counts[i].lock);
		shared_lock_init(&a->marks[i].lock);
	}
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

/* ---- groups */
/* NULL: the lock cannot be had. */
static struct group *
enter(struct group *groups, uint64_t key)
{
	struct group *g = &groups[key % GROUPS];
	bool died;

	if (!shared_lock_wait(&g->lock, LOCK_US, &died))
		return NULL;
	if (died)
		memset(g->at, 0, sizeof(g->at));
	return g;
}

static void
leave(struct group *g)
{
	shared_lock_drop(&g->lock);
}

static struct count *
find(struct group *g, uint64_t key)
{
	for (size_t i = 0; i < IN_GROUP; i++)
		if (g->at[i].key == key)
			return &g->at[i];
	return NULL;
}

static bool
is_less(const struct count *a, const struct count *b, int64_t now_ms)
{
	bool a_ended = a->end_ms <= now_ms, b_ended = b->end_ms <= now_ms;

	if (a_ended != b_ended)
		return a_ended;
	if (!a_ended && a->attempts != b->attempts)
		return a->attempts < b->attempts;
	return a->end_ms < b->end_ms;
}

/* The count of a key: where there is none, a new one in the place of the
 * least. */
static struct count *
take(struct group *g, uint64_t key, int64_t now_ms)
{
	struct count *c = find(g, key);

	if (c != NULL)
		return c;
	c = &g->at[0];
	for (size_t i = 1; i < IN_GROUP; i++)
		if (is_less(&g->at[i], c, now_ms))
			c = &g->at[i];
	*c = (struct count){ .key = key };
	return c;
}

/* ---- counting */
static int64_t
pause_ms(const struct attempts_rule *rule, unsigned pauses)
{
	int64_t window = (rule->window_us + CLOCK_MS - 1) / CLOCK_MS;
	int64_t longest = rule->longest_us / CLOCK_MS;

	if (longest < window)
		longest = window;
	while (pauses-- != 0 && window < longest)
		window *= 2;
	return window < longest ? window : longest;
}

/* One that was full is remembered for as long again as its pause took. */
static void
begin_again(struct count *c, const struct attempts_rule *rule, int64_t now_ms)
{
	bool follows = c->attempts >= rule->limit &&
		       now_ms - c->end_ms <= pause_ms(rule, c->pauses);

	c->pauses = follows ? c->pauses + 1 : 0;
	c->attempts = 0;
	c->begun_ms = now_ms;
	c->end_ms = now_ms + pause_ms(rule, 0);
}

bool
attempts_charge(struct attempts *a, uint64_t key,
    const struct attempts_rule *rule, int64_t now_us, struct attempt *ret,
    int64_t *ret_wait_us)
{
	struct group *g = enter(a->counts, key);
	int64_t now_ms = now_us / CLOCK_MS;
	struct count *c;
	bool charged;

	*ret = (struct attempt){ 0 };
	*ret_wait_us = CLOCK_SECOND;
	if (g == NULL)
		return false;
	c = take(g, key, now_ms);
	if (c->end_ms <= now_ms)
		begin_again(c, rule, now_ms);
	charged = c->attempts < rule->limit;
	if (charged && ++c->attempts == rule->limit)
		c->end_ms = now_ms + pause_ms(rule, c->pauses);
	if (charged)
		*ret = (struct attempt){ key, c->begun_ms };
	*ret_wait_us = (c->end_ms - now_ms) * CLOCK_MS;
	leave(g);
	return charged;
}

void
attempts_give_back(struct attempts *a, struct attempt t)
{
	struct group *g = t.key != 0 ? enter(a->counts, t.key) : NULL;
	struct count *c;

	if (g == NULL)
		return;
	c = find(g, t.key);
	if (c != NULL && c->begun_ms == t.begun_ms && c->attempts != 0)
		c->attempts--;
	leave(g);
}

int64_t
attempts_wait_us(
    struct attempts *a, uint64_t key, unsigned limit, int64_t now_us)
{
	struct group *g = enter(a->counts, key);
	int64_t wait_ms = 0, now_ms = now_us / CLOCK_MS;
	const struct count *c;

	if (g == NULL)
		return CLOCK_SECOND;
	c = find(g, key);
	if (c != NULL && c->end_ms > now_ms && c->attempts >= limit)
		wait_ms = c->end_ms - now_ms;
	leave(g);
	return wait_ms * CLOCK_MS;
}

void
attempts_fill(struct attempts *a, uint64_t key, unsigned limit,
    int64_t pause_us, int64_t now_us)
{
	struct group *g = enter(a->counts, key);
	struct count *c;

	if (g == NULL)
		return;
	c = take(g, key, now_us / CLOCK_MS);
	c->attempts = limit;
	c->end_ms = (now_us + pause_us) / CLOCK_MS;
	leave(g);
}

void
attempts_forget(struct attempts *a, uint64_t key)
{
	struct group *g = enter(a->counts, key);
	struct count *c;

	if (g == NULL)
		return;
	c = find(g, key);
	if (c != NULL)
		*c = (struct count){ 0 };
	leave(g);
}

/* ---- marks */
void
attempts_mark(
    struct attempts *a, uint64_t key, int64_t lasts_us, int64_t now_us)
{
	struct group *g = enter(a->marks, key);

	if (g == NULL)
		return;
	take(g, key, now_us / CLOCK_MS)->end_ms =
	    (now_us + lasts_us) / CLOCK_MS;
	leave(g);
}

bool
attempts_is_marked(struct attempts *a, uint64_t key, int64_t now_us)
{
	struct group *g = enter(a->marks, key);
	const struct count *c;
	bool marked;

	if (g == NULL)
		return false;
	c = find(g, key);
	marked = c != NULL && c->end_ms > now_us / CLOCK_MS;
	leave(g);
	return marked;
}
