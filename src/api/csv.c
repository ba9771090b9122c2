#include "api/csv.h"

#include <assert.h>

#include "base/clock.h"

static bool
is_formula(struct str text)
{
	return text.len != 0 && memchr("=+-@\t\r", text.ptr[0], 6) != NULL;
}

static void
add_text(struct buf *b, struct str text)
{
	if (text.ptr == NULL)
		return;
	buf_add_char(b, '"');
	if (is_formula(text))
		buf_add_char(b, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_add_char(b, '"');
		buf_add_char(b, text.ptr[i]);
	}
	buf_add_char(b, '"');
}

static void
add_number(struct buf *b, enum form_type type, int64_t number)
{
	char text[CLOCK_TEXT];

	if (number == FORM_NO_INT)
		return;
	if (type == FORM_INT) {
		buf_add_int(b, number);
		return;
	}
	clock_format(number, text);
	buf_add(b, str_from(text));
}

static void
add_id(struct buf *b, struct id id)
{
	char text[ID_TEXT];

	if (id_is_nil(id))
		return;
	id_format(id, text);
	buf_add(b, str_from(text));
}

static void
add_cell(struct buf *b, enum form_type type, const void *member)
{
	if (type == FORM_TEXT || type == FORM_RAW)
		add_text(b, *(const struct str *)member);
	else if (type == FORM_INT || type == FORM_TIME)
		add_number(b, type, *(const int64_t *)member);
	else if (type == FORM_ID)
		add_id(b, *(const struct id *)member);
	else
		assert(false);
}

static void
end_cell(struct buf *b, const struct form_field *f)
{
	buf_add(b, f[1].name != NULL ? STR(",") : STR("\r\n"));
}

void
csv_add_names(struct buf *b, const struct form *form)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		buf_add(b, str_from(f->name));
		end_cell(b, f);
	}
}

void
csv_add_line(struct buf *b, const struct form *form, const void *from)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		add_cell(b, f->type, (const char *)from + f->offset);
		end_cell(b, f);
	}
}
