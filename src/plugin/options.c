#include "plugin/options.h"

#include "base/did_you_mean.h"
#include "config/settings_source.h"

#define SECRET_MAX ((size_t)64 * 1024)

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
	struct did_you_mean guess = did_you_mean(given->name);

	for (const struct plugin_option *o = p->options; o->name != NULL; o++)
		did_you_mean_offer(&guess, o->name);
	if (guess.best == NULL)
		return fail(e, ERR_VALIDATION,
		    STR_FMT ": plugin %s has no option \"" STR_FMT "\"",
		    STR_ARG(given->where), p->name, STR_ARG(given->name));
	return fail(e, ERR_VALIDATION,
	    STR_FMT ": plugin %s has no option \"" STR_FMT
		    "\"; did you mean \"%s\"?",
	    STR_ARG(given->where), p->name, STR_ARG(given->name), guess.best);
}

/* NAME, or NAME_file of a secret; the count of rows: neither. */
static size_t
find_row(const struct plugin *p, struct str name, bool *ret_in_file)
{
	bool file = str_ends_with(name, STR("_file"));
	struct str secret = { name.ptr, name.len - (file ? 5 : 0) };
	size_t row = 0;

	*ret_in_file = false;
	for (; p->options[row].name != NULL; row++) {
		const struct plugin_option *o = &p->options[row];

		if (str_eq(str_from(o->name), name))
			break;
		if (file && o->secret && str_eq(str_from(o->name), secret)) {
			*ret_in_file = true;
			break;
		}
	}
	return row;
}

/* The end of the line that an editor leaves is not part of it. */
static enum err
read_secret(struct arena *a, const struct option *given, struct str *ret,
    struct error *e)
{
	struct load l = { .arena = a, .error = e };

	TRY(settings_read_file(
	    &l, given->where, arena_cstr(a, given->value), SECRET_MAX, ret));
	while (str_ends_with(*ret, STR("\n")) || str_ends_with(*ret, STR("\r")))
		ret->len--;
	if (ret->len == 0)
		return fail(e, ERR_VALIDATION,
		    STR_FMT ": the file that \"" STR_FMT "\" names is empty",
		    STR_ARG(given->where), STR_ARG(given->name));
	return OK;
}

enum err
plugin_options(struct arena *a, const struct plugin *p,
    const struct options *given, const struct str **ret, struct error *e)
{
	size_t count = row_count(p);
	struct str *value = ARENA_NEW(a, struct str, count + 1);

	for (size_t i = 0; i < given->count; i++) {
		bool in_file;
		size_t row = find_row(p, given->at[i].name, &in_file);

		if (row == count)
			return refuse(p, &given->at[i], e);
		if (in_file)
			TRY(read_secret(a, &given->at[i], &value[row], e));
		else
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
