/* schema.c - tables, columns and indexes of the entities. */
#include "plugins/contract/value.h"
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
create_table(struct sql *s, const struct entity *t)
{
	sql_add(s, "CREATE TABLE ");
	sql_name(s, t->name);
	sql_add(s, " (");
	for (uint16_t i = 0; i < t->field_count; i++) {
		add_field(s, t, &t->fields[i]);
		sql_add(s, ", ");
	}
	sql_add(s, "PRIMARY KEY");
	for (uint16_t i = 0; i < t->key_count; i++) {
		sql_add(s, i == 0 ? " (" : ", ");
		sql_name(s, t->fields[i].name);
	}
	sql_add(s, "))");
	sql_add(s, s->dialect->tail);
}

/* With the key behind, so that rows come in the order of the contract.  A
 * unique index cannot have it, or nothing would ever clash. */
static void
create_index(struct sql *s, const struct entity *t, uint16_t index)
{
	const struct index *x = &t->indexes[index];
	struct order o = order_of(t, index);
	uint16_t count = x->unique ? x->field_count : o.count;

	sql_add(s, x->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
	sql_name(s, x->name);
	sql_add(s, " ON ");
	sql_name(s, t->name);
	for (uint16_t i = 0; i < count; i++) {
		sql_add(s, i == 0 ? " (" : ", ");
		sql_name(s, t->fields[o.field[i]].name);
		sql_order(s, t, o.field[i], false);
	}
	sql_add(s, ")");
}

static void
add_column(struct sql *s, const struct entity *t, const struct field *f)
{
	sql_add(s, "ALTER TABLE ");
	sql_name(s, t->name);
	sql_add(s, " ADD COLUMN ");
	add_field(s, t, f);
}

enum err
sql_widen(const struct sql *empty, const struct entity *t, int64_t from,
    sql_run *run, void *arg)
{
	bool fresh = from == 0 || t->since > from;

	if (fresh) {
		struct sql s = *empty;

		create_table(&s, t);
		TRY(run(arg, buf_str(&s.text)));
	}
	for (uint16_t i = 0; i < t->field_count && !fresh; i++) {
		struct sql s = *empty;

		if (t->fields[i].since <= from)
			continue;
		add_column(&s, t, &t->fields[i]);
		TRY(run(arg, buf_str(&s.text)));
	}
	for (uint16_t i = 0; i < t->index_count; i++) {
		struct sql s = *empty;

		if (!fresh && t->indexes[i].since <= from)
			continue;
		create_index(&s, t, i);
		TRY(run(arg, buf_str(&s.text)));
	}
	return OK;
}
