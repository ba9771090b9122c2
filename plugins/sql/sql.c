/* sql.c - a statement under construction. */
#include "plugins/sql/sql.h"

#include "base/list.h"

struct sql
sql_in(struct arena *a, const struct dialect *dialect)
{
	return (struct sql){ .dialect = dialect, .text = buf_in(a) };
}

void
sql_add(struct sql *s, const char *text)
{
	buf_add(&s->text, str_from(text));
}

void
sql_name(struct sql *s, const char *name)
{
	buf_add_char(&s->text, '"');
	buf_add(&s->text, str_from(name));
	buf_add_char(&s->text, '"');
}

void
sql_order(
    struct sql *s, const struct entity *t, uint16_t field, bool descending)
{
	if (field < t->key_count)
		sql_add(s, descending ? " DESC" : "");
	else
		sql_add(s, descending ? s->dialect->descending
				      : s->dialect->ascending);
}

void
sql_bind(struct sql *s, const struct value *v)
{
	LIST_RESERVE(s->text.arena, s->bind, s->bind_count, s->bind_room, 1);
	s->bind[s->bind_count++] = v;
	buf_add_char(&s->text, s->dialect->placeholder);
	buf_add_int(&s->text, (int64_t)s->bind_count);
}

void
sql_bind_int(struct sql *s, int64_t n)
{
	struct value *v = ARENA_NEW(s->text.arena, struct value, 1);

	v->type = VALUE_INT;
	v->as.i = n;
	sql_bind(s, v);
}
