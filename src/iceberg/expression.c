/* expression.c - expressions made of expressions, and their JSON. */
#include "iceberg/expression.h"

#include "iceberg/expression_reader.h"

const struct expression *
expression_constant(bool value)
{
	static const struct expression constants[] = {
		{ .kind = EXPRESSION_TRUE },
		{ .kind = EXPRESSION_FALSE },
	};

	return &constants[value ? 0 : 1];
}

static const struct expression *
join(struct arena *a, enum expression_kind kind, const struct expression *left,
    const struct expression *right)
{
	struct expression *both = ARENA_NEW(a, struct expression, 1);

	both->kind = kind;
	both->left = left;
	both->right = right;
	return both;
}

const struct expression *
expression_and(struct arena *a, const struct expression *left,
    const struct expression *right)
{
	if (left->kind == EXPRESSION_FALSE || right->kind == EXPRESSION_TRUE)
		return left;
	if (right->kind == EXPRESSION_FALSE || left->kind == EXPRESSION_TRUE)
		return right;
	return join(a, EXPRESSION_AND, left, right);
}

const struct expression *
expression_or(struct arena *a, const struct expression *left,
    const struct expression *right)
{
	if (left->kind == EXPRESSION_TRUE || right->kind == EXPRESSION_FALSE)
		return left;
	if (right->kind == EXPRESSION_TRUE || left->kind == EXPRESSION_FALSE)
		return right;
	return join(a, EXPRESSION_OR, left, right);
}

/* ---- JSON */

static void
add_member(struct buf *b, const char *name)
{
	buf_printf(b, ",\"%s\":", name);
}

/* "bucket[16]" is a function of two arguments. */
static void
write_apply(struct buf *b, const struct term *term)
{
	struct str name = term->transform.text;
	struct str function = str_cut(&name, '[');

	buf_add(b, STR("{\"type\":\"apply\",\"function\":"));
	buf_add_json(b, function);
	buf_add(b, STR(",\"arguments\":["));
	if (term->transform.width != 0)
		buf_printf(b, "%d,", term->transform.width);
	buf_add(b, STR("{\"type\":\"reference\",\"name\":"));
	buf_add_json(b, term->field->path);
	buf_add(b, STR("}]}"));
}

static void
write_term(struct buf *b, const struct term *term, bool deprecated)
{
	bool plain = term->transform.kind == TRANSFORM_IDENTITY;

	if (!plain && !deprecated) {
		write_apply(b, term);
		return;
	}
	if (!plain) {
		buf_add(b, STR("{\"type\":\"transform\",\"transform\":"));
		buf_add_json(b, term->transform.text);
		buf_add(b, STR(",\"term\":"));
	} else if (!deprecated) {
		buf_add(b, STR("{\"type\":\"reference\",\"name\":"));
	}
	buf_add_json(b, term->field->path);
	if (!plain || !deprecated)
		buf_add_char(b, '}');
}

static void
write_predicate(struct buf *b, const struct expression *e)
{
	bool set = e->kind == EXPRESSION_IN || e->kind == EXPRESSION_NOT_IN;
	bool compares = e->count != 0 && !set;

	add_member(b, e->deprecated ? "term" : compares ? "left" : "child");
	write_term(b, &e->term, e->deprecated);
	if (compares) {
		add_member(b, e->deprecated ? "value" : "right");
		literal_write(b, e->values);
		return;
	}
	if (!set)
		return;
	add_member(b, "values");
	for (size_t i = 0; i < e->count; i++) {
		buf_add_char(b, i == 0 ? '[' : ',');
		literal_write(b, &e->values[i]);
	}
	buf_add_char(b, ']');
}

static void
write_other(struct buf *b, const struct expression *e)
{
	bool not = e->kind == EXPRESSION_NOT_OTHER;

	if (not )
		buf_add(b, STR("{\"type\":\"not\",\"child\":"));
	buf_add(b, json_text(b->arena, e->json));
	if (not )
		buf_add_char(b, '}');
}

void
expression_write(struct buf *b, const struct expression *e)
{
	switch ((int)e->kind) {
	case EXPRESSION_TRUE:
		buf_add(b, STR("true"));
		return;
	case EXPRESSION_FALSE:
		buf_add(b, STR("false"));
		return;
	case EXPRESSION_OTHER:
	case EXPRESSION_NOT_OTHER:
		write_other(b, e);
		return;
	default:
		break;
	}
	buf_printf(b, "{\"type\":\"%s\"", expression_name(e->kind));
	if (e->kind == EXPRESSION_AND || e->kind == EXPRESSION_OR) {
		add_member(b, "left");
		expression_write(b, e->left);
		add_member(b, "right");
		expression_write(b, e->right);
	} else {
		write_predicate(b, e);
	}
	buf_add_char(b, '}');
}
