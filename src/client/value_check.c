#include "client/value_check.h"

static bool
is_among(const char *const *choices, const char *text)
{
	while (*choices != NULL && strcmp(*choices, text) != 0)
		choices++;
	return *choices != NULL;
}

static const char *
one_of(struct arena *a, const char *const *choices)
{
	struct buf b = buf_in(a);

	buf_add(&b, STR("is one of"));
	for (; *choices != NULL; choices++)
		buf_printf(&b, " %s", *choices);
	return arena_cstr(a, buf_str(&b));
}

const char *
value_check(struct arena *a, const struct argument *g, const char *text)
{
	static const char *const booleans[] = { "true", "false", NULL };
	const char *const *choices =
	    g->type == FORM_BOOL ? booleans : g->choices;
	int64_t number;

	if (!str_is_utf8(str_from(text)))
		return "is not UTF-8";
	if (choices != NULL && !is_among(choices, text))
		return one_of(a, choices);
	if (g->type == FORM_INT && !str_to_int(str_from(text), &number))
		return "is a number";
	if (g->place == ARGUMENT_PATH && *text == '\0')
		return "is empty";
	return NULL;
}
