/* schema.c - tables, columns and indexes of the entities. */
#include "plugins/sql/sql.h"

static void
add_field(struct sql *s, const struct entity *t, const struct field *f)
{
	sql_name(s, f->name);
	sql_add(s, " ");
	sql_add(s, s->dialect->type[f->type]);
	if (f < t->fields + t->key_count)
		sql_add(s, " NOT NULL");
}

static void
add_key_names(struct sql *s, const struct entity *t)
{
	for (uint16_t i = 0; i < t->key_count; i++) {
		if (i != 0)
			sql_add(s, ", ");
		sql_name(s, t->fields[i].name);
	}
}

void
sql_create_table(struct sql *s, const struct entity *t)
{
	sql_add(s, "CREATE TABLE ");
	sql_name(s, t->name);
	sql_add(s, " (");
	for (uint16_t i = 0; i < t->field_count; i++) {
		add_field(s, t, &t->fields[i]);
		sql_add(s, ", ");
	}
	sql_add(s, "PRIMARY KEY (");
	add_key_names(s, t);
	sql_add(s, "))");
	sql_add(s, s->dialect->tail);
}

/* A unique index cannot end in the key, or nothing would ever clash. */
void
sql_create_index(struct sql *s, const struct entity *t, const struct index *x)
{
	sql_add(s, x->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
	sql_name(s, x->name);
	sql_add(s, " ON ");
	sql_name(s, t->name);
	sql_add(s, " (");
	for (uint16_t i = 0; i < x->field_count; i++) {
		if (i != 0)
			sql_add(s, ", ");
		sql_name(s, t->fields[x->field[i]].name);
		sql_add(s, s->dialect->ascending);
	}
	if (!x->unique) {
		sql_add(s, ", ");
		add_key_names(s, t);
	}
	sql_add(s, ")");
}

void
sql_add_column(struct sql *s, const struct entity *t, const struct field *f)
{
	sql_add(s, "ALTER TABLE ");
	sql_name(s, t->name);
	sql_add(s, " ADD COLUMN ");
	add_field(s, t, f);
}
