#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Fits a typical request in one block. */
#define BLOCK_MIN ((size_t)16 * 1024)
#define ALIGNMENT alignof(max_align_t)

struct block {
	struct block *next;
	size_t used, size; /* bytes of data[] */
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *head; /* newest first; only the head has room */
};

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

struct arena *
arena_new(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

static void
free_blocks(struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a->head);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *b = a->head;

	if (b == NULL)
		return;
	free_blocks(b->next);
	b->next = NULL;
	b->used = 0;
	if (b->size > BLOCK_MIN) {
		free(b);
		a->head = NULL;
	}
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (
	    struct arena_mark){ a->head, a->head != NULL ? a->head->used : 0 };
}

void
arena_cut(struct arena *a, struct arena_mark mark)
{
	while (a->head != mark.block) {
		struct block *newest = a->head;

		a->head = newest->next;
		free(newest);
	}
	if (a->head != NULL)
		a->head->used = mark.used;
}

static size_t
aligned(size_t size)
{
	return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/* The head block has at least `need` bytes left when this returns. */
static void
make_room(struct arena *a, size_t need)
{
	if (a->head != NULL && a->head->size - a->head->used >= need)
		return;

	size_t room = need > BLOCK_MIN ? need : BLOCK_MIN;
	struct block *b = must(malloc(sizeof(*b) + room));

	*b = (struct block){ .next = a->head, .size = room };
	a->head = b;
}

static char *
take(struct arena *a, size_t size)
{
	size_t need = aligned(size);

	make_room(a, need);

	char *p = a->head->data + a->head->used;

	a->head->used += need;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size, size_t count)
{
	if (size != 0 && count > (SIZE_MAX / 2) / size)
		abort();
	return memset(take(a, size * count), 0, size * count);
}

void *
arena_grow(struct arena *a, void *p, size_t old, size_t size)
{
	struct block *b = a->head;
	size_t had = aligned(old), need = aligned(size);

	if (size > SIZE_MAX / 2)
		abort();
	if (p != NULL && b != NULL && b->used >= had &&
	    (char *)p == b->data + b->used - had &&
	    b->size - b->used + had >= need) {
		b->used += need - had;
		return p;
	}

	char *moved = take(a, size);

	if (old != 0)
		memcpy(moved, p, old < size ? old : size);
	return moved;
}

const char *
arena_cstr(struct arena *a, struct str s)
{
	char *p = take(a, s.len + 1);

	if (s.len != 0)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

struct str
arena_copy(struct arena *a, struct str s)
{
	if (s.ptr == NULL)
		return s;
	return (struct str){ arena_cstr(a, s), s.len };
}

/* Once where there is room, which is nearly always, else once more. */
struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	struct block *b = a->head;
	size_t room = b != NULL ? b->size - b->used : 0;
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);

	char *p = room != 0 ? b->data + b->used : NULL;
	int n = vsnprintf(p, room, fmt, ap);

	va_end(ap);
	if (n < 0)
		abort();
	if ((size_t)n < room) {
		b->used += aligned((size_t)n + 1);
	} else {
		p = take(a, (size_t)n + 1);
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	return (struct str){ p, (size_t)n };
}
