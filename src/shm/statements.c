#include "shm/statements.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "shm/shared_lock.h"

/* Longer than any running thread stays inside. */
#define WAIT_US (20 * CLOCK_MS)

struct slot {
	int64_t count, total_us, max_us, last_us, rows, at_us;
	uint32_t name_len, plan_len, advice_len; /* name_len 0: free */
	char name[STATEMENT_NAME];
	char plan[STATEMENT_PLAN];
	char advice[STATEMENT_ADVICE];
};

struct statements {
	_Atomic int64_t count;
	struct shared_lock lock; /* of what follows */
	struct slot at[STATEMENTS_MAX];
};

size_t
statements_size(void)
{
	return shm_size(sizeof(struct statements), 1);
}

struct statements *
statements_new(struct shm *shm)
{
	struct statements *s = SHM_NEW(shm, struct statements, 1);

	shared_lock_init(&s->lock);
	return s;
}

/* At most `room` bytes, whole characters of UTF-8. */
static struct str
cut(struct str s, size_t room)
{
	if (s.len <= room)
		return s;
	s.len = room;
	while (s.len != 0 && ((unsigned char)s.ptr[s.len] & 0xC0) == 0x80)
		s.len--;
	return s;
}

static void
put(char *to, uint32_t *ret_len, struct str s, size_t room)
{
	s = cut(s, room);
	if (s.len != 0)
		memcpy(to, s.ptr, s.len);
	*ret_len = (uint32_t)s.len;
}

/* False: a worker is stuck inside; nobody is to wait for that. */
static bool
enter(struct statements *s)
{
	bool died = false;

	if (!shared_lock_wait(&s->lock, WAIT_US, &died))
		return false;
	if (died)
		memset(s->at, 0, sizeof(s->at));
	return true;
}

/* NULL: there is no room for one more. */
static struct slot *
find(struct statements *s, struct str name)
{
	struct slot *free = NULL;

	name = cut(name, STATEMENT_NAME);
	for (struct slot *k = s->at; k < s->at + STATEMENTS_MAX; k++) {
		if (k->name_len == 0) {
			free = k;
			break;
		}
		if (str_eq((struct str){ k->name, k->name_len }, name))
			return k;
	}
	if (free != NULL)
		put(free->name, &free->name_len, name, STATEMENT_NAME);
	return free;
}

static bool
is_power_of_ten(int64_t n)
{
	while (n >= 10 && n % 10 == 0)
		n /= 10;
	return n == 1;
}

bool
statements_want_plan(struct statements *s, struct str name)
{
	const struct slot *k;
	bool wanted;

	if (!enter(s))
		return false;
	k = find(s, name);
	wanted = k != NULL && is_power_of_ten(k->count + 1);
	shared_lock_drop(&s->lock);
	return wanted;
}

static struct statement_news
add(struct slot *k, const struct statement_run *run)
{
	struct statement_news news = {
		.plan = run->plan.len != 0 && k->plan_len == 0,
		.advice = run->advice.len != 0 && k->advice_len == 0,
	};

	k->count++;
	k->total_us += run->duration_us;
	k->last_us = run->duration_us;
	if (run->duration_us > k->max_us)
		k->max_us = run->duration_us;
	k->rows = run->rows;
	k->at_us = run->at_us;
	if (run->plan.ptr != NULL) {
		put(k->plan, &k->plan_len, run->plan, STATEMENT_PLAN);
		put(k->advice, &k->advice_len, run->advice, STATEMENT_ADVICE);
	}
	return news;
}

struct statement_news
statements_add(struct statements *s, const struct statement_run *run)
{
	struct statement_news news = { .plan = false };
	struct slot *k;

	(void)atomic_fetch_add(&s->count, 1);
	if (!enter(s))
		return news;
	k = find(s, run->name);
	if (k != NULL)
		news = add(k, run);
	shared_lock_drop(&s->lock);
	return news;
}

int64_t
statements_count(const struct statements *s)
{
	return atomic_load(&s->count);
}

static int
by_time(const void *a, const void *b)
{
	const struct statement_sum *x = a, *y = b;

	return (x->total_us < y->total_us) - (x->total_us > y->total_us);
}

struct statement_sum *
statements_list(struct statements *s, struct arena *a, size_t *ret_count)
{
	struct statement_sum *list =
	    ARENA_NEW(a, struct statement_sum, STATEMENTS_MAX);
	size_t count = 0;

	*ret_count = 0;
	if (!enter(s))
		return list;
	for (const struct slot *k = s->at; k < s->at + STATEMENTS_MAX; k++) {
		if (k->count == 0)
			continue;
		list[count++] = (struct statement_sum){
			.name =
			    arena_copy(a, (struct str){ k->name, k->name_len }),
			.count = k->count,
			.total_us = k->total_us,
			.max_us = k->max_us,
			.last_us = k->last_us,
			.rows = k->rows,
			.at_us = k->at_us,
			.plan =
			    arena_copy(a, (struct str){ k->plan, k->plan_len }),
			.advice = arena_copy(
			    a, (struct str){ k->advice, k->advice_len }),
		};
	}
	shared_lock_drop(&s->lock);
	qsort(list, count, sizeof(*list), by_time);
	*ret_count = count;
	return list;
}
