#include "shm/buckets.h"

#include <string.h>

#include <sodium.h>

#include "base/clock.h"
#include "shm/shared_lock.h"

#define IN_GROUP 8
#define GROUPS (BUCKETS_MAX / IN_GROUP)

/* A lock is held for less than a microsecond, unless its owner was stopped. */
#define LOCK_US (10 * CLOCK_MS)

#define NS_IN_US 1000

struct bucket {
	uint64_t key; /* 0: it is free */
	int64_t full_ns;
};

struct group {
	struct shared_lock lock;
	struct bucket at[IN_GROUP];
};

struct buckets {
	uint8_t secret[crypto_shorthash_KEYBYTES];
	struct group groups[GROUPS];
};

struct buckets *
buckets_new(struct shm *shm)
{
	struct buckets *b = SHM_NEW(shm, struct buckets, 1);

	randombytes_buf(b->secret, sizeof(b->secret));
	for (size_t i = 0; i < GROUPS; i++)
		shared_lock_init(&b->groups[i].lock);
	return b;
}

size_t
buckets_size(void)
{
	return shm_size(sizeof(struct buckets), 1);
}

uint64_t
buckets_key(const struct buckets *b, char kind, struct str who)
{
	uint64_t key;

	(void)crypto_shorthash(
	    (uint8_t *)&key, (const uint8_t *)who.ptr, who.len, b->secret);
	key += (uint8_t)kind;
	return key != 0 ? key : 1;
}

/* The place of a key, or the one that it takes. */
static struct bucket *
place_of(struct group *g, uint64_t key)
{
	struct bucket *fullest = &g->at[0];

	for (size_t i = 0; i < IN_GROUP; i++) {
		if (g->at[i].key == key)
			return &g->at[i];
		if (g->at[i].full_ns < fullest->full_ns)
			fullest = &g->at[i];
	}
	*fullest = (struct bucket){ .key = key };
	return fullest;
}

bool
buckets_take(struct buckets *b, uint64_t key, const struct bucket_rule *rule,
    int64_t now_ns, int64_t *ret_wait_us)
{
	struct group *g = &b->groups[key % GROUPS];
	int64_t token_ns = rule->window_us * NS_IN_US / rule->limit;
	int64_t over_ns;
	struct bucket *bucket;
	bool died;

	*ret_wait_us = CLOCK_SECOND;
	if (!shared_lock_wait(&g->lock, LOCK_US, &died))
		return false;
	if (died)
		memset(g->at, 0, sizeof(g->at));
	bucket = place_of(g, key);
	if (bucket->full_ns < now_ns)
		bucket->full_ns = now_ns;
	/* the rule may have been another one when tokens were taken */
	if (bucket->full_ns > now_ns + rule->limit * token_ns)
		bucket->full_ns = now_ns + rule->limit * token_ns;
	/* an empty one is full after as many tokens as it holds */
	over_ns = bucket->full_ns - now_ns - (rule->limit - 1) * token_ns;
	if (over_ns <= 0)
		bucket->full_ns += token_ns;
	shared_lock_drop(&g->lock);
	*ret_wait_us = (over_ns + NS_IN_US - 1) / NS_IN_US;
	return over_ns <= 0;
}
