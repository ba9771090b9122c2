/* shm.c - one anonymous mapping, handed out from its start. */
#include "shm/shm.h"

#include <stdlib.h>
#include <sys/mman.h>

#define CACHE_LINE ((size_t)64)

struct shm {
	size_t used, size;
};

static size_t
lines(size_t size)
{
	return (size + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
}

enum err
shm_new(size_t size, struct shm **ret, struct error *e)
{
	size_t whole = lines(size) + lines(sizeof(struct shm));
	void *p = mmap(NULL, whole, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return fail(e, ERR_INTERNAL,
		    "Cannot map %zu bytes of shared memory.", whole);

	struct shm *s = p;

	*s = (struct shm){ .used = lines(sizeof(*s)), .size = whole };
	*ret = s;
	return OK;
}

size_t
shm_size(size_t size, size_t count)
{
	return lines(size * count);
}

void *
shm_alloc(struct shm *s, size_t size, size_t count)
{
	if (size != 0 && count > (s->size - s->used) / size)
		abort();

	size_t whole = lines(size * count);

	if (whole > s->size - s->used)
		abort();

	void *p = (char *)s + s->used;

	s->used += whole;
	return p;
}
