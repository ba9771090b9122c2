#include "ring.h"

#include <stdlib.h>

void
ring_init(struct ring *r)
{
	*r = (struct ring){ 0 };
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
}

/* Inside: of `count` from `first` on. */
static void
remove_fills(struct ring *r, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		r->bytes -= r->at[i].len;
		free(r->at[i].packed);
	}
	r->count -= count;
	memmove(&r->at[first], &r->at[first + count],
	    (r->count - first) * sizeof(r->at[0]));
}

void
ring_clear(struct ring *r)
{
	remove_fills(r, 0, r->count);
	(void)pthread_cond_destroy(&r->changed);
	(void)pthread_mutex_destroy(&r->lock);
}

static bool
is_of(const struct fill *f, const char *name)
{
	return name == NULL || memcmp(f->name, name, NAME_LEN) == 0;
}

/* Inside: those that the writer does not have. */
static void
forget_waiting(struct ring *r, const char *name)
{
	for (size_t i = r->count; i > r->taken; i--)
		if (is_of(&r->at[i - 1], name))
			remove_fills(r, i - 1, 1);
}

/* A use says nothing about a row that is about to be written. */
static bool
is_needless(const struct ring *r, const struct fill *f)
{
	for (size_t i = 0; f->packed == NULL && i < r->count; i++)
		if (is_of(&r->at[i], f->name))
			return true;
	return false;
}

bool
ring_add(struct ring *r, const struct fill *f)
{
	bool fits = true;

	(void)pthread_mutex_lock(&r->lock);
	if (!is_needless(r, f)) {
		forget_waiting(r, f->name);
		fits = r->count < RING_FILLS && r->bytes + f->len <= RING_BYTES;
		if (fits) {
			r->at[r->count++] = *f;
			r->bytes += f->len;
		}
		(void)pthread_cond_broadcast(&r->changed);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return fits;
}

bool
ring_find(struct ring *r, struct arena *a, const char *name,
    struct str *ret_packed, int64_t *ret_expires_us)
{
	bool found = false;

	(void)pthread_mutex_lock(&r->lock);
	for (size_t i = r->count; i > 0 && !found; i--) {
		const struct fill *f = &r->at[i - 1];

		if (f->packed == NULL || !is_of(f, name))
			continue;
		*ret_packed = arena_copy(a, (struct str){ f->packed, f->len });
		*ret_expires_us = f->expires_us;
		found = true;
	}
	(void)pthread_mutex_unlock(&r->lock);
	return found;
}

void
ring_forget(struct ring *r, const char *name)
{
	(void)pthread_mutex_lock(&r->lock);
	uint64_t seen = r->written;

	forget_waiting(r, name);
	while (r->taken != 0 && r->written == seen)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
}

/* A unit is not much larger than the largest value. */
static size_t
take_some(struct ring *r, struct fill ret[UNIT_FILLS])
{
	size_t bytes = 0;

	while (r->taken < r->count && r->taken < UNIT_FILLS &&
	       bytes < 2 * PACKED_MAX) {
		bytes += r->at[r->taken].len;
		ret[r->taken] = r->at[r->taken];
		r->taken++;
	}
	return r->taken;
}

size_t
ring_take(struct ring *r, struct fill ret[UNIT_FILLS])
{
	size_t taken;

	(void)pthread_mutex_lock(&r->lock);
	while (r->count == 0 && !r->ends)
		(void)pthread_cond_wait(&r->changed, &r->lock);
	taken = r->ends ? 0 : take_some(r, ret);
	(void)pthread_mutex_unlock(&r->lock);
	return taken;
}

void
ring_written(struct ring *r)
{
	(void)pthread_mutex_lock(&r->lock);
	remove_fills(r, 0, r->taken);
	r->taken = 0;
	r->written++;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
}

void
ring_end(struct ring *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->ends = true;
	(void)pthread_cond_broadcast(&r->changed);
	(void)pthread_mutex_unlock(&r->lock);
}
