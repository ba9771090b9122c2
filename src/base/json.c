#include "base/json.h"

#include "base/buf.h"

/* yyjson's allocator: every block carries its size, so that it can grow. */
struct sized {
	size_t size;
	size_t unused_; /* keeps what follows aligned to 16 */
};

static void *
sized(struct sized *s, size_t size)
{
	if (s == NULL)
		return NULL;
	s->size = size;
	return s + 1;
}

static void *
json_malloc(void *arena, size_t size)
{
	return sized(
	    arena_grow(arena, NULL, 0, sizeof(struct sized) + size), size);
}

static void *
json_realloc(void *arena, void *p, size_t old, size_t size)
{
	struct sized *s = (struct sized *)p - 1;

	(void)old;
	return sized(
	    arena_grow(arena, s, sizeof(*s) + s->size, sizeof(*s) + size),
	    size);
}

static void
json_free(void *arena, void *p)
{
	struct sized *s = (struct sized *)p - 1;

	arena_release(arena, s, sizeof(*s) + s->size);
}

/* Of documents, whose values are added without looking. */
static yyjson_alc
allocator(struct arena *a)
{
	return (yyjson_alc){ json_malloc, json_realloc, json_free, a };
}

static void *
try_malloc(void *arena, size_t size)
{
	return sized(arena_try(arena, sizeof(struct sized) + size), size);
}

static void *
try_realloc(void *arena, void *p, size_t old, size_t size)
{
	const struct sized *s = (struct sized *)p - 1;

	if (size > s->size && !arena_fits(arena, size - s->size))
		return NULL;
	return json_realloc(arena, p, old, size);
}

/* Of reading and writing, which take much at once and end at the ceiling. */
static yyjson_alc
strict_allocator(struct arena *a)
{
	return (yyjson_alc){ try_malloc, try_realloc, json_free, a };
}

/* The shape of a text, which is looked at before it is read. */
struct shape {
	bool too_deep;    /* yyjson reads any depth; our code recurses */
	bool odd_numbers; /* there are fractions, exponents, or "-0" */
};

static bool
is_odd(struct str text, size_t i)
{
	char next = '\0';

	if (i + 1 < text.len)
		next = text.ptr[i + 1];
	switch (text.ptr[i]) {
	case '.':
	case 'E':
		return true;
	case 'e': /* not of "true" */
		return next == '-' || next == '+' ||
		       (next >= '0' && next <= '9');
	case '-':
		return next == '0';
	default:
		return false;
	}
}

static struct shape
shape_of(struct str text)
{
	struct shape shape = { 0 };
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len && !shape.too_deep; i++) {
		char c = text.ptr[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			shape.too_deep = ++depth > JSON_DEPTH_MAX;
		} else if ((c == '}' || c == ']') && depth != 0) {
			depth--;
		} else if (is_odd(text, i)) {
			shape.odd_numbers = true;
		}
	}
	return shape;
}

static enum err
syntax_error(struct str text, const yyjson_read_err *err, struct error *e)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < err->pos && i < text.len; i++) {
		column++;
		if (text.ptr[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return fail(e, ERR_BAD_REQUEST,
	    "Malformed JSON at line %zu column %zu: %s", line, column,
	    err->msg);
}

static enum err
read_text(struct arena *a, struct str text, bool exact, yyjson_doc **ret,
    struct error *e)
{
	struct shape shape = shape_of(text);
	yyjson_alc alc = strict_allocator(a);
	yyjson_read_err err;

	if (text.len == 0)
		return fail(e, ERR_BAD_REQUEST, "Malformed JSON: empty");
	if (shape.too_deep)
		return fail(e, ERR_BAD_REQUEST,
		    "Malformed JSON: nested deeper than %d", JSON_DEPTH_MAX);

	/* without YYJSON_READ_INSITU the text is only read */
	*ret = yyjson_read_opts((char *)(uintptr_t)text.ptr, text.len,
	    exact && shape.odd_numbers ? YYJSON_READ_NUMBER_AS_RAW
				       : YYJSON_READ_BIGNUM_AS_RAW,
	    &alc, &err);
	if (*ret == NULL && err.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return arena_check(a, e);
	return *ret != NULL ? OK : syntax_error(text, &err, e);
}

enum err
json_parse(struct arena *a, struct str text, yyjson_val **ret, struct error *e)
{
	yyjson_doc *doc = NULL;

	TRY(read_text(a, text, false, &doc, e));
	*ret = yyjson_doc_get_root(doc);
	return OK;
}

/* A raw number becomes one, if it is written in the same way then. */
static void
settle_number(struct arena *a, yyjson_val *v)
{
	struct str raw = { yyjson_get_raw(v), yyjson_get_len(v) };
	yyjson_val number = { 0 };

	if (raw.ptr == NULL ||
	    yyjson_read_number(raw.ptr, &number, YYJSON_READ_BIGNUM_AS_RAW,
		NULL, NULL) != raw.ptr + raw.len)
		return;

	struct arena_mark mark = arena_mark(a);

	if (str_eq(json_text(a, &number), raw))
		*v = number;
	arena_cut(a, mark); /* a text has room for millions of them */
}

static enum err
read_exact(struct arena *a, struct str text, yyjson_doc **ret, struct error *e)
{
	TRY(read_text(a, text, true, ret, e));

	yyjson_val *root = yyjson_doc_get_root(*ret);

	/* the values of a document stand one behind the other; of a text
	 * without odd ones none is raw but what fits no number */
	for (size_t i = 0; i < yyjson_doc_get_val_count(*ret); i++)
		settle_number(a, &root[i]);
	return OK;
}

enum err
json_parse_copy(struct arena *a, struct str text, yyjson_mut_doc *to,
    yyjson_mut_val **ret, struct error *e)
{
	yyjson_doc *doc = NULL;

	TRY(read_exact(a, text, &doc, e));
	/* a copy takes its values at once, and its texts */
	if (!arena_fits(
		a, yyjson_doc_get_val_count(doc) * sizeof(yyjson_mut_val) +
		       text.len))
		return arena_check(a, e);
	*ret = yyjson_val_mut_copy(to, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
	return OK;
}

yyjson_mut_doc *
json_new(struct arena *a)
{
	yyjson_alc alc = allocator(a);

	return yyjson_mut_doc_new(&alc);
}

struct str
json_text(struct arena *a, const yyjson_val *v)
{
	yyjson_alc alc = strict_allocator(a);
	size_t len = 0;
	char *text = yyjson_val_write_opts(v, 0, &alc, &len, NULL);

	return (struct str){ text, len };
}

struct str
json_mut_text(struct arena *a, const yyjson_mut_val *v)
{
	yyjson_alc alc = strict_allocator(a);
	size_t len = 0;
	char *text = yyjson_mut_val_write_opts(v, 0, &alc, &len, NULL);

	return (struct str){ text, len };
}

struct str
json_str(const yyjson_val *v)
{
	if (!yyjson_is_str((yyjson_val *)(uintptr_t)v))
		return (struct str){ 0 };
	return (struct str){ unsafe_yyjson_get_str((void *)(uintptr_t)v),
		unsafe_yyjson_get_len((void *)(uintptr_t)v) };
}

struct str
json_mut_str(const yyjson_mut_val *v)
{
	if (!yyjson_mut_is_str((yyjson_mut_val *)(uintptr_t)v))
		return (struct str){ 0 };
	return (struct str){ unsafe_yyjson_get_str((void *)(uintptr_t)v),
		unsafe_yyjson_get_len((void *)(uintptr_t)v) };
}

yyjson_val *
json_member(const yyjson_val *v, struct str key)
{
	return yyjson_obj_getn((yyjson_val *)(uintptr_t)v, key.ptr, key.len);
}

yyjson_mut_val *
json_of(yyjson_mut_doc *doc, struct str s)
{
	return yyjson_mut_strn(doc, s.ptr != NULL ? s.ptr : "", s.len);
}

struct str
json_of_pairs(struct arena *a, struct pairs pairs)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, '{');
	for (size_t i = 0; i < pairs.count; i++) {
		if (i != 0)
			buf_add_char(&b, ',');
		buf_add_json(&b, pairs.at[i].name);
		buf_add_char(&b, ':');
		buf_add_json(&b, pairs.at[i].value);
	}
	buf_add_char(&b, '}');
	return buf_str(&b);
}

enum err
json_to_pairs(
    struct arena *a, struct str text, struct pairs *ret, struct error *e)
{
	yyjson_val *root = NULL, *key, *value;
	size_t i, max;

	TRY(json_parse(a, text, &root, e));
	*ret = (struct pairs){ ARENA_NEW(a, struct pair, yyjson_get_len(root)),
		0 };
	yyjson_obj_foreach(root, i, max, key, value) ret->at[ret->count++] =
	    (struct pair){ json_str(key), json_str(value) };
	return OK;
}

bool
pairs_eq(struct pairs a, struct pairs b)
{
	bool eq = a.count == b.count;

	for (size_t i = 0; i < a.count && eq; i++)
		eq = str_eq(a.at[i].name, b.at[i].name) &&
		     str_eq(a.at[i].value, b.at[i].value);
	return eq;
}

struct str
pairs_find(struct pairs pairs, struct str name)
{
	for (size_t i = 0; i < pairs.count; i++)
		if (str_eq(pairs.at[i].name, name))
			return pairs.at[i].value;
	return (struct str){ 0 };
}
