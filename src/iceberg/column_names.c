#include "iceberg/column_names.h"

#include <stdlib.h>

/* Of one name the first of the schema comes first. */
static int
compare_places(const struct schema_field *a, const struct schema_field *b)
{
	return (a > b) - (a < b);
}

static int
by_name(const void *a, const void *b)
{
	const struct schema_field *x = *(const struct schema_field *const *)a;
	const struct schema_field *y = *(const struct schema_field *const *)b;
	int order = str_cmp(x->path, y->path);

	return order != 0 ? order : compare_places(x, y);
}

static int
by_name_nocase(const void *a, const void *b)
{
	const struct schema_field *x = *(const struct schema_field *const *)a;
	const struct schema_field *y = *(const struct schema_field *const *)b;
	int order = str_cmp_nocase(x->path, y->path);

	return order != 0 ? order : compare_places(x, y);
}

static void
ensure_sorted(struct column_names *n, struct arena *a)
{
	size_t count = n->schema->count;

	if (n->sorted != NULL)
		return;
	n->sorted = ARENA_NEW(a, const struct schema_field *, count + 1);
	for (size_t i = 0; i < count; i++)
		n->sorted[i] = &n->schema->fields[i];
	qsort(n->sorted, count, sizeof(*n->sorted),
	    n->case_sensitive ? by_name : by_name_nocase);
}

struct column_name
column_names_find(struct column_names *n, struct arena *a, struct str name)
{
	int (*compare)(struct str, struct str) =
	    n->case_sensitive ? str_cmp : str_cmp_nocase;
	size_t count = n->schema->count, from = 0, to = count;
	struct column_name found = { NULL, NULL };

	ensure_sorted(n, a);
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (compare(n->sorted[middle]->path, name) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from < count && compare(n->sorted[from]->path, name) == 0)
		found.first = n->sorted[from];
	if (found.first != NULL && from + 1 < count &&
	    compare(n->sorted[from + 1]->path, name) == 0)
		found.second = n->sorted[from + 1];
	return found;
}
