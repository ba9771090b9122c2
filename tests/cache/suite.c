/* suite.c - what the tests of caches have in common. */
#include "suite.h"

#include <stdlib.h>
#include <sys/mman.h>

#define FOR_LONG (600 * CLOCK_SECOND)

/* ---- short ways to say things */
struct str
get(struct fixture *f, struct str key)
{
	struct cache_found found = { 0 };

	CHECK(f->ops->get(f->cache, f->arena, key, &found) == OK);
	if (found.pin == 0)
		return found.value;

	struct str copy = arena_copy(f->arena, found.value);

	f->ops->unpin(f->cache, found.pin);
	return copy;
}

void
put_for(struct fixture *f, struct str key, struct str value, int64_t us)
{
	const struct cache_terms terms = { .ttl_us = us };

	CHECK(f->ops->put(f->cache, key, value, &terms) == OK);
}

void
put(struct fixture *f, struct str key, struct str value)
{
	put_for(f, key, value, FOR_LONG);
}

void
drop(struct fixture *f, struct str key)
{
	CHECK(f->ops->drop(f->cache, key) == OK);
}

void
clear(struct fixture *f)
{
	CHECK(f->ops->clear(f->cache, clock_mono_us() + FOR_LONG) == OK);
}

struct cache_stats
stats(struct fixture *f)
{
	struct cache_stats s = { 0 };

	CHECK(f->ops->stats(f->cache, &s) == OK);
	return s;
}

bool
holds(struct fixture *f, int64_t entries)
{
	return f->shared.size == 0 || stats(f).entries == entries;
}

bool
is_whole(struct fixture *f)
{
	struct error e = { 0 };

	if (f->ops->verify(f->cache, &e) == OK)
		return true;
	printf("verify: %s\n", e.message);
	return false;
}

/* ---- values */
struct head {
	uint32_t len, key, number;
};

uint32_t
random_next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static uint32_t
seed_of(const struct head *h)
{
	return (h->key * 2654435761u) ^ (h->number * 40503u) ^ h->len ^
	       0x55555555u;
}

/* Each word of four bytes follows from the head and the word before. */
static bool
walk(char *at, struct head head, bool writes)
{
	uint32_t state = seed_of(&head) | 1;

	for (size_t i = sizeof(head); i < head.len; i += sizeof(state)) {
		size_t n =
		    head.len - i < sizeof(state) ? head.len - i : sizeof(state);

		(void)random_next(&state);
		if (writes)
			memcpy(at + i, &state, n);
		else if (memcmp(at + i, &state, n) != 0)
			return false;
	}
	return true;
}

struct str
make_value(char *room, size_t len, uint32_t key, uint32_t number)
{
	struct head head = { (uint32_t)len, key, number };

	memcpy(room, &head, sizeof(head));
	(void)walk(room, head, true);
	return (struct str){ room, len };
}

bool
is_value_of(struct str value, uint32_t key)
{
	struct head head;

	if (value.len < sizeof(head))
		return false;
	memcpy(&head, value.ptr, sizeof(head));

	/* it is not written to */
	return head.len == value.len && head.key == key &&
	       walk((char *)(uintptr_t)value.ptr, head, false);
}

struct str
key_of(struct arena *a, uint32_t number)
{
	return arena_printf(a, "key %u", number);
}

void *
shared_alloc(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return p;
}

void
shared_free(void *p, size_t size)
{
	(void)munmap(p, size);
}
