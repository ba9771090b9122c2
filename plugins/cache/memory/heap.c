#include "heap.h"

/* The rest of a block is a block of its own from this size on. */
#define LEFTOVER_MIN 2u

struct block *
block_after(const struct shard *s, const struct block *b)
{
	uint32_t at = block_offset(s, b) + b->size;

	return at < s->granules ? block_at(s, at) : NULL;
}

struct block *
block_before(const struct shard *s, const struct block *b)
{
	return b->before == 0 ? NULL
			      : block_at(s, block_offset(s, b) - b->before);
}

/* ---- lists */
void
list_add(const struct shard *s, struct list *l, struct block *b)
{
	uint32_t at = block_offset(s, b);

	b->prev = NO_BLOCK;
	b->next = l->first;
	if (l->first != NO_BLOCK)
		block_at(s, l->first)->prev = at;
	else
		l->last = at;
	l->first = at;
}

void
list_remove(const struct shard *s, struct list *l, struct block *b)
{
	if (b->prev != NO_BLOCK)
		block_at(s, b->prev)->next = b->next;
	else
		l->first = b->next;
	if (b->next != NO_BLOCK)
		block_at(s, b->next)->prev = b->prev;
	else
		l->last = b->prev;
}

/* ---- free blocks by size */
unsigned
heap_class(uint32_t granules)
{
	unsigned log = 31 - (unsigned)__builtin_clz(granules);
	unsigned quarter = log < 2 ? 0 : granules >> (log - 2) & 3;

	return log * 4 + quarter;
}

static void
add_free(struct shard *s, struct block *b)
{
	unsigned class = heap_class(b->size);

	b->state = BLOCK_FREE;
	list_add(s, &s->state->free[class], b);
	s->state->free_map[class / 64] |= UINT64_C(1) << class % 64;
}

static void
remove_free(struct shard *s, struct block *b)
{
	unsigned class = heap_class(b->size);
	struct list *l = &s->state->free[class];

	list_remove(s, l, b);
	if (l->first == NO_BLOCK)
		s->state->free_map[class / 64] &= ~(UINT64_C(1) << class % 64);
}

/* The block gets a size, and the one behind it is told. */
static void
resize(struct shard *s, struct block *b, uint32_t size)
{
	b->size = size;

	struct block *after = block_after(s, b);

	if (after != NULL)
		after->before = size;
}

/* Any block of the lists above that of its own size is large enough. */
static struct block *
find_larger(const struct shard *s, unsigned class)
{
	for (unsigned word = class / 64; word < CLASSES / 64; word++) {
		uint64_t map = s->state->free_map[word];

		if (word == class / 64)
			map &= ~UINT64_C(0) << class % 64;
		if (map != 0) {
			unsigned bit = (unsigned)__builtin_ctzll(map);

			return block_at(
			    s, s->state->free[word * 64 + bit].first);
		}
	}
	return NULL;
}

/* In the list of its own size one of the first few may be. */
static struct block *
find_free(const struct shard *s, uint32_t granules)
{
	unsigned class = heap_class(granules);
	uint32_t at = s->state->free[class].first;

	for (int i = 0; i < 8 && at != NO_BLOCK; i++) {
		struct block *b = block_at(s, at);

		if (b->size >= granules)
			return b;
		at = b->next;
	}
	return class + 1 < CLASSES ? find_larger(s, class + 1) : NULL;
}

void
heap_init(struct shard *s)
{
	struct block *all = block_at(s, FIRST_BLOCK);

	memset(s->state->free, 0, sizeof(s->state->free));
	memset(s->state->free_map, 0, sizeof(s->state->free_map));
	*all = (struct block){ .size = s->granules - FIRST_BLOCK };
	add_free(s, all);
}

struct block *
heap_take(struct shard *s, uint32_t granules)
{
	struct block *b = find_free(s, granules);

	if (b == NULL)
		return NULL;
	remove_free(s, b);

	uint32_t left = b->size - granules;

	if (left < LEFTOVER_MIN)
		return b;
	b->size = granules;

	struct block *rest = block_after(s, b);

	rest->before = granules;
	resize(s, rest, left);
	add_free(s, rest);
	return b;
}

struct block *
heap_give(struct shard *s, struct block *b)
{
	struct block *after = block_after(s, b);
	struct block *before = block_before(s, b);

	if (after != NULL && after->state == BLOCK_FREE) {
		remove_free(s, after);
		resize(s, b, b->size + after->size);
	}
	if (before != NULL && before->state == BLOCK_FREE) {
		remove_free(s, before);
		resize(s, before, before->size + b->size);
		b = before;
	}
	add_free(s, b);
	return b;
}
