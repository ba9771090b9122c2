#include "client/arguments.h"

#include <ctype.h>

static size_t
count_fields(const struct form *f)
{
	size_t count = 0;

	for (const struct form_field *i = f->fields; i->name != NULL; i++)
		count += i->type == FORM_OBJECT ? count_fields(i->form) : 1;
	return count;
}

static size_t
count_all(const struct route *r)
{
	size_t count = 0;

	for (const char *p = r->path; *p != '\0'; p++)
		count += *p == '{';
	for (const struct route_argument *q = r->query;
	     q != NULL && q->name != NULL; q++)
		count++;
	return count + (r->body != NULL ? count_fields(r->body) : 0);
}

/* "--warehouse-name" of "warehouse_name", "--page-token" of "pageToken". */
static struct str
flag_of(struct arena *a, const struct form_field *inside, const char *name)
{
	struct str text =
	    arena_printf(a, "--%s%s%s", inside != NULL ? inside->name : "",
		inside != NULL ? "-" : "", name);
	struct buf b = buf_in(a);

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (isupper((unsigned char)c))
			buf_add_char(&b, '-');
		buf_add_char(
		    &b, c == '_' ? '-' : (char)tolower((unsigned char)c));
	}
	return buf_str(&b);
}

static void
add_path(struct arguments *to, const struct route *r)
{
	struct str rest = str_from(r->path);

	while (rest.ptr != NULL) {
		struct str s = str_cut(&rest, '/');

		if (str_starts_with(s, STR("{")))
			to->at[to->count++] = (struct argument){ .flag = s,
				.name = { s.ptr + 1, s.len - 2 },
				.type = FORM_TEXT,
				.operand = true,
				.required = true,
				.help = "Of the path." };
	}
}

static enum form_type
type_of(const char *word)
{
	return strcmp(word, "integer") == 0   ? FORM_INT
	       : strcmp(word, "boolean") == 0 ? FORM_BOOL
					      : FORM_TEXT;
}

static void
add_query(struct arena *a, struct arguments *to, const struct route *r)
{
	for (const struct route_argument *q = r->query;
	     q != NULL && q->name != NULL; q++)
		to->at[to->count++] =
		    (struct argument){ .flag = flag_of(a, NULL, q->name),
			    .name = str_from(q->name),
			    .place = ARGUMENT_QUERY,
			    .type = type_of(q->type),
			    .help = q->help };
}

/* The name of what is made is written without its flag. */
static bool
names_it(const struct form_field *f)
{
	return f->type == FORM_TEXT && (f->flags & FORM_REQUIRED) != 0 &&
	       (strcmp(f->name, "name") == 0 ||
		   strcmp(f->name, "username") == 0);
}

static void
add_body(struct arena *a, struct arguments *to, const struct form *form,
    const struct form_field *inside)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		if (f->type == FORM_OBJECT && inside == NULL) {
			add_body(a, to, f->form, f);
			continue;
		}
		to->at[to->count++] =
		    (struct argument){ .flag = flag_of(a, inside, f->name),
			    .name = str_from(f->name),
			    .place = ARGUMENT_BODY,
			    .type = f->type,
			    .operand = inside == NULL && names_it(f),
			    .required = (f->flags & FORM_REQUIRED) != 0 &&
					(inside == NULL ||
					    (inside->flags & FORM_REQUIRED)),
			    .choices = f->choices,
			    .inside = inside,
			    .help = f->help };
	}
}

struct arguments
arguments_of(struct arena *a, const struct route *r)
{
	struct arguments all = { ARENA_NEW(a, struct argument, count_all(r)),
		0 };

	add_path(&all, r);
	if (r->body != NULL)
		add_body(a, &all, r->body, NULL);
	add_query(a, &all, r);
	return all;
}

struct str
argument_title(struct arena *a, const struct argument *g)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < g->name.len; i++)
		buf_add_char(&b, (char)toupper((unsigned char)g->name.ptr[i]));
	return buf_str(&b);
}
