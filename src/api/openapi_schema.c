/* openapi_schema.c - the JSON Schema of each type of a form's member. */
#include "api/openapi_schema.h"

#include <assert.h>

void
doc_name(struct buf *b, const char *name)
{
	struct str before = buf_str(b);

	if (before.len != 0 && !str_ends_with(before, STR("{")) &&
	    !str_ends_with(before, STR("[")) &&
	    !str_ends_with(before, STR(":")))
		buf_add_char(b, ',');
	if (name != NULL) {
		buf_add_json(b, str_from(name));
		buf_add_char(b, ':');
	}
}

void
doc_text(struct buf *b, const char *name, const char *value)
{
	doc_name(b, name);
	buf_add_json(b, str_from(value));
}

void
doc_open(struct buf *b, const char *name, char bracket)
{
	doc_name(b, name);
	buf_add_char(b, bracket);
}

void
doc_close(struct buf *b, char bracket)
{
	buf_add_char(b, bracket);
}

void
doc_ref(struct buf *b, const char *kind, const char *name)
{
	doc_name(b, "$ref");
	buf_printf(b, "\"#/components/%s/%s\"", kind, name);
}

void
form_set_add(struct form_set *set, const struct form *form)
{
	if (form == NULL)
		return;
	for (size_t i = 0; i < set->count; i++)
		if (set->at[i] == form)
			return;
	assert(set->count < FORM_SET_MAX);
	set->at[set->count++] = form;
	for (const struct form_field *f = form->fields; f->name != NULL; f++)
		form_set_add(set, f->form);
}

/* ---- members */
static bool
may_be_null(const struct form_field *f)
{
	return (f->flags & (FORM_REQUIRED | FORM_OMITTED)) == 0;
}

static void
add_type(struct buf *b, const struct form_field *f, const char *type)
{
	if (!may_be_null(f)) {
		doc_text(b, "type", type);
		return;
	}
	doc_open(b, "type", '[');
	doc_text(b, NULL, type);
	doc_text(b, NULL, "null");
	doc_close(b, ']');
}

static void
add_string(struct buf *b, const struct form_field *f, const char *format)
{
	add_type(b, f, "string");
	if (format != NULL)
		doc_text(b, "format", format);
	if ((f->flags & FORM_NOT_EMPTY) != 0) {
		doc_name(b, "minLength");
		buf_add_int(b, 1);
	}
}

static void
add_choices(struct buf *b, const struct form_field *f)
{
	add_type(b, f, "string");
	doc_open(b, "enum", '[');
	for (size_t i = 0; f->choices[i] != NULL; i++)
		doc_text(b, NULL, f->choices[i]);
	if (may_be_null(f)) {
		doc_name(b, NULL);
		buf_add(b, STR("null"));
	}
	doc_close(b, ']');
}

static void
add_array(struct buf *b, const struct form_field *f)
{
	add_type(b, f, "array");
	if ((f->flags & FORM_NOT_EMPTY) != 0) {
		doc_name(b, "minItems");
		buf_add_int(b, 1);
	}
	doc_open(b, "items", '{');
	if (f->form != NULL) {
		doc_ref(b, "schemas", f->form->name);
	} else if (f->type == FORM_PATHS) {
		doc_text(b, "type", "array");
		doc_open(b, "items", '{');
		doc_text(b, "type", "string");
		doc_close(b, '}');
	} else {
		doc_text(b, "type", "string");
	}
	doc_close(b, '}');
}

static void
add_pairs(struct buf *b, const struct form_field *f)
{
	add_type(b, f, "object");
	doc_open(b, "additionalProperties", '{');
	doc_text(b, "type", "string");
	doc_close(b, '}');
}

static void
add_object(struct buf *b, const struct form_field *f)
{
	if (!may_be_null(f)) {
		doc_ref(b, "schemas", f->form->name);
		return;
	}
	doc_open(b, "anyOf", '[');
	doc_open(b, NULL, '{');
	doc_ref(b, "schemas", f->form->name);
	doc_close(b, '}');
	doc_open(b, NULL, '{');
	doc_text(b, "type", "null");
	doc_close(b, '}');
	doc_close(b, ']');
}

static void
add_json(struct buf *b, const struct form_field *f)
{
	if ((f->flags & FORM_JSON_ARRAY) != 0)
		add_type(b, f, "array");
	else if ((f->flags & FORM_JSON_OBJECT) != 0)
		add_type(b, f, "object");
}

static void
add_value(struct buf *b, const struct form_field *f)
{
	switch (f->type) {
	case FORM_TEXT:
		add_string(b, f, NULL);
		break;
	case FORM_SECRET:
		add_string(b, f, "password");
		break;
	case FORM_ID:
		add_string(b, f, "uuid");
		break;
	case FORM_TIME:
		add_string(b, f, "date-time");
		break;
	case FORM_INT:
		add_type(b, f, "integer");
		doc_text(b, "format", "int64");
		break;
	case FORM_BOOL:
		add_type(b, f, "boolean");
		break;
	case FORM_CHOICE:
		add_choices(b, f);
		break;
	case FORM_TEXTS:
	case FORM_PATHS:
	case FORM_LIST:
		add_array(b, f);
		break;
	case FORM_PAIRS:
		add_pairs(b, f);
		break;
	case FORM_JSON:
		add_json(b, f);
		break;
	case FORM_RAW: /* whatever a file or plugin says */
		break;
	case FORM_OBJECT:
		add_object(b, f);
		break;
	}
}

static void
add_member(struct buf *b, const struct form_field *f, const char *name)
{
	doc_open(b, name, '{');
	add_value(b, f);
	doc_text(b, "description", f->help);
	if (name != f->name) {
		doc_name(b, "deprecated");
		buf_add(b, STR("true"));
	}
	doc_close(b, '}');
}

/* One that has another spelling may be missing under this one. */
static bool
is_required(const struct form_field *f)
{
	return (f->flags & FORM_REQUIRED) != 0 && f->alias == NULL;
}

static void
add_required(struct buf *b, const struct form *form)
{
	doc_open(b, "required", '[');
	for (const struct form_field *f = form->fields; f->name != NULL; f++)
		if (is_required(f))
			doc_text(b, NULL, f->name);
	doc_close(b, ']');
}

void
schema_of_form(struct buf *b, const struct form *form)
{
	doc_open(b, form->name, '{');
	doc_text(b, "type", "object");
	doc_open(b, "properties", '{');
	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		add_member(b, f, f->name);
		if (f->alias != NULL)
			add_member(b, f, f->alias);
	}
	doc_close(b, '}');
	add_required(b, form);
	if (form->strict) {
		doc_name(b, "additionalProperties");
		buf_add(b, STR("false"));
	}
	doc_close(b, '}');
}
