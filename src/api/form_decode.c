/*
 * form_decode.c - decodes JSON, or url-encoded pairs, into the struct of a
 * form.
 *
 * Each function reads the value at one place and recurses as forms do; forms
 * are finite, so the stack is bounded whatever the body holds.
 */
#include "api/form.h"

#include <assert.h>
#include <stdlib.h>

#include "api/form_reader.h"
#include "base/did_you_mean.h"
#include "base/list.h"
#include "http/request.h"

#define FIELDS_MAX 64 /* bits of the masks below */

static enum err read_object(const struct reader *, const struct place *,
    const struct form *, yyjson_val *, void *ret);

/* ---- lists and maps */
static enum err
read_texts(const struct reader *r, const struct place *up, yyjson_val *v,
    struct form_texts *ret)
{
	struct place p = { .up = up };
	yyjson_arr_iter elements;

	if (!yyjson_is_arr(v))
		return misfit(r, up, STR("expected an array of strings"));

	struct str *at = ARENA_NEW(r->arena, struct str, yyjson_arr_size(v));

	(void)yyjson_arr_iter_init(v, &elements);
	while (yyjson_arr_iter_has_next(&elements)) {
		TRY(read_text(
		    r, &p, yyjson_arr_iter_next(&elements), &at[p.index]));
		p.index++;
	}
	*ret = (struct form_texts){ at, p.index };
	return OK;
}

static enum err
read_paths(const struct reader *r, const struct place *up, yyjson_val *v,
    struct form_paths *ret)
{
	struct place p = { .up = up };
	yyjson_arr_iter elements;

	if (!yyjson_is_arr(v))
		return misfit(r, up, STR("expected an array of arrays"));

	struct form_texts *at =
	    ARENA_NEW(r->arena, struct form_texts, yyjson_arr_size(v));

	(void)yyjson_arr_iter_init(v, &elements);
	while (yyjson_arr_iter_has_next(&elements)) {
		TRY(read_texts(
		    r, &p, yyjson_arr_iter_next(&elements), &at[p.index]));
		p.index++;
	}
	*ret = (struct form_paths){ at, p.index };
	return OK;
}

static int
by_name(const void *a, const void *b)
{
	const struct pair *left = a, *right = b;

	return str_cmp(left->name, right->name);
}

/* Sorted, because a body has room for a million of them. */
static enum err
refuse_twins(const struct reader *r, const struct place *up, struct pairs pairs)
{
	struct pair *sorted = ARENA_NEW(r->arena, struct pair, pairs.count);

	if (pairs.count == 0)
		return OK;
	memcpy(sorted, pairs.at, pairs.count * sizeof(*sorted));
	qsort(sorted, pairs.count, sizeof(*sorted), by_name);
	for (size_t i = 1; i < pairs.count; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0)
			return misfit(r,
			    &(struct place){ up, sorted[i].name, 0 },
			    STR("given twice"));
	return OK;
}

static enum err
read_pairs(const struct reader *r, const struct place *up, yyjson_val *v,
    struct pairs *ret)
{
	struct place p = { .up = up };
	yyjson_obj_iter members;
	yyjson_val *name;

	if (!yyjson_is_obj(v))
		return misfit(r, up, STR("expected an object of strings"));

	struct pairs pairs = {
		ARENA_NEW(r->arena, struct pair, yyjson_obj_size(v)), 0
	};

	(void)yyjson_obj_iter_init(v, &members);
	while ((name = yyjson_obj_iter_next(&members)) != NULL) {
		struct pair *pair = &pairs.at[pairs.count++];

		p.name = pair->name = json_str(name);
		TRY(read_text(
		    r, &p, yyjson_obj_iter_get_val(name), &pair->value));
	}
	*ret = pairs;
	return refuse_twins(r, up, pairs);
}

/* Grown as they prove right: `[{},{},..` must not be given structs at once. */
static enum err
read_list(const struct reader *r, const struct place *up,
    const struct form *form, yyjson_val *v, struct form_list *ret)
{
	struct place p = { .up = up };
	size_t room = 0;
	yyjson_arr_iter elements;

	if (!yyjson_is_arr(v))
		return misfit(r, up, STR("expected an array of objects"));

	/* also for an empty one: NULL is a list that was not given */
	char *at = list_grow(r->arena, NULL, form->size, 0, 1, &room);

	(void)yyjson_arr_iter_init(v, &elements);
	for (; yyjson_arr_iter_has_next(&elements); p.index++) {
		at = list_reserve(r->arena, at, form->size, p.index, 1, &room);
		TRY(read_object(r, &p, form, yyjson_arr_iter_next(&elements),
		    at + p.index * form->size));
	}
	*ret = (struct form_list){ at, p.index };
	return OK;
}

static enum err
read_json(const struct reader *r, const struct place *p, unsigned flags,
    yyjson_val *v, const yyjson_val **ret)
{
	if ((flags & FORM_JSON_ARRAY) != 0 && !yyjson_is_arr(v))
		return misfit(r, p, STR("expected an array"));
	if ((flags & FORM_JSON_OBJECT) != 0 && !yyjson_is_obj(v))
		return misfit(r, p, STR("expected an object"));
	*ret = v;
	return OK;
}

static enum err
read_typed(const struct reader *r, const struct place *p,
    const struct form_field *f, yyjson_val *v, void *ret)
{
	switch (f->type) {
	case FORM_TEXT:
	case FORM_SECRET:
		return read_text(r, p, v, ret);
	case FORM_INT:
		return read_int(r, p, v, ret);
	case FORM_BOOL:
		return read_bool(r, p, v, ret);
	case FORM_ID:
		return read_id(r, p, v, ret);
	case FORM_TIME:
		return read_time(r, p, v, ret);
	case FORM_CHOICE:
		return read_choice(r, p, f->choices, v, ret);
	case FORM_TEXTS:
		return read_texts(r, p, v, ret);
	case FORM_PATHS:
		return read_paths(r, p, v, ret);
	case FORM_PAIRS:
		return read_pairs(r, p, v, ret);
	case FORM_JSON:
		return read_json(r, p, f->flags, v, ret);
	case FORM_OBJECT:
		return read_object(r, p, f->form, v, ret);
	case FORM_LIST:
		return read_list(r, p, f->form, v, ret);
	case FORM_RAW: /* of answers only: field_named() finds none */
		break;
	}
	return OK;
}

static enum err
read_value(const struct reader *r, const struct place *p,
    const struct form_field *f, yyjson_val *v, void *ret)
{
	TRY(read_typed(r, p, f, v, ret));
	if ((f->flags & FORM_NOT_EMPTY) != 0 && yyjson_get_len(v) == 0)
		return misfit(r, p, STR("must not be empty"));
	if ((f->flags & FORM_REQUIRED) != 0 && f->type == FORM_ID &&
	    id_is_nil(*(const struct id *)ret))
		return misfit(r, p, STR("must not be the nil UUID"));
	return OK;
}

/* ---- objects */
static void *
member_of(void *object, const struct form_field *f)
{
	return (char *)object + f->offset;
}

static void
set_absent(const struct form *form, void *ret)
{
	memset(ret, 0, form->size);
	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		void *member = member_of(ret, f);

		if (f->type == FORM_INT || f->type == FORM_TIME)
			*(int64_t *)member = FORM_NO_INT;
		else if (f->type == FORM_BOOL)
			*(enum form_bool *)member = FORM_UNSET;
		else if (f->type == FORM_CHOICE)
			*(int *)member = -1;
		else if (f->type == FORM_OBJECT)
			set_absent(f->form, member);
	}
}

static const struct form_field *
field_named(const struct form *form, struct str name)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++) {
		if (f->type == FORM_RAW)
			continue;
		if (str_eq(name, str_from(f->name)) ||
		    (f->alias != NULL && str_eq(name, str_from(f->alias))))
			return f;
	}
	return NULL;
}

static uint64_t
bit_of(const struct form *form, const struct form_field *f)
{
	assert(f - form->fields < FIELDS_MAX);
	return (uint64_t)1 << (f - form->fields);
}

static enum err
unknown(const struct reader *r, const struct place *p, const struct form *form)
{
	struct did_you_mean near = did_you_mean(p->name);

	for (const struct form_field *f = form->fields; f->name != NULL; f++)
		if (f->type != FORM_RAW)
			did_you_mean_offer(&near, f->name);
	if (near.best == NULL)
		return misfit(r, p, STR("unknown member"));
	return misfit(r, p,
	    arena_printf(
		r->arena, "unknown member, did you mean \"%s\"?", near.best));
}

/* The member's field, marked in `seen`; NULL for one to ignore. */
static enum err
find_field(const struct reader *r, const struct place *p,
    const struct form *form, uint64_t *seen, const struct form_field **ret)
{
	*ret = field_named(form, p->name);
	if (*ret == NULL)
		return form->strict ? unknown(r, p, form) : OK;
	if ((*seen & bit_of(form, *ret)) != 0)
		return misfit(r, p, STR("given twice"));
	*seen |= bit_of(form, *ret);
	return OK;
}

static enum err
refuse_missing(const struct reader *r, const struct place *up,
    const struct form *form, uint64_t present)
{
	for (const struct form_field *f = form->fields; f->name != NULL; f++)
		if ((f->flags & FORM_REQUIRED) != 0 &&
		    (present & bit_of(form, f)) == 0)
			return misfit(r,
			    &(struct place){ up, str_from(f->name), 0 },
			    STR("missing"));
	return OK;
}

static enum err
read_object(const struct reader *r, const struct place *up,
    const struct form *form, yyjson_val *v, void *ret)
{
	struct place p = { .up = up };
	uint64_t seen = 0, present = 0;
	const struct form_field *f = NULL;
	yyjson_obj_iter members;
	yyjson_val *name;

	if (!yyjson_is_obj(v))
		return misfit(r, up, STR("expected an object"));
	TRY(arena_check(r->arena, r->error));
	set_absent(form, ret);
	(void)yyjson_obj_iter_init(v, &members);
	while ((name = yyjson_obj_iter_next(&members)) != NULL) {
		yyjson_val *value = yyjson_obj_iter_get_val(name);

		p.name = json_str(name);
		TRY(find_field(r, &p, form, &seen, &f));
		if (f == NULL || yyjson_is_null(value))
			continue;
		TRY(read_value(r, &p, f, value, member_of(ret, f)));
		present |= bit_of(form, f);
	}
	return refuse_missing(r, up, form, present);
}

static struct reader
reader_of(const struct form *form, struct arena *a, struct error *e)
{
	return (struct reader){ a, e,
		form->strict ? ERR_UNPROCESSABLE : ERR_BAD_REQUEST };
}

/* JSON has U+0000 only as an escape; most bodies hold none. */
static bool
may_hold_nul(struct str body)
{
	return memmem(body.ptr, body.len, "\\u0000", 6) != NULL;
}

enum err
form_decode_json(const struct form *form, struct arena *a, struct str body,
    void *ret, yyjson_val **ret_json, struct error *e)
{
	struct reader r = reader_of(form, a, e);
	yyjson_val *root = NULL;

	TRY(json_parse(a, body, &root, e));
	if (may_hold_nul(body))
		TRY(refuse_nul(&r, NULL, root));
	TRY(read_object(&r, NULL, form, root, ret));
	*ret_json = root;
	return OK;
}

enum err
form_decode(const struct form *form, struct arena *a, struct str body,
    void *ret, struct error *e)
{
	yyjson_val *json;

	return form_decode_json(form, a, body, ret, &json, e);
}

/* ---- application/x-www-form-urlencoded */
static enum err
read_pair(const struct reader *r, const struct form *form, struct str pair,
    uint64_t *seen, uint64_t *present, void *ret)
{
	struct place p = { .up = NULL };
	struct str encoded = pair, value = { 0 };
	const struct form_field *f = NULL;

	TRY(request_decode(r->arena, str_cut(&encoded, '='), "parameter name",
	    &p.name, r->error));
	TRY(find_field(r, &p, form, seen, &f));
	if (f == NULL || encoded.len == 0)
		return OK;
	assert(f->type == FORM_TEXT || f->type == FORM_SECRET);
	TRY(request_decode(r->arena, encoded, f->name, &value, r->error));
	if (has_nul(value))
		return misfit(r, &p, STR("U+0000 in a string"));
	*(struct str *)member_of(ret, f) = value;
	*present |= bit_of(form, f);
	return OK;
}

enum err
form_decode_pairs(const struct form *form, struct arena *a, struct str body,
    void *ret, struct error *e)
{
	struct reader r = reader_of(form, a, e);
	uint64_t seen = 0, present = 0;

	set_absent(form, ret);
	while (body.len != 0) {
		struct str pair = str_cut(&body, '&');

		if (pair.len != 0)
			TRY(read_pair(&r, form, pair, &seen, &present, ret));
	}
	return refuse_missing(&r, NULL, form, present);
}
