#include "shm/warehouse_bytes.h"

#include <string.h>

#define PROBES 32

size_t
warehouse_bytes_size(void)
{
	return shm_size(sizeof(struct warehouse_bytes), 1);
}

struct warehouse_bytes *
warehouse_bytes_new(struct shm *shm)
{
	return SHM_NEW(shm, struct warehouse_bytes, 1);
}

/* The random half of the id. */
static uint64_t
key_of(struct id id)
{
	uint64_t key;

	memcpy(&key, id.b + sizeof(id.b) - sizeof(key), sizeof(key));
	return key | 1;
}

static struct byte_counts *
row_at(struct warehouse_bytes *t, uint64_t key, unsigned probe)
{
	return &t->row[((key >> 1) + probe) % WAREHOUSE_BYTES_ROWS];
}

struct byte_counts *
warehouse_bytes_row(struct warehouse_bytes *t, struct id warehouse)
{
	uint64_t key = key_of(warehouse);

	for (unsigned i = 0; t != NULL && i < PROBES; i++) {
		struct byte_counts *row = row_at(t, key, i);
		uint64_t whose = 0;

		if (atomic_compare_exchange_strong(
			&row->warehouse, &whose, key) ||
		    whose == key)
			return row;
	}
	return NULL;
}

struct byte_sums
warehouse_bytes_sums(struct warehouse_bytes *t, struct id warehouse)
{
	uint64_t key = key_of(warehouse);

	for (unsigned i = 0; t != NULL && i < PROBES; i++) {
		const struct byte_counts *row = row_at(t, key, i);

		if (atomic_load(&row->warehouse) == key)
			return (struct byte_sums){ atomic_load(&row->written),
				atomic_load(&row->read) };
	}
	return (struct byte_sums){ 0, 0 };
}
