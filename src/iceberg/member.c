/*
 * member.c - typed members of JSON objects.
 *
 * yyjson's mutable API takes no const pointers even where it only reads;
 * `plain` is the one place that takes the qualifier off.
 */
#include "iceberg/member.h"

#include <stdlib.h>

static yyjson_mut_val *
plain(const yyjson_mut_val *v)
{
	return (yyjson_mut_val *)(uintptr_t)v;
}

static const char *
kind_name(enum member_kind kind)
{
	static const char *const names[] = {
		[MEMBER_ANY] = "a value",
		[MEMBER_BOOL] = "a boolean",
		[MEMBER_INT] = "a 32-bit integer",
		[MEMBER_LONG] = "a 64-bit integer",
		[MEMBER_STRING] = "a string",
		[MEMBER_OBJECT] = "an object",
		[MEMBER_ARRAY] = "an array",
	};

	return names[kind];
}

int64_t
member_number(const yyjson_mut_val *v)
{
	return yyjson_mut_get_sint(plain(v));
}

static bool
is_long(const yyjson_mut_val *v)
{
	if (yyjson_mut_is_uint(plain(v)))
		return yyjson_mut_get_uint(plain(v)) <= INT64_MAX;
	return yyjson_mut_is_sint(plain(v));
}

bool
member_is(const yyjson_mut_val *v, enum member_kind kind)
{
	switch (kind) {
	case MEMBER_ANY:
		return v != NULL && !yyjson_mut_is_null(plain(v));
	case MEMBER_BOOL:
		return yyjson_mut_is_bool(plain(v));
	case MEMBER_INT:
		return is_long(v) && member_number(v) >= INT32_MIN &&
		       member_number(v) <= INT32_MAX;
	case MEMBER_LONG:
		return is_long(v);
	case MEMBER_STRING:
		return yyjson_mut_is_str(plain(v));
	case MEMBER_OBJECT:
		return yyjson_mut_is_obj(plain(v));
	case MEMBER_ARRAY:
		return yyjson_mut_is_arr(plain(v));
	}
	return false;
}

yyjson_mut_val *
member_find(const yyjson_mut_val *object, const char *name)
{
	yyjson_mut_val *v = yyjson_mut_obj_get(plain(object), name);

	return member_is(v, MEMBER_ANY) ? v : NULL;
}

enum err
member_optional(const yyjson_mut_val *object, const char *name,
    enum member_kind kind, yyjson_mut_val **ret, struct error *e)
{
	yyjson_mut_val *v = member_find(object, name);

	if (v != NULL && !member_is(v, kind))
		return fail(e, ERR_BAD_REQUEST, "Field '%s' must be %s", name,
		    kind_name(kind));
	*ret = v;
	return OK;
}

enum err
member_check_id(const yyjson_mut_val *object, const char *name, struct error *e)
{
	yyjson_mut_val *given;

	return member_optional(object, name, MEMBER_INT, &given, e);
}

enum err
member_get(const yyjson_mut_val *object, const char *name,
    enum member_kind kind, yyjson_mut_val **ret, struct error *e)
{
	TRY(member_optional(object, name, kind, ret, e));
	if (*ret == NULL)
		return fail(
		    e, ERR_BAD_REQUEST, "Missing required field '%s'", name);
	return OK;
}

enum err
member_int(const yyjson_mut_val *object, const char *name, int32_t *ret,
    struct error *e)
{
	yyjson_mut_val *v = NULL;

	TRY(member_get(object, name, MEMBER_INT, &v, e));
	*ret = (int32_t)member_number(v);
	return OK;
}

enum err
member_long(const yyjson_mut_val *object, const char *name, int64_t *ret,
    struct error *e)
{
	yyjson_mut_val *v = NULL;

	TRY(member_get(object, name, MEMBER_LONG, &v, e));
	*ret = member_number(v);
	return OK;
}

enum err
member_long_or(const yyjson_mut_val *object, const char *name, int64_t absent,
    int64_t *ret, struct error *e)
{
	yyjson_mut_val *v = NULL;

	TRY(member_optional(object, name, MEMBER_LONG, &v, e));
	*ret = v != NULL ? member_number(v) : absent;
	return OK;
}

enum err
member_string(const yyjson_mut_val *object, const char *name, struct str *ret,
    struct error *e)
{
	yyjson_mut_val *v = NULL;

	TRY(member_get(object, name, MEMBER_STRING, &v, e));
	*ret = json_mut_str(v);
	return OK;
}

enum err
member_strings_only(
    const yyjson_mut_val *object, const char *name, struct error *e)
{
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(plain(object));
	yyjson_mut_val *key;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		if (!yyjson_mut_is_str(key->next))
			return fail(e, ERR_BAD_REQUEST,
			    "Field '%s." STR_FMT "' must be a string", name,
			    STR_ARG(json_mut_str(key)));
	return OK;
}

enum err
member_within(enum err code, const char *where, struct error *e)
{
	if (code != ERR_BAD_REQUEST)
		return code;

	struct error inner = *e;

	return fail(e, code, inner.message[0] == '/' ? "%s%s" : "%s: %s", where,
	    inner.message);
}

static int
by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

struct str
member_duplicate(struct str *names, size_t count)
{
	if (count > 1)
		qsort(names, count, sizeof(*names), by_bytes);
	for (size_t i = 1; i < count; i++)
		if (str_eq(names[i - 1], names[i]))
			return names[i];
	return (struct str){ 0 };
}

static enum err
own_names_unique(struct arena *a, const yyjson_mut_val *object, struct error *e)
{
	size_t count = 0, room = yyjson_mut_obj_size(plain(object));
	struct str *names = ARENA_NEW(a, struct str, room);
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(plain(object));
	yyjson_mut_val *key;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		names[count++] = json_mut_str(key);

	struct str twice = member_duplicate(names, count);

	if (twice.ptr != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Field '" STR_FMT "' appears twice", STR_ARG(twice));
	return OK;
}

/* Recursion is bounded by JSON_DEPTH_MAX. */
enum err
member_names_unique(struct arena *a, const yyjson_mut_val *v, struct error *e)
{
	if (yyjson_mut_is_obj(plain(v))) {
		yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(plain(v));
		yyjson_mut_val *key;

		TRY(own_names_unique(a, v, e));
		while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
			TRY(member_names_unique(a, key->next, e));
	} else if (yyjson_mut_is_arr(plain(v))) {
		yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(plain(v));
		yyjson_mut_val *item;

		while ((item = yyjson_mut_arr_iter_next(&it)) != NULL)
			TRY(member_names_unique(a, item, e));
	}
	return OK;
}

static int
by_key(const void *a, const void *b)
{
	yyjson_mut_val *const *x = a, *const *y = b;

	return str_cmp(json_mut_str(*x), json_mut_str(*y));
}

/* The keys of an object, sorted. */
static yyjson_mut_val **
sorted_keys(struct arena *a, const yyjson_mut_val *object)
{
	size_t count = 0, room = yyjson_mut_obj_size(plain(object));
	yyjson_mut_val **keys = ARENA_NEW(a, yyjson_mut_val *, room);
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(plain(object));
	yyjson_mut_val *key;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		keys[count++] = key;
	if (count > 1)
		qsort(keys, count, sizeof(*keys), by_key);
	return keys;
}

/* yyjson looks for each member of the one in the other, from its start. */
static bool
objects_equal(struct arena *a, const yyjson_mut_val *x, const yyjson_mut_val *y)
{
	size_t count = yyjson_mut_obj_size(plain(x));
	yyjson_mut_val **left, **right;
	bool equal = count == yyjson_mut_obj_size(plain(y));

	if (!equal)
		return false;
	left = sorted_keys(a, x);
	right = sorted_keys(a, y);
	for (size_t i = 0; i < count && equal; i++)
		equal = by_key(&left[i], &right[i]) == 0 &&
			member_equal(a, left[i]->next, right[i]->next);
	return equal;
}

static bool
arrays_equal(struct arena *a, const yyjson_mut_val *x, const yyjson_mut_val *y)
{
	yyjson_mut_arr_iter left = yyjson_mut_arr_iter_with(plain(x));
	yyjson_mut_arr_iter right = yyjson_mut_arr_iter_with(plain(y));
	bool equal =
	    yyjson_mut_arr_size(plain(x)) == yyjson_mut_arr_size(plain(y));
	yyjson_mut_val *one;

	while (equal && (one = yyjson_mut_arr_iter_next(&left)) != NULL)
		equal = member_equal(a, one, yyjson_mut_arr_iter_next(&right));
	return equal;
}

/* Recursion is bounded by JSON_DEPTH_MAX. */
bool
member_equal(struct arena *a, const yyjson_mut_val *x, const yyjson_mut_val *y)
{
	if (member_is(x, MEMBER_OBJECT) && member_is(y, MEMBER_OBJECT))
		return objects_equal(a, x, y);
	if (member_is(x, MEMBER_ARRAY) && member_is(y, MEMBER_ARRAY))
		return arrays_equal(a, x, y);
	return yyjson_mut_equals(plain(x), plain(y));
}

/* Takes out what does not count; how many are left. */
static size_t
keys_but(yyjson_mut_val **io_keys, size_t count, const char *const *names)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++) {
		bool counts = !yyjson_mut_is_null(io_keys[i]->next);

		for (size_t k = 0; names[k] != NULL && counts; k++)
			counts = !str_eq(
			    json_mut_str(io_keys[i]), str_from(names[k]));
		if (counts)
			io_keys[left++] = io_keys[i];
	}
	return left;
}

bool
member_equal_but(struct arena *a, const yyjson_mut_val *x,
    const yyjson_mut_val *y, const char *const *names)
{
	yyjson_mut_val **left = sorted_keys(a, x), **right = sorted_keys(a, y);
	size_t count = keys_but(left, yyjson_mut_obj_size(plain(x)), names);
	bool equal =
	    count == keys_but(right, yyjson_mut_obj_size(plain(y)), names);

	for (size_t i = 0; i < count && equal; i++)
		equal = by_key(&left[i], &right[i]) == 0 &&
			member_equal(a, left[i]->next, right[i]->next);
	return equal;
}

void
member_put(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name,
    yyjson_mut_val *value)
{
	yyjson_mut_obj_put(object, yyjson_mut_str(doc, name), value);
}

void
member_put_number(
    yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, int64_t n)
{
	member_put(doc, object, name, yyjson_mut_sint(doc, n));
}

void
member_put_string(
    yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, struct str s)
{
	member_put(doc, object, name, json_of(doc, s));
}
