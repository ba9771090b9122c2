#include "base/heap.h"

#include <malloc.h>

#include "base/budget.h"

/* From this size on a block is a mapping of its own.  A smaller one waits for
 * the next of its size: mapping it anew would cost more. */
#define MAPPED_BYTES (1 << 20)

/* The end of a heap may hold so many bytes of freed blocks. */
#define KEPT_BYTES (8 << 20)

/* Looking for less is not worth it. */
#define TRIM_BYTES (1 << 20)

/* Setting one of them turns off that the allocator moves both. */
void
heap_tune(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
}

void
heap_trim(void)
{
	static int64_t seen, trimmed;
	int64_t freed = budget_freed(&process_budget);
	bool quiet = freed - seen < TRIM_BYTES;

	seen = freed;
	if (!quiet || freed - trimmed < TRIM_BYTES)
		return;
	(void)malloc_trim(0);
	trimmed = freed;
}
