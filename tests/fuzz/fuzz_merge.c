/*
 * fuzz_merge.c - merges of tables, one of whose files is hostile bytes.
 *
 * The input takes the place of each manifest list and manifest of a merge that
 * is good otherwise (tests/unit/merge_fixture.h).
 */
#include "base/clock.h"
#include "tests/fuzz/pool_thread.h"
#include "tests/unit/merge_fixture.h"

/* Made once: making it is dearer than a merge. */
static struct merge_world *
world(void)
{
	static struct merge_world w;

	if (w.arena == NULL)
		make_world(&w, arena_new());
	return &w;
}

static int
try_input(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct merge_world w = *world();
	struct table_merge merge;
	struct error e;

	for (int i = 0; i < SIDES; i++)
		w.sides[i].arena = a; /* of what is made */
	for (int i = 0; i < FILES; i++) {
		struct str whole = w.files[i];

		w.files[i] = (struct str){ (const char *)data, size };
		(void)!merge_world(&w, BASE, SOURCE, TARGET, &merge, &e);
		w.files[i] = whole;
	}
	arena_free(a);
	return 0;
}
