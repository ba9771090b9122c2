/* shares.c - a short array, which is searched from its start. */
#include "calls/shares.h"

#include <string.h>

void
shares_init(struct shares *s, unsigned permits)
{
	memset(s, 0, sizeof(*s));
	s->permits = s->free = permits;
}

void
shares_ask(struct shares *s, struct share_key key, int64_t now_us)
{
	uint64_t before = s->asked.bucket;

	if (s->was_asked && !id_eq(s->asked.tenant, key.tenant))
		s->tenants_until_us = now_us + SHARES_RIVALS_US;
	if (before != 0 && key.bucket != 0 && before != key.bucket)
		s->buckets_until_us = now_us + SHARES_RIVALS_US;
	if (key.bucket == 0)
		key.bucket = before;
	s->asked = key;
	s->was_asked = true;
	s->many_tenants = now_us < s->tenants_until_us;
	s->many_buckets = now_us < s->buckets_until_us;
}

/* ---- which share a key has */
static const struct share_key others = { { { 0 } }, 0 };

static struct share_key
rest_of(struct share_key key)
{
	return (struct share_key){ key.tenant, 0 };
}

/* s->count: none. */
static unsigned
find(const struct shares *s, struct share_key key)
{
	unsigned i = 0;

	while (i < s->count && (s->at[i].key.bucket != key.bucket ||
				   !id_eq(s->at[i].key.tenant, key.tenant)))
		i++;
	return i;
}

static bool
is_open(const struct shares *s, struct share_key key)
{
	return find(s, key) != s->count;
}

static unsigned
count_of(const struct shares *s, struct id tenant)
{
	unsigned count = 0;

	for (unsigned i = 0; i < s->count; i++)
		count += id_eq(s->at[i].key.tenant, tenant);
	return count;
}

/* The key of the share that serves this key: its own, as long as there are
 * shares.  A waiter is told when this one has room, so the same one says
 * whether there is any. */
static struct share_key
served_by(const struct shares *s, struct share_key key)
{
	if (is_open(s, key))
		return key;
	if (count_of(s, key.tenant) >= SHARES_OF_TENANT - 1)
		key = rest_of(key);
	if (s->count < SHARES_MAX - 1 || is_open(s, key))
		return key;
	return is_open(s, rest_of(key)) ? rest_of(key) : others;
}

static struct share *
open_share(struct shares *s, struct share_key key)
{
	unsigned i;

	key = served_by(s, key);
	i = find(s, key);
	if (i == s->count)
		s->at[s->count++] = (struct share){
			.key = key, .turn = s->turn, .of_tenant = s->turn
		};
	return &s->at[i];
}

static void
close_unused(struct shares *s, struct share *share)
{
	if (share->held == 0 && share->first == NULL)
		*share = s->at[--s->count];
}

/* ---- permits */
static unsigned
most_of(unsigned permits, unsigned quarters)
{
	unsigned most = permits * quarters / 4;

	return most != 0 ? most : 1;
}

bool
shares_have_room(const struct shares *s, struct share_key key)
{
	unsigned of_tenant = 0, of_bucket = 0;

	if (s->free == 0)
		return false;
	key = served_by(s, key);
	for (unsigned i = 0; i < s->count; i++) {
		const struct share *at = &s->at[i];

		if (id_eq(at->key.tenant, key.tenant))
			of_tenant += at->held;
		if (at->key.bucket == key.bucket)
			of_bucket += at->held;
	}
	return (!s->many_tenants || of_tenant < most_of(s->permits, 3)) &&
	       (!s->many_buckets || key.bucket == 0 ||
		   of_bucket < most_of(s->permits, 2));
}

void
shares_hold(struct shares *s, struct share_key key)
{
	s->free--;
	open_share(s, key)->held++;
}

/* The permit may have been counted in a share that several keys have.  Whoever
 * of them comes first takes the narrowest, so that the counts add up. */
void
shares_drop(struct shares *s, struct share_key key)
{
	unsigned i = find(s, key);

	if (i == s->count || s->at[i].held == 0)
		i = find(s, rest_of(key));
	if (i == s->count || s->at[i].held == 0)
		i = find(s, others);
	s->free++;
	s->at[i].held--;
	close_unused(s, &s->at[i]);
}

/* ---- waiters */
void
shares_add(struct shares *s, struct share_key key, struct bulkhead_waiter *w)
{
	struct share *share = open_share(s, key);
	bool is_first = w->since_us != 0 || share->first == NULL;

	s->waiting++;
	w->next = is_first ? share->first : NULL;
	if (!is_first)
		share->last->next = w;
	if (w->next == NULL)
		share->last = w;
	if (is_first)
		share->first = w;
}

/* The turn is a tenant's first: one with many buckets has no more of them. */
static bool
is_before(const struct share *a, const struct share *b)
{
	return b == NULL || a->of_tenant < b->of_tenant ||
	       (a->of_tenant == b->of_tenant && a->turn < b->turn);
}

struct share *
shares_next(struct shares *s)
{
	struct share *next = NULL;

	for (unsigned i = 0; i < s->count; i++) {
		struct share *at = &s->at[i];

		if (at->first != NULL && is_before(at, next) &&
		    shares_have_room(s, at->key))
			next = at;
	}
	return next;
}

struct bulkhead_waiter *
shares_take(struct shares *s, struct share *share)
{
	struct bulkhead_waiter *w = share->first;

	s->waiting--;
	s->turn++;
	share->first = w->next;
	share->turn = s->turn;
	for (unsigned i = 0; i < s->count; i++)
		if (id_eq(s->at[i].key.tenant, share->key.tenant))
			s->at[i].of_tenant = s->turn;
	close_unused(s, share);
	return w;
}

static void
expire(struct shares *s, struct share *share, int64_t before_us,
    struct bulkhead_waiter **late)
{
	struct bulkhead_waiter **at = &share->first;

	share->last = NULL;
	while (*at != NULL) {
		struct bulkhead_waiter *w = *at;

		if (w->since_us >= before_us) {
			share->last = w;
			at = &w->next;
			continue;
		}
		s->waiting--;
		*at = w->next;
		w->next = *late;
		*late = w;
	}
}

void
shares_expire(
    struct shares *s, int64_t before_us, struct bulkhead_waiter **late)
{
	for (unsigned i = s->count; i-- > 0;) {
		expire(s, &s->at[i], before_us, late);
		close_unused(s, &s->at[i]);
	}
}
