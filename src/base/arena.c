/*
 * arena.c - small allocations share blocks, a large one has a block of its own:
 * it grows without leaving its old self behind.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Fits a typical request in one block. */
#define BLOCK_MIN ((size_t)16 * 1024)
#define ALIGNMENT alignof(max_align_t)

struct block {
	struct block *next;
	struct block **from; /* of a large one: what points to it */
	size_t used, size;   /* bytes of data[] */
	alignas(max_align_t) char data[];
};

enum state { WITHIN, OVER_CEILING, OVER_BUDGET };

/* WIPED: bytes that are freed are zeroed.  HIDDEN: and blocks are mappings of
 * their own. */
enum secrecy { PLAIN, WIPED, HIDDEN };

struct arena {
	struct block *head;  /* newest first; only the head has room */
	struct block *large; /* newest first, of one allocation each */
	struct budget *budget;
	size_t held;     /* bytes of all blocks */
	size_t reserved; /* what it may hold, as the budget knows */
	size_t counted;  /* in the budget: the larger of the two */
	size_t ceiling;  /* 0: none */
	enum state state;
	enum secrecy secrecy;
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
	struct arena *a = must(calloc(1, sizeof(*a)));

	a->budget = &process_budget;
	return a;
}

struct arena *
arena_new_hidden(void)
{
	struct arena *a = arena_new();

	a->secrecy = HIDDEN;
	return a;
}

void
arena_wipe(struct arena *a)
{
	if (a->secrecy == PLAIN)
		a->secrecy = WIPED;
}

/* ---- what is held */
static void
count(struct arena *a)
{
	size_t now = a->held > a->reserved ? a->held : a->reserved;

	if (now == a->counted)
		return;
	budget_add(a->budget, (int64_t)now - (int64_t)a->counted);
	a->counted = now;
}

static size_t
bytes_of(const struct block *b)
{
	return sizeof(*b) + b->size;
}

/* It has grown by a block.  The first is everybody's: small requests are
 * answered also when memory is short. */
static void
grown(struct arena *a)
{
	count(a);
	if (a->ceiling == 0 || a->state != WITHIN)
		return;
	if (a->held > a->ceiling)
		a->state = OVER_CEILING;
	else if (a->held > a->reserved && a->held > 2 * BLOCK_MIN &&
		 budget_is_exceeded(a->budget))
		a->state = OVER_BUDGET;
}

void
arena_set_ceiling(struct arena *a, size_t bytes)
{
	a->ceiling = bytes;
	a->state = WITHIN;
	grown(a);
}

enum err
arena_check(const struct arena *a, struct error *e)
{
	if (a == NULL || a->state == WITHIN)
		return OK;
	if (a->state == OVER_BUDGET)
		return fail(e, ERR_UNAVAILABLE,
		    "The server has no memory for this now; try again later.");
	return fail(e, ERR_MEMORY,
	    "This needs more memory than a request may take, %zu MiB.",
	    a->ceiling >> 20);
}

bool
arena_reserve(struct arena *a, size_t more)
{
	size_t want = a->held + more;

	if (want <= a->counted) {
		a->reserved = want > a->reserved ? want : a->reserved;
		return true;
	}
	if (!budget_reserve(a->budget, (int64_t)(want - a->counted)))
		return false;
	a->reserved = a->counted = want;
	return true;
}

void
arena_unreserve(struct arena *a)
{
	a->reserved = 0;
	count(a);
}

size_t
arena_held(const struct arena *a)
{
	return a->held;
}

size_t
arena_room(const struct arena *a)
{
	if (a->ceiling == 0)
		return SIZE_MAX / 2;
	return a->held < a->ceiling ? a->ceiling - a->held : 0;
}

/* ---- the end of blocks */
static void
wipe(const struct arena *a, struct block *b, size_t from)
{
	if (a->secrecy != PLAIN)
		explicit_bzero(b->data + from, b->used - from);
}

static void
free_block(struct arena *a, struct block *b)
{
	a->held -= bytes_of(b);
	wipe(a, b, 0);
	if (a->secrecy == HIDDEN)
		(void)munmap(b, bytes_of(b));
	else
		free(b);
}

/* Those before `stop`. */
static void
free_blocks(struct arena *a, struct block **first, const struct block *stop)
{
	while (*first != stop) {
		struct block *b = *first;

		*first = b->next;
		free_block(a, b);
	}
}

/* A list whose first blocks are gone. */
static void
relink(struct arena *a)
{
	if (a->large != NULL)
		a->large->from = &a->large;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_blocks(a, &a->large, NULL);
	free_blocks(a, &a->head, NULL);
	arena_unreserve(a);
	free(a);
}

void
arena_reset(struct arena *a)
{
	free_blocks(a, &a->large, NULL);
	if (a->head != NULL) {
		free_blocks(a, &a->head->next, NULL);
		wipe(a, a->head, 0);
		a->head->used = 0;
	}
	if (a->secrecy == WIPED)
		a->secrecy = PLAIN;
	arena_unreserve(a);
	a->state = WITHIN;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->head, a->large,
		a->head != NULL ? a->head->used : 0 };
}

void
arena_cut(struct arena *a, struct arena_mark mark)
{
	free_blocks(a, &a->large, mark.large);
	relink(a);
	free_blocks(a, &a->head, mark.block);
	if (a->head != NULL) {
		wipe(a, a->head, mark.used);
		a->head->used = mark.used;
	}
	count(a);
	a->state = WITHIN;
	grown(a);
}

/* ---- blocks */

/* Zeroed.  Not all systems let a process lock memory. */
static void *
map_hidden(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	(void)madvise(p, size, MADV_DONTDUMP);
	(void)mlock(p, size);
	return p;
}

static size_t
aligned(size_t size)
{
	return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

static struct block *
block_of(void *p)
{
	return (
	    struct block *)(void *)((char *)p - offsetof(struct block, data));
}

static void
add_small(struct arena *a)
{
	size_t size = sizeof(struct block) + BLOCK_MIN;
	struct block *b =
	    must(a->secrecy == HIDDEN ? map_hidden(size) : malloc(size));

	*b = (struct block){ .next = a->head, .size = BLOCK_MIN };
	a->head = b;
	a->held += bytes_of(b);
	grown(a);
}

/* Where the large block is now; what points to it follows. */
static void *
place_large(struct arena *a, struct block *b, size_t size)
{
	b->used = b->size = size;
	*b->from = b;
	if (b->next != NULL)
		b->next->from = &b->next;
	a->held += bytes_of(b);
	grown(a);
	return b->data;
}

/* Zeroed; pages that nobody touches cost nothing. */
static void *
add_large(struct arena *a, size_t size)
{
	struct block *b = a->secrecy == HIDDEN ? map_hidden(sizeof(*b) + size)
					       : calloc(1, sizeof(*b) + size);

	if (b == NULL)
		return NULL;
	b->next = a->large;
	b->from = &a->large;
	return place_large(a, b, size);
}

/* realloc() would leave what it moves away from. */
static void *
move_large(struct arena *a, struct block *b, size_t size)
{
	struct block *new = a->secrecy == HIDDEN ? map_hidden(sizeof(*b) + size)
						 : malloc(sizeof(*b) + size);

	memcpy(must(new), b, bytes_of(b));
	free_block(a, b);
	return place_large(a, new, size);
}

static void *
grow_large(struct arena *a, struct block *b, size_t size)
{
	if (a->secrecy != PLAIN)
		return move_large(a, b, size);
	a->held -= bytes_of(b);
	return place_large(a, must(realloc(b, sizeof(*b) + size)), size);
}

void
arena_release(struct arena *a, void *p, size_t size)
{
	if (p == NULL || aligned(size) <= BLOCK_MIN)
		return;

	struct block *b = block_of(p);

	*b->from = b->next;
	if (b->next != NULL)
		b->next->from = b->from;
	free_block(a, b);
	count(a);
}

static char *
take(struct arena *a, size_t size)
{
	size_t need = aligned(size);

	if (need > BLOCK_MIN)
		return must(add_large(a, need));
	if (a->head == NULL || a->head->size - a->head->used < need)
		add_small(a);

	char *p = a->head->data + a->head->used;

	a->head->used += need;
	return p;
}

/* Sizes are of things in memory, so only a fault of ours makes them huge. */
static size_t
sane(size_t size)
{
	if (size > SIZE_MAX / 4)
		abort();
	return size;
}

void *
arena_alloc(struct arena *a, size_t size, size_t count)
{
	size_t all;

	if (__builtin_mul_overflow(size, count, &all))
		abort();

	char *p = take(a, sane(all));

	return aligned(all) > BLOCK_MIN ? p : memset(p, 0, all);
}

bool
arena_fits(struct arena *a, size_t more)
{
	int64_t new = (int64_t)(a->held + more) - (int64_t)a->counted;

	if (more > arena_room(a)) {
		a->state = OVER_CEILING;
		return false;
	}
	if (a->ceiling != 0 && more > BLOCK_MIN && new > 0 &&
	    !budget_takes(a->budget, new)) {
		a->state = OVER_BUDGET;
		return false;
	}
	return true;
}

void *
arena_try(struct arena *a, size_t size)
{
	void *p;

	if (!arena_fits(a, size))
		return NULL;
	if (aligned(size) <= BLOCK_MIN)
		return take(a, size);
	p = add_large(a, aligned(size));
	if (p == NULL)
		a->state = OVER_CEILING;
	return p;
}

void *
arena_grow(struct arena *a, void *p, size_t old, size_t size)
{
	struct block *b = a->head;
	size_t had = aligned(old), need = aligned(sane(size));

	if (p != NULL && had > BLOCK_MIN)
		return need > block_of(p)->size
			   ? grow_large(a, block_of(p), need)
			   : p;
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

/* ---- text */
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
