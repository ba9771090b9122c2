#include "client/answer_print.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "client/printable.h"

/* A string as it is, anything else as JSON; nothing for null. */
static struct str
text_of(struct arena *a, yyjson_val *v)
{
	if (v == NULL || yyjson_is_null(v))
		return STR("");
	return printable(a, yyjson_is_str(v) ? json_str(v) : json_text(a, v));
}

void
answer_print(FILE *f, struct arena *a, yyjson_val *v)
{
	yyjson_val *key, *value;
	size_t i, max, width = 0;

	if (!yyjson_is_obj(v)) {
		struct str text = text_of(a, v);

		(void)fprintf(f, STR_FMT "\n", STR_ARG(text));
		return;
	}
	yyjson_obj_foreach(v, i, max, key, value)
	{
		size_t n = printable_width(text_of(a, key));

		width = n > width ? n : width;
	}
	yyjson_obj_foreach(v, i, max, key, value)
	{
		struct str name = text_of(a, key), text = text_of(a, value);

		(void)fprintf(f, STR_FMT ":%*s" STR_FMT "\n", STR_ARG(name),
		    (int)(width - printable_width(name)) + 1, "",
		    STR_ARG(text));
	}
}

/* A terminal is shown no character beside ASCII that could command it. */
void
answer_print_json(FILE *f, yyjson_val *v)
{
	yyjson_write_flag flags = YYJSON_WRITE_PRETTY_TWO_SPACES;
	size_t len = 0;
	char *text;

	if (isatty(fileno(f)) == 1)
		flags |= YYJSON_WRITE_ESCAPE_UNICODE;
	text = yyjson_val_write(v, flags, &len);
	if (text != NULL)
		(void)fprintf(f, "%.*s\n", (int)len, text);
	free(text);
}

/* ---- lists */
static bool
is_column(const struct form_field *f)
{
	return f->type == FORM_TEXT || f->type == FORM_INT ||
	       f->type == FORM_BOOL || f->type == FORM_ID ||
	       f->type == FORM_TIME || f->type == FORM_CHOICE ||
	       f->type == FORM_TEXTS;
}

static struct str
cell(struct arena *a, yyjson_val *row, const struct form_field *f)
{
	return text_of(a, json_member(row, str_from(f->name)));
}

/* The widest value; 0: no row of the page has one. */
static size_t
width_of(struct arena *a, yyjson_val *page, const struct form_field *f)
{
	yyjson_val *row;
	size_t i, max, width = 0;

	yyjson_arr_foreach(page, i, max, row)
	{
		size_t n = printable_width(cell(a, row, f));

		width = n > width ? n : width;
	}
	return width;
}

static void
choose_columns(struct arena *a, const struct form *form, yyjson_val *page,
    struct columns *io)
{
	for (const struct form_field *f = form->fields;
	     f->name != NULL && io->count < COLUMNS_MAX; f++) {
		size_t width = is_column(f) ? width_of(a, page, f) : 0;

		if (width == 0)
			continue;
		if (width < strlen(f->name))
			width = strlen(f->name);
		io->at[io->count] = f;
		io->width[io->count++] = width;
	}
}

static void
print_cell(FILE *f, struct str text, size_t width, bool is_last)
{
	size_t n = printable_width(text);

	(void)fprintf(f, STR_FMT, STR_ARG(text));
	if (!is_last)
		(void)fprintf(
		    f, "%*s", (int)(n < width ? width - n : 0) + 2, "");
	else
		(void)fputc('\n', f);
}

static void
print_head(FILE *f, struct arena *a, const struct columns *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct str name = str_from(c->at[i]->name);
		struct buf b = buf_in(a);

		for (size_t k = 0; k < name.len; k++)
			buf_add_char(
			    &b, (char)toupper((unsigned char)name.ptr[k]));
		print_cell(f, buf_str(&b), c->width[i], i + 1 == c->count);
	}
}

void
answer_print_page(FILE *f, struct arena *a, const struct form *form,
    yyjson_val *page, struct columns *io)
{
	yyjson_val *row;
	size_t i, max;

	if (io->count == 0) {
		choose_columns(a, form, page, io);
		print_head(f, a, io);
	}
	yyjson_arr_foreach(page, i, max, row) for (size_t k = 0; k < io->count;
						   k++) print_cell(f,
	    cell(a, row, io->at[k]), io->width[k], k + 1 == io->count);
}
