/* write.c - PUT, ADD, DELETE and PURGE as one statement each. */
#include "plugins/sql/sql.h"

static bool
is_set(const struct write *w, uint16_t field)
{
	return (w->set >> field & 1) != 0;
}

static bool
wants_absent(const struct write *w)
{
	return w->when_count != 0 && w->when[0].op == TEST_ABSENT;
}

bool
sql_must_change(const struct write *w)
{
	return w->op == WRITE_ADD || (w->op == WRITE_PUT && w->when_count != 0);
}

static void
add_key(struct sql *s, const struct entity *t)
{
	for (uint16_t i = 0; i < t->key_count; i++) {
		sql_add(s, i == 0 ? "(" : ", ");
		sql_name(s, t->fields[i].name);
	}
	sql_add(s, ")");
}

static void
add_value(struct sql *s, const struct value *v)
{
	if (v->type == VALUE_NULL)
		sql_add(s, "NULL");
	else
		sql_bind(s, v);
}

static void
insert_unless(struct sql *s, const struct entity *t, const struct write *w)
{
	sql_add(s, "INSERT INTO ");
	sql_name(s, t->name);
	for (uint16_t i = 0; i < t->field_count; i++) {
		if (i >= t->key_count && !is_set(w, i))
			continue;
		sql_add(s, i == 0 ? " (" : ", ");
		sql_name(s, t->fields[i].name);
	}
	sql_add(s, ") VALUES");
	for (uint16_t i = 0; i < t->field_count; i++) {
		if (i >= t->key_count && !is_set(w, i))
			continue;
		sql_add(s, i == 0 ? " (" : ", ");
		add_value(s, &w->row[i]);
	}
	sql_add(s, ") ON CONFLICT ");
}

static void
insert_or_set(struct sql *s, const struct entity *t, const struct write *w)
{
	const char *word = " DO UPDATE SET ";

	insert_unless(s, t, w);
	add_key(s, t);
	for (uint16_t i = t->key_count; i < t->field_count; i++) {
		if (!is_set(w, i))
			continue;
		sql_add(s, word);
		sql_name(s, t->fields[i].name);
		sql_add(s, " = excluded.");
		sql_name(s, t->fields[i].name);
		word = ", ";
	}
	if (word[0] != ',')
		sql_add(s, " DO NOTHING");
}

static void
add_assignment(struct sql *s, const struct field *f, const struct write *w,
    const struct value *v)
{
	sql_name(s, f->name);
	sql_add(s, " = ");
	if (w->op == WRITE_ADD) {
		sql_add(s, "coalesce(");
		sql_name(s, f->name);
		sql_add(s, ", 0) + ");
	}
	add_value(s, v);
}

static bool
sets_some_of(const struct write *w, const struct index *x)
{
	bool sets = false;

	for (uint16_t i = 0; i < x->field_count; i++) {
		uint16_t field = x->field[i];

		if (is_set(w, field) && w->row[field].type == VALUE_NULL)
			return false; /* such rows are exempt */
		sets |= is_set(w, field);
	}
	return sets;
}

static void
add_own(struct sql *s, const struct entity *t, uint16_t field)
{
	sql_name(s, t->name);
	sql_add(s, ".");
	sql_name(s, t->fields[field].name);
}

/* No other row has the values that this one is to have: what would violate a
 * unique index is a line in the log of a server, for each time. */
static void
add_free_of(struct sql *s, const struct entity *t, const struct write *w,
    const struct index *x)
{
	sql_add(s, " AND NOT EXISTS (SELECT 1 FROM ");
	sql_name(s, t->name);
	sql_add(s, " o WHERE");
	for (uint16_t i = 0; i < x->field_count; i++) {
		uint16_t field = x->field[i];

		sql_add(s, i == 0 ? " o." : " AND o.");
		sql_name(s, t->fields[field].name);
		sql_add(s, " = ");
		if (is_set(w, field))
			sql_bind(s, &w->row[field]);
		else
			add_own(s, t, field);
	}
	for (uint16_t i = 0; i < t->key_count; i++) {
		sql_add(s, i == 0 ? " AND NOT (o." : " AND o.");
		sql_name(s, t->fields[i].name);
		sql_add(s, " = ");
		add_own(s, t, i);
	}
	sql_add(s, "))");
}

static void
update(struct sql *s, const struct entity *t, const struct write *w)
{
	const char *word = " SET ";

	sql_add(s, "UPDATE ");
	sql_name(s, t->name);
	for (uint16_t i = t->key_count; i < t->field_count; i++) {
		if (!is_set(w, i))
			continue;
		sql_add(s, word);
		add_assignment(s, &t->fields[i], w, &w->row[i]);
		word = ", ";
	}
	if (word[0] != ',') { /* no field: the tests alone count */
		sql_add(s, word);
		sql_name(s, t->fields[0].name);
		sql_add(s, " = ");
		sql_name(s, t->fields[0].name);
	}
	sql_where(s, t, w->row, w->when, w->when_count);
	for (uint16_t i = 0; w->op == WRITE_PUT && i < t->index_count; i++)
		if (t->indexes[i].unique && sets_some_of(w, &t->indexes[i]))
			add_free_of(s, t, w, &t->indexes[i]);
}

static void
delete_row(struct sql *s, const struct entity *t, const struct write *w)
{
	sql_add(s, "DELETE FROM ");
	sql_name(s, t->name);
	sql_where(s, t, w->row, w->when, w->when_count);
}

static void
purge(struct sql *s, const struct entity *t, const struct write *w)
{
	sql_add(s, "DELETE FROM ");
	sql_name(s, t->name);
	sql_add(s, " WHERE ");
	add_key(s, t);
	sql_add(s, " IN (SELECT ");
	for (uint16_t i = 0; i < t->key_count; i++) {
		if (i != 0)
			sql_add(s, ", ");
		sql_name(s, t->fields[i].name);
	}
	sql_add(s, " FROM ");
	sql_name(s, t->name);
	sql_where(s, t, NULL, w->when, w->when_count);
	for (uint16_t i = 0; i < t->key_count; i++) {
		sql_add(s, i == 0 ? " ORDER BY " : ", ");
		sql_name(s, t->fields[i].name);
	}
	sql_add(s, " LIMIT ");
	sql_bind_int(s, w->limit);
	sql_add(s, ")");
}

void
sql_write(struct sql *s, const struct entity *t, const struct write *w)
{
	switch (w->op) {
	case WRITE_PUT:
		if (wants_absent(w)) {
			insert_unless(s, t, w);
			sql_add(s, "DO NOTHING"); /* in any unique index */
		} else if (w->when_count != 0) {
			update(s, t, w);
		} else {
			insert_or_set(s, t, w);
		}
		break;
	case WRITE_ADD:
		update(s, t, w);
		break;
	case WRITE_DELETE:
		delete_row(s, t, w);
		break;
	case WRITE_PURGE:
		purge(s, t, w);
		break;
	case WRITE_TEST: /* changes nothing: see sql_find() */
		break;
	}
}
