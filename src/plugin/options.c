#include "plugin/options.h"

#include "base/nearest.h"

static size_t
row_count(const struct plugin *p)
{
	size_t n = 0;

	while (p->options[n].name != NULL)
		n++;
	return n;
}

static enum err
refuse(const struct plugin *p, const struct option *given, struct error *e)
{
	struct nearest nearest = nearest_to(given->name);

	for (const struct plugin_option *o = p->options; o->name != NULL; o++)
		nearest_offer(&nearest, o->name);
	if (nearest.best == NULL)
		return fail(e, ERR_VALIDATION,
		    STR_FMT ": plugin %s has no option \"" STR_FMT "\"",
		    STR_ARG(given->where), p->name, STR_ARG(given->name));
	return fail(e, ERR_VALIDATION,
	    STR_FMT ": plugin %s has no option \"" STR_FMT
		    "\"; did you mean \"%s\"?",
	    STR_ARG(given->where), p->name, STR_ARG(given->name), nearest.best);
}

enum err
plugin_options(struct arena *a, const struct plugin *p,
    const struct options *given, const struct str **ret, struct error *e)
{
	size_t count = row_count(p);
	struct str *value = ARENA_NEW(a, struct str, count + 1);

	for (size_t i = 0; i < given->count; i++) {
		size_t row = 0;

		while (row < count && !str_eq(str_from(p->options[row].name),
					  given->at[i].name))
			row++;
		if (row == count)
			return refuse(p, &given->at[i], e);
		value[row] = given->at[i].value;
	}
	for (size_t row = 0; row < count; row++) {
		if (value[row].ptr != NULL)
			continue;
		if (p->options[row].fallback == NULL)
			return fail(e, ERR_VALIDATION,
			    "plugin %s needs the option \"%s\"", p->name,
			    p->options[row].name);
		value[row] = str_from(p->options[row].fallback);
	}
	*ret = value;
	return OK;
}
