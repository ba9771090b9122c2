/* fuzz_avro.c - Avro files from hostile bytes. */
#include "iceberg/avro.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define RECORDS_MAX 1000 /* of a type without bytes there may be many */

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct avro_value row = { 0 };
	struct avro_file file;
	struct error e;
	int records = 0;

	if (avro_open(a, (struct str){ (const char *)data, size }, &file, &e) ==
	    OK)
		while (avro_next(&file, a, &row, &e) == OK &&
		       row.type != NULL && records++ < RECORDS_MAX)
			(void)avro_field(&row, 2);
	arena_free(a);
	return 0;
}
