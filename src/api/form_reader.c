/* form_reader.c - errors with JSON pointers, and simple values. */
#include "api/form_reader.h"

#include "base/clock.h"

/* RFC 6901, 3: '~' and '/' in a name are written ~0 and ~1. */
static void
add_escaped(struct buf *b, struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == '~')
			buf_add(b, STR("~0"));
		else if (name.ptr[i] == '/')
			buf_add(b, STR("~1"));
		else
			buf_add_char(b, name.ptr[i]);
	}
}

static void
add_pointer(struct buf *b, const struct place *p)
{
	if (p->up != NULL)
		add_pointer(b, p->up);
	buf_add_char(b, '/');
	if (p->name.ptr != NULL)
		add_escaped(b, p->name);
	else
		buf_add_int(b, (int64_t)p->index);
}

enum err
misfit(const struct reader *r, const struct place *p, struct str what)
{
	struct buf message = buf_in(r->arena);

	if (p != NULL)
		add_pointer(&message, p);
	else
		buf_add(&message, STR("Body"));
	buf_add(&message, STR(": "));
	buf_add(&message, what);
	return fail(r->error, r->misfit, STR_FMT, STR_ARG(buf_str(&message)));
}

bool
has_nul(struct str s)
{
	return s.len != 0 && memchr(s.ptr, '\0', s.len) != NULL;
}

enum err
refuse_nul(const struct reader *r, const struct place *up, yyjson_val *v)
{
	struct place p = { .up = up };
	yyjson_obj_iter members;
	yyjson_arr_iter elements;
	yyjson_val *next;

	if (has_nul(json_str(v)))
		return misfit(r, up, STR("U+0000 in a string"));
	(void)yyjson_obj_iter_init(v, &members);
	while ((next = yyjson_obj_iter_next(&members)) != NULL) {
		p.name = json_str(next);
		if (has_nul(p.name))
			return misfit(r, up, STR("U+0000 in a name"));
		TRY(refuse_nul(r, &p, yyjson_obj_iter_get_val(next)));
	}
	(void)yyjson_arr_iter_init(v, &elements);
	while ((next = yyjson_arr_iter_next(&elements)) != NULL) {
		TRY(refuse_nul(r, &p, next));
		p.index++;
	}
	return OK;
}

enum err
read_text(const struct reader *r, const struct place *p, yyjson_val *v,
    struct str *ret)
{
	if (!yyjson_is_str(v))
		return misfit(r, p, STR("expected a string"));
	if (yyjson_get_len(v) > JSON_TEXT_MAX)
		return misfit(r, p,
		    arena_printf(
			r->arena, "longer than %d bytes", JSON_TEXT_MAX));
	*ret = json_str(v);
	return OK;
}

enum err
read_int(
    const struct reader *r, const struct place *p, yyjson_val *v, int64_t *ret)
{
	if (!yyjson_is_int(v))
		return misfit(r, p, STR("expected an integer of 64 bits"));
	/* FORM_NO_INT itself cannot be told from an absent one */
	if ((yyjson_is_uint(v) && yyjson_get_uint(v) > INT64_MAX) ||
	    yyjson_get_sint(v) == FORM_NO_INT)
		return misfit(r, p, STR("out of range"));
	*ret = yyjson_get_sint(v);
	return OK;
}

enum err
read_bool(const struct reader *r, const struct place *p, yyjson_val *v,
    enum form_bool *ret)
{
	if (!yyjson_is_bool(v))
		return misfit(r, p, STR("expected true or false"));
	*ret = yyjson_get_bool(v) ? FORM_TRUE : FORM_FALSE;
	return OK;
}

enum err
read_id(const struct reader *r, const struct place *p, yyjson_val *v,
    struct id *ret)
{
	if (!id_parse(json_str(v), ret))
		return misfit(r, p, STR("expected a UUID"));
	return OK;
}

enum err
read_time(
    const struct reader *r, const struct place *p, yyjson_val *v, int64_t *ret)
{
	if (!clock_parse(json_str(v), ret))
		return misfit(r, p,
		    STR("expected a time as in \"2026-11-01T10:00:00Z\""));
	return OK;
}

enum err
read_choice(const struct reader *r, const struct place *p,
    const char *const *choices, yyjson_val *v, int *ret)
{
	struct buf expected = buf_in(r->arena);

	buf_add(&expected, STR("expected one of "));
	for (int i = 0; choices[i] != NULL; i++) {
		if (yyjson_equals_str(v, choices[i])) {
			*ret = i;
			return OK;
		}
		buf_printf(
		    &expected, i == 0 ? "\"%s\"" : ", \"%s\"", choices[i]);
	}
	return misfit(r, p, buf_str(&expected));
}
