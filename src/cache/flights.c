/* flights.c - a short table of loads under a mutex. */
#include "cache/flights.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/hash.h"

struct flight {
	uint64_t number; /* 0: the place is free */
	uint64_t key; /* its hash: keys that share one only wait more often */
};

struct flights {
	pthread_mutex_t lock;
	pthread_cond_t landed;
	uint64_t last_number;
	uint64_t landings[FLIGHTS_MAX]; /* by hash */
	struct flight at[FLIGHTS_MAX];
};

struct flights *
flights_open(void)
{
	struct flights *f = calloc(1, sizeof(*f));
	pthread_condattr_t attr;

	if (f == NULL || pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(&f->landed, &attr) != 0 ||
	    pthread_mutex_init(&f->lock, NULL) != 0)
		abort(); /* as the arena does */
	(void)pthread_condattr_destroy(&attr);
	return f;
}

void
flights_close(struct flights *f)
{
	(void)pthread_cond_destroy(&f->landed);
	(void)pthread_mutex_destroy(&f->lock);
	free(f);
}

static struct flight *
find_key(struct flights *f, uint64_t key)
{
	for (size_t i = 0; i < FLIGHTS_MAX; i++)
		if (f->at[i].number != 0 && f->at[i].key == key)
			return &f->at[i];
	return NULL;
}

static struct flight *
find_number(struct flights *f, uint64_t number)
{
	for (size_t i = 0; i < FLIGHTS_MAX; i++)
		if (f->at[i].number == number)
			return &f->at[i];
	return NULL;
}

/* True: the load has ended. */
static bool
wait_for(struct flights *f, uint64_t number, int64_t deadline_us)
{
	const struct timespec until = {
		.tv_sec = deadline_us / CLOCK_SECOND,
		.tv_nsec = deadline_us % CLOCK_SECOND * 1000,
	};

	while (find_number(f, number) != NULL)
		if (pthread_cond_timedwait(&f->landed, &f->lock, &until) ==
		    ETIMEDOUT)
			return find_number(f, number) == NULL;
	return true;
}

uint64_t
flights_landed(struct flights *f, struct str key)
{
	uint64_t hash = hash_add(HASH_START, key.ptr, key.len), landed;

	(void)pthread_mutex_lock(&f->lock);
	landed = f->landings[hash % FLIGHTS_MAX];
	(void)pthread_mutex_unlock(&f->lock);
	return landed;
}

bool
flight_begin(struct flights *f, struct str key, uint64_t landed,
    int64_t deadline_us, uint64_t *ret)
{
	uint64_t hash = hash_add(HASH_START, key.ptr, key.len);
	int64_t longest = clock_mono_us() + FLIGHT_US;
	bool mine;

	*ret = 0;
	(void)pthread_mutex_lock(&f->lock);

	struct flight *other = find_key(f, hash);
	struct flight *own = other == NULL ? find_number(f, 0) : NULL;

	if (other != NULL)
		mine = !wait_for(f, other->number,
		    deadline_us < longest ? deadline_us : longest);
	else
		mine = f->landings[hash % FLIGHTS_MAX] == landed;
	if (own != NULL) {
		*own = (struct flight){ ++f->last_number, hash };
		*ret = own->number;
	}
	(void)pthread_mutex_unlock(&f->lock);
	return mine;
}

void
flight_end(struct flights *f, uint64_t number)
{
	if (number == 0)
		return;
	(void)pthread_mutex_lock(&f->lock);

	struct flight *own = find_number(f, number);

	if (own != NULL) {
		own->number = 0;
		f->landings[own->key % FLIGHTS_MAX]++;
	}
	(void)pthread_cond_broadcast(&f->landed);
	(void)pthread_mutex_unlock(&f->lock);
}
