/* fuzz_avro.c - Avro files from hostile bytes: all of them, and some fields. */
#include "base/clock.h"
#include "iceberg/avro.h"
#include "tests/fuzz/pool_thread.h"

static const struct avro_wanted of_file[] = { { 100, NULL }, { 108, NULL },
	{ AVRO_ID_NONE, NULL } };
static const struct avro_wanted of_row[] = { { 0, NULL }, { 2, of_file },
	{ AVRO_ID_NONE, NULL } };

static void
read_wanted(struct str bytes, const struct avro_wanted *wanted)
{
	struct work_budget budget = work_until(clock_mono_us() + CLOCK_SECOND);
	struct arena *a = arena_new(), *record = arena_new();
	struct avro_value row = { 0 };
	struct avro_file file;
	struct error e;

	if (avro_open(a, bytes, wanted, &budget, &file, &e) == OK)
		while (avro_next(&file, record, &row, &e) == OK &&
		       row.type != NULL) {
			(void)avro_field(&row, 2);
			arena_reset(record);
		}
	arena_free(record);
	arena_free(a);
}

static int
try_input(const uint8_t *data, size_t size)
{
	const struct str bytes = { (const char *)data, size };

	read_wanted(bytes, NULL);
	read_wanted(bytes, of_row);
	return 0;
}
