/* test_warehouse_bytes.c - rows of warehouses in shared memory. */
#include <stdlib.h>

#include "shm/warehouse_bytes.h"
#include "tests/unit/unit.h"

static struct id
id_of(unsigned n)
{
	struct id id = { { 0 } };

	id.b[15] = (uint8_t)(n << 1);
	id.b[14] = (uint8_t)(n >> 7);
	return id;
}

static void
counts_by_warehouse(void **state)
{
	struct warehouse_bytes *t = calloc(1, sizeof(*t));
	struct byte_counts *one = warehouse_bytes_row(t, id_of(1));

	(void)state;
	assert_non_null(one);
	one->written += 5;
	one->read += 7;
	assert_ptr_equal(warehouse_bytes_row(t, id_of(1)), one);
	assert_ptr_not_equal(warehouse_bytes_row(t, id_of(2)), one);
	assert_int_equal(warehouse_bytes_sums(t, id_of(1)).written, 5);
	assert_int_equal(warehouse_bytes_sums(t, id_of(1)).read, 7);
	assert_int_equal(warehouse_bytes_sums(t, id_of(3)).read, 0);
	free(t);
}

static void
a_full_table_counts_no_more(void **state)
{
	struct warehouse_bytes *t = calloc(1, sizeof(*t));

	(void)state;
	for (unsigned i = 0; i < WAREHOUSE_BYTES_ROWS; i++)
		t->row[i].warehouse = UINT64_MAX;
	assert_null(warehouse_bytes_row(t, id_of(1)));
	assert_int_equal(warehouse_bytes_sums(t, id_of(1)).written, 0);
	assert_null(warehouse_bytes_row(NULL, id_of(1)));
	free(t);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_warehouse),
		cmocka_unit_test(a_full_table_counts_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
