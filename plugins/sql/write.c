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
insert(struct sql *s, const struct entity *t, const struct write *w)
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
	add_key(s, t);
}

static void
insert_or_set(struct sql *s, const struct entity *t, const struct write *w)
{
	const char *word = " DO UPDATE SET ";

	insert(s, t, w);
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
			insert(s, t, w);
			sql_add(s, " DO NOTHING");
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
