#include "plugins/watch/slow.h"

#include "base/buf.h"

/* A range is two tests of one field, which is named once. */
static bool
is_named_before(const struct asked *asked, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (asked->where[i].field == asked->where[at].field)
			return true;
	return false;
}

struct str
asked_name(struct arena *a, const struct asked *asked)
{
	struct buf name = buf_in(a);
	const char *before = " where ";

	buf_add(&name, str_from(asked->verb));
	if (asked->entity == NULL)
		return buf_str(&name);
	buf_printf(&name, " %s", asked->entity->name);
	for (size_t i = 0; i < asked->where_count; i++) {
		const struct test *test = &asked->where[i];

		if (test->op == TEST_ABSENT || is_named_before(asked, i))
			continue;
		buf_printf(&name, "%s%s", before,
		    asked->entity->fields[test->field].name);
		before = ", ";
	}
	return buf_str(&name);
}
