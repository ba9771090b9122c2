/*
 * select.c - reading rows.
 *
 * NULL is never bound: what compares with it is written as IS NULL, so that
 * the engine sees a condition it can answer from an index.
 */
#include "plugins/contract/prefix.h"
#include "plugins/contract/value.h"
#include "plugins/sql/sql.h"

void
sql_columns(struct sql *s, const struct entity *t, const char *of)
{
	sql_add(s, "SELECT ");
	for (uint16_t i = 0; i < t->field_count; i++) {
		if (i != 0)
			sql_add(s, ", ");
		sql_add(s, of);
		sql_name(s, t->fields[i].name);
	}
}

static void
add_compare(
    struct sql *s, const struct field *f, const char *op, const struct value *v)
{
	sql_name(s, f->name);
	sql_add(s, op);
	sql_bind(s, v);
}

static void
add_equal(struct sql *s, const struct field *f, const struct value *v)
{
	if (v->type != VALUE_NULL) {
		add_compare(s, f, " = ", v);
		return;
	}
	sql_name(s, f->name);
	sql_add(s, " IS NULL");
}

static void
add_not_equal(struct sql *s, const struct field *f, const struct value *v)
{
	sql_name(s, f->name);
	if (v->type == VALUE_NULL) {
		sql_add(s, " IS NOT NULL");
		return;
	}
	sql_add(s, " IS NULL OR ");
	add_compare(s, f, " <> ", v);
}

static void
add_prefix(struct sql *s, const struct field *f, const struct value *v)
{
	const struct value *end;

	if (v->type == VALUE_NULL) {
		sql_add(s, "1 = 0");
		return;
	}
	add_compare(s, f, " >= ", v);
	end = text_behind(s->text.arena, v->as.s);
	if (end != NULL) {
		sql_add(s, " AND ");
		add_compare(s, f, " < ", end);
	}
}

static void
add_test(struct sql *s, const struct entity *t, const struct test *test)
{
	static const char *const op[] = {
		[TEST_LT] = " < ",
		[TEST_LE] = " <= ",
		[TEST_GT] = " > ",
		[TEST_GE] = " >= ",
	};
	const struct field *f = &t->fields[test->field];

	sql_add(s, "(");
	switch (test->op) {
	case TEST_EQ:
		add_equal(s, f, &test->value);
		break;
	case TEST_NE:
		add_not_equal(s, f, &test->value);
		break;
	case TEST_LT:
	case TEST_LE:
	case TEST_GT:
	case TEST_GE:
		if (test->value.type == VALUE_NULL)
			sql_add(s, "1 = 0");
		else
			add_compare(s, f, op[test->op], &test->value);
		break;
	case TEST_PREFIX:
		add_prefix(s, f, &test->value);
		break;
	case TEST_ABSENT: /* of a row that was found */
		sql_add(s, "1 = 0");
		break;
	}
	sql_add(s, ")");
}

void
sql_where(struct sql *s, const struct entity *t, const struct value *key,
    const struct test *test, size_t count)
{
	const char *word = " WHERE ";

	for (uint16_t i = 0; key != NULL && i < t->key_count; i++) {
		sql_add(s, word);
		add_equal(s, &t->fields[i], &key[i]);
		word = " AND ";
	}
	for (size_t i = 0; i < count; i++) {
		sql_add(s, word);
		add_test(s, t, &test[i]);
		word = " AND ";
	}
}

void
sql_find(struct sql *s, const struct entity *t, const struct value *key,
    const struct test *test, size_t count)
{
	sql_add(s, "SELECT 1 FROM ");
	sql_name(s, t->name);
	sql_where(s, t, key, test, count);
}

void
sql_count(struct sql *s, const struct entity *t, const struct scan *scan)
{
	sql_add(s, "SELECT count(*) FROM ");
	sql_name(s, t->name);
	sql_where(s, t, NULL, scan->where, scan->where_count);
}

/* "f is behind v" in the order of the scan; not for NULL descending. */
static void
add_behind(struct sql *s, const struct entity *t, uint16_t field,
    const struct value *v, bool descending)
{
	const struct field *f = &t->fields[field];

	if (v->type == VALUE_NULL) {
		sql_name(s, f->name);
		sql_add(s, " IS NOT NULL");
		return;
	}
	add_compare(s, f, descending ? " < " : " > ", v);
	if (descending && field >= t->key_count) {
		sql_add(s, " OR ");
		sql_name(s, f->name);
		sql_add(s, " IS NULL");
	}
}

/* (a > 1) OR (a = 1 AND b > 2) OR ...  The fields that a test fixes do not
 * take part; a bound on the first of the others lets the engine seek. */
static void
add_keyset(struct sql *s, const struct entity *t, const struct scan *scan,
    const struct order *o, const struct value *after)
{
	bool descending = scan->descending;
	uint16_t first = o->field[0];

	if (after[first].type != VALUE_NULL &&
	    (!descending || first < t->key_count)) {
		sql_add(s, " AND ");
		add_compare(s, &t->fields[first],
		    descending ? " <= " : " >= ", &after[first]);
	}
	sql_add(s, " AND (1 = 0");
	for (uint16_t i = 0; i < o->count; i++) {
		const struct value *v = &after[o->field[i]];

		if (v->type == VALUE_NULL && descending)
			continue; /* nothing is below NULL */
		sql_add(s, " OR (");
		for (uint16_t k = 0; k < i; k++) {
			add_equal(
			    s, &t->fields[o->field[k]], &after[o->field[k]]);
			sql_add(s, " AND ");
		}
		sql_add(s, "(");
		add_behind(s, t, o->field[i], v, descending);
		sql_add(s, "))");
	}
	sql_add(s, ")");
}

static struct order
free_fields(const struct entity *t, const struct scan *scan)
{
	struct order all = order_of(t, scan->index), left = { .count = 0 };

	for (uint16_t i = 0; i < all.count; i++)
		if (tests_find_equal(
			scan->where, scan->where_count, all.field[i]) == NULL)
			left.field[left.count++] = all.field[i];
	return left;
}

static void
add_order(struct sql *s, const struct entity *t, const struct scan *scan,
    const struct order *o)
{
	for (uint16_t i = 0; i < o->count; i++) {
		sql_add(s, i == 0 ? " ORDER BY " : ", ");
		sql_name(s, t->fields[o->field[i]].name);
		sql_order(s, t, o->field[i], scan->descending);
	}
}

void
sql_scan(struct sql *s, const struct entity *t, const struct scan *scan,
    const struct value *after)
{
	struct order o = free_fields(t, scan);

	sql_columns(s, t, "");
	sql_add(s, " FROM ");
	sql_name(s, t->name);
	sql_add(s, " WHERE 1 = 1");
	for (size_t i = 0; i < scan->where_count; i++) {
		sql_add(s, " AND ");
		add_test(s, t, &scan->where[i]);
	}
	if (after != NULL && o.count == 0)
		sql_add(s, " AND 1 = 0");
	else if (after != NULL)
		add_keyset(s, t, scan, &o, after);
	add_order(s, t, scan, &o);
	sql_add(s, " LIMIT ");
	sql_bind_int(s, scan->limit);
	if (scan->skip != 0) {
		sql_add(s, " OFFSET ");
		sql_bind_int(s, scan->skip);
	}
}

/* The row found last is found again by its parent, in the index. */
void
sql_walk(struct sql *s, const struct entity *t, const struct scan *scan,
    uint16_t parent)
{
	struct scan first = *scan;

	first.limit = 1;
	first.skip = 0;
	sql_add(
	    s, "WITH RECURSIVE w AS (SELECT x.*, 1 AS \"the depth\" FROM (");
	sql_scan(s, t, &first, NULL);
	sql_add(s, ") x UNION ALL ");
	sql_columns(s, t, "y.");
	sql_add(s, ", w.\"the depth\" + 1 FROM w CROSS JOIN LATERAL (");
	sql_columns(s, t, "");
	sql_add(s, " FROM ");
	sql_name(s, t->name);
	sql_add(s, " WHERE ");
	sql_name(s, t->fields[order_of(t, scan->index).field[0]].name);
	sql_add(s, " = w.");
	sql_name(s, t->fields[parent].name);
	sql_add(s, " OFFSET 0) y WHERE w.\"the depth\" < ");
	sql_bind_int(s, scan->limit);
	sql_add(s, ") SELECT * FROM w ORDER BY \"the depth\"");
}
