/*
 * toml.c - the structure of a TOML document: lines, keys, tables, arrays.
 *
 * A key path is followed while it is read.  What a step may enter, and what
 * may be defined at its end, depends on the form of the table found there
 * (TOML, "Keys", "Table", "Inline Table", "Array of Tables").
 */
#include "config/toml.h"

#include "config/toml_text.h"

/* One part of a key: a.b has two. */
struct part {
	struct str name;
	size_t pos;
};

struct toml_node *
toml_find(const struct toml_node *table, struct str key)
{
	for (struct toml_node *n = table->first; n != NULL; n = n->next)
		if (str_eq(n->key, key))
			return n;
	return NULL;
}

const char *
toml_kind_name(enum toml_kind kind)
{
	static const char *const names[] = { [TOML_TABLE] = "a table",
		[TOML_ARRAY] = "an array",
		[TOML_STRING] = "a string",
		[TOML_INTEGER] = "an integer",
		[TOML_FLOAT] = "a float",
		[TOML_BOOL] = "a boolean",
		[TOML_DATE_TIME] = "a date and time",
		[TOML_LOCAL_DATE_TIME] = "a date and time",
		[TOML_LOCAL_DATE] = "a date",
		[TOML_LOCAL_TIME] = "a time" };

	return names[kind];
}

static struct toml_node *
append(struct toml_text *t, struct toml_node *parent)
{
	struct toml_node *n = ARENA_NEW(t->arena, struct toml_node, 1);

	n->depth = parent->depth + 1;
	if (parent->last != NULL)
		parent->last->next = n;
	else
		parent->first = n;
	parent->last = n;
	parent->count++;
	return n;
}

static struct toml_node *
append_member(
    struct toml_text *t, struct toml_node *table, const struct part *part)
{
	struct toml_node *n = append(t, table);

	n->key = part->name;
	n->key_at = n->at = toml_place_of(t, part->pos);
	return n;
}

/* Make `n` a table or array: what else would nest. */
static enum err
make_nest(struct toml_text *t, size_t pos, struct toml_node *n,
    enum toml_kind kind, enum toml_form form)
{
	if (n->depth > TOML_DEPTH_MAX)
		return toml_fail(
		    t, pos, "nested deeper than %d", TOML_DEPTH_MAX);
	n->kind = kind;
	n->form = form;
	return OK;
}

/* ---- keys */

static bool
is_bare(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

static enum err
read_part(struct toml_text *t, struct part *ret)
{
	size_t begin = t->pos;

	ret->pos = begin;
	if (toml_peek(t, 0) == '"' || toml_peek(t, 0) == '\'')
		return toml_read_quoted(t, &ret->name);
	while (is_bare(toml_peek(t, 0)))
		t->pos++;
	if (t->pos == begin)
		return toml_expected(t, "a key");
	ret->name = arena_copy(
	    t->arena, (struct str){ t->text.ptr + begin, t->pos - begin });
	return OK;
}

static enum err
refuse_redefinition(
    struct toml_text *t, const struct part *part, const struct toml_node *n)
{
	return toml_fail(t, part->pos, STR_FMT " is already %s, of line %u",
	    part->name.len < 64 ? (int)part->name.len : 64, part->name.ptr,
	    toml_kind_name(n->kind), n->at.line);
}

/*
 * Step into the table `part` of `*table`, which is made if it is not there.
 * `form` says who steps: a header (TOML_IMPLIED) may pass through whatever
 * headers and dotted keys made; a dotted key (TOML_DOTTED) only through what
 * no header has defined, and defines it.
 */
static enum err
enter(struct toml_text *t, const struct part *part, enum toml_form form,
    struct toml_node **table)
{
	struct toml_node *n = toml_find(*table, part->name);

	if (n == NULL) {
		*table = append_member(t, *table, part);
		return make_nest(t, part->pos, *table, TOML_TABLE, form);
	}
	if (n->kind == TOML_ARRAY && n->form == TOML_REPEATED &&
	    form == TOML_IMPLIED)
		n = n->last;
	if (n->kind != TOML_TABLE || n->form == TOML_CLOSED ||
	    (form == TOML_DOTTED && n->form == TOML_HEADED))
		return refuse_redefinition(t, part, n);
	if (form == TOML_DOTTED)
		n->form = TOML_DOTTED;
	*table = n;
	return OK;
}

/* a.b.c: enters a and b; `ret` is c. */
static enum err
read_path(struct toml_text *t, enum toml_form form, struct toml_node **table,
    struct part *ret)
{
	for (;;) {
		toml_skip_blanks(t);
		TRY(read_part(t, ret));
		toml_skip_blanks(t);
		if (!toml_take(t, STR(".")))
			return OK;
		TRY(enter(t, ret, form, table));
	}
}

/* key = value */
static enum err
read_pair(struct toml_text *t, struct toml_node *table)
{
	struct part part = { 0 };

	TRY(read_path(t, TOML_DOTTED, &table, &part));
	if (!toml_take(t, STR("=")))
		return toml_expected(t, "'=' after the key");

	struct toml_node *n = toml_find(table, part.name);

	if (n != NULL)
		return refuse_redefinition(t, &part, n);
	toml_skip_blanks(t);
	return toml_read_value(t, append_member(t, table, &part));
}

/* ---- values */

static enum err
read_array(struct toml_text *t, struct toml_node *array)
{
	for (;;) {
		toml_skip_lines(t);
		if (toml_take(t, STR("]")))
			return OK;
		TRY(toml_read_value(t, append(t, array)));
		toml_skip_lines(t);
		if (toml_take(t, STR("]")))
			return OK;
		if (!toml_take(t, STR(",")))
			return toml_expected(t, "',' or ']' in the array");
	}
}

/* On one line, and without a comma behind the last pair. */
static enum err
read_inline_table(struct toml_text *t, struct toml_node *table)
{
	toml_skip_blanks(t);
	if (toml_take(t, STR("}")))
		return OK;
	for (;;) {
		TRY(read_pair(t, table));
		toml_skip_blanks(t);
		if (toml_take(t, STR("}")))
			return OK;
		if (!toml_take(t, STR(",")))
			return toml_expected(
			    t, "',' or '}' in the inline table");
	}
}

enum err
toml_read_value(struct toml_text *t, struct toml_node *ret)
{
	size_t begin = t->pos;

	ret->at = toml_place_of(t, begin);
	switch (toml_peek(t, 0)) {
	case '"':
	case '\'':
		ret->kind = TOML_STRING;
		return toml_read_string(t, &ret->text);
	case '[':
		TRY(make_nest(t, begin, ret, TOML_ARRAY, TOML_CLOSED));
		t->pos++;
		return read_array(t, ret);
	case '{':
		TRY(make_nest(t, begin, ret, TOML_TABLE, TOML_CLOSED));
		t->pos++;
		return read_inline_table(t, ret);
	default:
		return toml_read_scalar(t, ret);
	}
}

/* ---- headers */

/* [a.b]: b must be new, or known only because of what is inside it. */
static enum err
define_table(
    struct toml_text *t, const struct part *part, struct toml_node **table)
{
	struct toml_node *n = toml_find(*table, part->name);

	if (n == NULL) {
		*table = append_member(t, *table, part);
		return make_nest(t, part->pos, *table, TOML_TABLE, TOML_HEADED);
	}
	if (n->kind != TOML_TABLE || n->form != TOML_IMPLIED)
		return refuse_redefinition(t, part, n);
	n->form = TOML_HEADED;
	*table = n;
	return OK;
}

/* [[a.b]]: one more element of b. */
static enum err
define_element(
    struct toml_text *t, const struct part *part, struct toml_node **table)
{
	struct toml_node *n = toml_find(*table, part->name);

	if (n == NULL) {
		n = append_member(t, *table, part);
		TRY(make_nest(t, part->pos, n, TOML_ARRAY, TOML_REPEATED));
	}
	if (n->kind != TOML_ARRAY || n->form != TOML_REPEATED)
		return refuse_redefinition(t, part, n);
	*table = append(t, n);
	(*table)->at = toml_place_of(t, part->pos);
	return make_nest(t, part->pos, *table, TOML_TABLE, TOML_HEADED);
}

/* [a] or [[a]]; `ret` is the table that the following pairs go to. */
static enum err
read_header(struct toml_text *t, struct toml_node *root, struct toml_node **ret)
{
	bool element = toml_take(t, STR("[["));
	struct toml_node *table = root;
	struct part part = { 0 };

	if (!element)
		t->pos++;
	TRY(read_path(t, TOML_IMPLIED, &table, &part));
	if (!toml_take(t, element ? STR("]]") : STR("]")))
		return toml_expected(t,
		    element ? "']]' behind the name" : "']' behind the name");
	if (element)
		TRY(define_element(t, &part, &table));
	else
		TRY(define_table(t, &part, &table));
	*ret = table;
	return OK;
}

/* ---- the document */

static enum err
read_end_of_line(struct toml_text *t)
{
	toml_skip_blanks(t);
	if (t->pos < t->text.len && toml_peek(t, 0) != '#' &&
	    !toml_take_newline(t))
		return toml_expected(t, "the end of the line");
	return OK;
}

static enum err
read_document(struct toml_text *t, struct toml_node *root)
{
	struct toml_node *table = root;

	for (;;) {
		toml_skip_lines(t);
		if (t->pos >= t->text.len)
			return OK;
		if (toml_peek(t, 0) == '[')
			TRY(read_header(t, root, &table));
		else
			TRY(read_pair(t, table));
		TRY(read_end_of_line(t));
	}
}

enum err
toml_parse(struct arena *a, struct str name, struct str text,
    struct toml_node **ret, struct error *e)
{
	struct toml_text t = {
		.arena = a, .name = name, .text = text, .error = e
	};
	struct toml_node *root = ARENA_NEW(a, struct toml_node, 1);

	root->kind = TOML_TABLE;
	root->form = TOML_HEADED;
	TRY(toml_check_characters(&t));
	TRY(read_document(&t, root));
	*ret = root;
	return OK;
}
