#include "plan.h"

/* A step of the plan, with the lines below it that say how. */
struct step {
	struct str table; /* empty: it reads no table */
	struct str index; /* empty: by none */
	bool seeks, filters;
};

static struct str
behind(struct str s, const char *word)
{
	const char *at = memmem(s.ptr, s.len, word, strlen(word));

	if (at == NULL)
		return STR("");
	s = str_skip(s, (size_t)(at - s.ptr) + strlen(word));
	return str_cut(&s, ' ');
}

static bool
begins_step(struct str line)
{
	return str_starts_with(line, STR("Seq Scan ")) ||
	       str_starts_with(line, STR("Index Scan ")) ||
	       str_starts_with(line, STR("Index Only Scan "));
}

static struct step
step_of(struct str line)
{
	struct step step = { .table = STR("") };

	if (begins_step(line)) {
		step.table = behind(line, " on ");
		step.index = behind(line, " using ");
	}
	return step;
}

/* The field an index begins with; NULL: it is none of the schema. */
static const char *
first_field(const struct schema *schema, struct str index)
{
	for (uint16_t e = 0; e < schema->count; e++) {
		const struct entity *t = &schema->entities[e];
		struct str name = str_from(t->name);

		if (str_starts_with(index, name) &&
		    str_eq(str_skip(index, name.len), STR("_pkey")))
			return t->fields[0].name;
		for (uint16_t i = 0; i < t->index_count; i++)
			if (str_eq(index, str_from(t->indexes[i].name)))
				return t->fields[t->indexes[i].field[0]].name;
	}
	return NULL;
}

static bool
is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.';
}

/* As a word; behind a dot it is the field of another table. */
static bool
names(struct str condition, const char *field)
{
	size_t len = strlen(field);
	const char *at;

	while ((at = memmem(condition.ptr, condition.len, field, len))) {
		size_t before = (size_t)(at - condition.ptr);
		bool begins = before == 0 || !is_of_name(at[-1]);

		condition = str_skip(condition, before + len);
		if (begins &&
		    (condition.len == 0 || !is_of_name(condition.ptr[0])))
			return true;
	}
	return false;
}

static bool
seeks_by(const struct schema *schema, struct str index, struct str condition)
{
	const char *first = first_field(schema, index);

	return first == NULL || names(condition, first);
}

static bool
is_whole(const struct step *step)
{
	return step->table.len != 0 && !step->seeks && step->filters;
}

struct str
postgres_whole_table(const struct schema *schema, struct str *io_rest)
{
	struct step step = { .table = STR("") };

	while (io_rest->ptr != NULL) {
		struct str next = *io_rest;
		struct str line = str_trim(str_cut(&next, '\n'));
		bool is_step = str_starts_with(line, STR("->"));

		if (is_step)
			line = str_trim(str_skip(line, 2));
		if (is_step || begins_step(line)) {
			if (is_whole(&step))
				return step.table;
			step = step_of(line);
		} else if (str_starts_with(line, STR("Index Cond:"))) {
			step.filters = true;
			step.seeks = seeks_by(schema, step.index, line);
		} else if (str_starts_with(line, STR("Filter:"))) {
			step.filters = true;
		}
		*io_rest = next;
	}
	return is_whole(&step) ? step.table : (struct str){ 0 };
}

int64_t
postgres_plan_rows(struct str plan)
{
	struct str rows = behind(plan, " rows=");
	int64_t n = 0;

	return str_to_int(rows, &n) ? n : 0;
}
