/* answer_print.h - prints answers of a server: tables, lines, or JSON. */
#ifndef PANGOLIN_ANSWER_PRINT_H
#define PANGOLIN_ANSWER_PRINT_H

#include <stdio.h>

#include "api/form.h"

/* "name: value", a line for each member; what is no object is JSON. */
void answer_print(FILE *, struct arena *, yyjson_val *);

/* As it was answered, but indented. */
void answer_print_json(FILE *, yyjson_val *);

/* The columns of a list and their widths: those of its first page. */
#define COLUMNS_MAX 32
struct columns {
	const struct form_field *at[COLUMNS_MAX];
	size_t width[COLUMNS_MAX];
	size_t count;
};

/* Prints a page of a list; the first, of `io` without columns, with a head. */
void answer_print_page(FILE *, struct arena *, const struct form *,
    yyjson_val *page, struct columns *io);

#endif
