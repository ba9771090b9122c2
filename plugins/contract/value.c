#include "plugins/contract/value.h"

static struct str
bytes_of(const struct value *v)
{
	if (v->type == VALUE_ID)
		return (
		    struct str){ (const char *)v->as.id.b, sizeof(v->as.id.b) };
	return v->as.s;
}

int
value_compare(const struct value *a, const struct value *b)
{
	if (a->type == VALUE_NULL || b->type == VALUE_NULL)
		return (a->type != VALUE_NULL) - (b->type != VALUE_NULL);
	if (a->type == VALUE_INT)
		return (a->as.i > b->as.i) - (a->as.i < b->as.i);
	return str_cmp(bytes_of(a), bytes_of(b));
}

struct value
value_copy(struct arena *a, const struct value *v)
{
	struct value copy = *v;

	if (v->type == VALUE_TEXT || v->type == VALUE_BYTES)
		copy.as.s = arena_copy(a, v->as.s);
	return copy;
}

static bool
test_passes(const struct test *t, const struct value *row)
{
	if (t->op == TEST_ABSENT || row == NULL)
		return t->op == TEST_ABSENT && row == NULL;

	const struct value *v = &row[t->field];
	int order = value_compare(v, &t->value);
	bool known = v->type != VALUE_NULL && t->value.type != VALUE_NULL;

	switch (t->op) {
	case TEST_EQ:
		return order == 0;
	case TEST_NE:
		return order != 0;
	case TEST_LT:
		return known && order < 0;
	case TEST_LE:
		return known && order <= 0;
	case TEST_GT:
		return known && order > 0;
	case TEST_GE:
		return known && order >= 0;
	case TEST_PREFIX:
		return known && str_starts_with(v->as.s, t->value.as.s);
	case TEST_ABSENT:
		break;
	}
	return false;
}

bool
tests_pass(const struct test *t, size_t count, const struct value *row)
{
	for (size_t i = 0; i < count; i++)
		if (!test_passes(&t[i], row))
			return false;
	return true;
}

static void
order_add(struct order *o, uint16_t field)
{
	for (uint16_t i = 0; i < o->count; i++)
		if (o->field[i] == field)
			return;
	o->field[o->count++] = field;
}

struct order
order_of(const struct entity *entity, uint16_t index)
{
	struct order o = { .count = 0 };

	if (index != INDEX_KEY) {
		const struct index *x = &entity->indexes[index];

		for (uint16_t i = 0; i < x->field_count; i++)
			order_add(&o, x->field[i]);
	}
	for (uint16_t i = 0; i < entity->key_count; i++)
		order_add(&o, i);
	return o;
}

int
order_compare(const struct order *o, uint16_t count, const struct value *a,
    const struct value *b)
{
	int result = 0;

	for (uint16_t i = 0; i < count && result == 0; i++)
		result = value_compare(&a[o->field[i]], &b[o->field[i]]);
	return result;
}

const struct test *
tests_find_equal(const struct test *t, size_t count, uint16_t field)
{
	for (size_t i = 0; i < count; i++)
		if (t[i].op == TEST_EQ && t[i].field == field)
			return &t[i];
	return NULL;
}
