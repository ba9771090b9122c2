/* value.h - compares stored values the way store.h says. */
#ifndef PANGOLIN_VALUE_H
#define PANGOLIN_VALUE_H

#include "plugin/store.h"

/* NULL comes first; text, bytes and ids are in byte order. */
int value_compare(const struct value *, const struct value *);

struct value value_copy(struct arena *, const struct value *);

/* Does `row` pass?  NULL is a row that is not there. */
bool tests_pass(const struct test *, size_t count, const struct value *row);

/* The fields by which the rows of an index, or of the key, are ordered. */
#define ORDER_MAX 12

struct order {
	uint16_t field[ORDER_MAX];
	uint16_t count;
};

struct order order_of(const struct entity *, uint16_t index);

/* Two rows by the first `count` fields of an order. */
int order_compare(const struct order *, uint16_t count, const struct value *a,
    const struct value *b);

/* The test that fixes a field to one value, or NULL. */
const struct test *tests_find_equal(
    const struct test *, size_t count, uint16_t field);

#endif
