/* form_encode.c - encodes the struct of a form as JSON. */
#include "api/form.h"

#include "base/clock.h"

static const void *
member_of(const void *object, const struct form_field *f)
{
	return (const char *)object + f->offset;
}

/* ---- what is absent */
static bool object_is_absent(const struct form *, const void *from);

static bool
is_absent(const struct form_field *f, const void *member)
{
	switch (f->type) {
	case FORM_TEXT:
	case FORM_SECRET:
	case FORM_RAW:
		return ((const struct str *)member)->ptr == NULL;
	case FORM_INT:
	case FORM_TIME:
		return *(const int64_t *)member == FORM_NO_INT;
	case FORM_BOOL:
		return *(const enum form_bool *)member == FORM_UNSET;
	case FORM_ID:
		return id_is_nil(*(const struct id *)member);
	case FORM_CHOICE:
		return *(const int *)member == -1;
	case FORM_TEXTS:
		return ((const struct form_texts *)member)->at == NULL;
	case FORM_PATHS:
		return ((const struct form_paths *)member)->at == NULL;
	case FORM_PAIRS:
		return ((const struct pairs *)member)->at == NULL;
	case FORM_JSON:
		return *(const yyjson_val *const *)member == NULL;
	case FORM_OBJECT:
		return object_is_absent(f->form, member);
	case FORM_LIST:
		return ((const struct form_list *)member)->at == NULL;
	}
	return true;
}

static bool
object_is_absent(const struct form *form, const void *from)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++)
		if (!is_absent(f, member_of(from, f)))
			return false;
	return true;
}

/* ---- values */
static void
add_quoted(struct buf *b, const char *text)
{
	buf_add_char(b, '"');
	buf_add(b, str_from(text));
	buf_add_char(b, '"');
}

static void
add_id(struct buf *b, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	add_quoted(b, text);
}

static void
add_time(struct buf *b, int64_t utc_us)
{
	char text[CLOCK_TEXT];

	clock_format(utc_us, text);
	add_quoted(b, text);
}

static void
add_texts(struct buf *b, struct form_texts texts)
{
	buf_add_char(b, '[');
	for (size_t i = 0; i < texts.count; i++) {
		if (i != 0)
			buf_add_char(b, ',');
		buf_add_json(b, texts.at[i]);
	}
	buf_add_char(b, ']');
}

static void
add_paths(struct buf *b, struct form_paths paths)
{
	buf_add_char(b, '[');
	for (size_t i = 0; i < paths.count; i++) {
		if (i != 0)
			buf_add_char(b, ',');
		add_texts(b, paths.at[i]);
	}
	buf_add_char(b, ']');
}

static void
add_value(struct buf *b, const struct form_field *f, const void *member)
{
	const struct form_list *list;

	switch (f->type) {
	case FORM_TEXT:
	case FORM_SECRET:
		buf_add_json(b, *(const struct str *)member);
		break;
	case FORM_INT:
		buf_add_int(b, *(const int64_t *)member);
		break;
	case FORM_BOOL:
		buf_add(b, *(const enum form_bool *)member == FORM_TRUE
			       ? STR("true")
			       : STR("false"));
		break;
	case FORM_ID:
		add_id(b, *(const struct id *)member);
		break;
	case FORM_TIME:
		add_time(b, *(const int64_t *)member);
		break;
	case FORM_CHOICE:
		add_quoted(b, f->choices[*(const int *)member]);
		break;
	case FORM_TEXTS:
		add_texts(b, *(const struct form_texts *)member);
		break;
	case FORM_PATHS:
		add_paths(b, *(const struct form_paths *)member);
		break;
	case FORM_PAIRS:
		buf_add(
		    b, json_of_pairs(b->arena, *(const struct pairs *)member));
		break;
	case FORM_JSON:
		buf_add(
		    b, json_text(b->arena, *(const yyjson_val *const *)member));
		break;
	case FORM_RAW:
		buf_add(b, *(const struct str *)member);
		break;
	case FORM_OBJECT:
		form_encode(f->form, member, b);
		break;
	case FORM_LIST:
		list = member;
		form_encode_list(f->form, list->at, list->count, b);
		break;
	}
}

/* Clients may count on a required list or map to be one. */
static struct str
text_of_absent(const struct form_field *f)
{
	if ((f->flags & FORM_REQUIRED) == 0)
		return STR("null");
	if (f->type == FORM_PAIRS)
		return STR("{}");
	if (f->type == FORM_TEXTS || f->type == FORM_PATHS ||
	    f->type == FORM_LIST)
		return STR("[]");
	return STR("null");
}

void
form_encode(const struct form *form, const void *from, struct buf *b)
{
	const char *before = "{";

	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		const void *member = member_of(from, f);
		bool absent = is_absent(f, member);

		if (absent && (f->flags & FORM_OMITTED) != 0)
			continue;
		buf_add(b, str_from(before));
		add_quoted(b, f->name);
		buf_add_char(b, ':');
		if (absent)
			buf_add(b, text_of_absent(f));
		else
			add_value(b, f, member);
		before = ",";
	}
	buf_add(b, *before == '{' ? STR("{}") : STR("}"));
}

void
form_encode_list(
    const struct form *form, const void *from, size_t count, struct buf *b)
{
	buf_add_char(b, '[');
	for (size_t i = 0; i < count; i++) {
		if (i != 0)
			buf_add_char(b, ',');
		form_encode(form, (const char *)from + i * form->size, b);
	}
	buf_add_char(b, ']');
}
