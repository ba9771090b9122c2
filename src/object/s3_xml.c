/* s3_xml.c - a reader of elements by their tags. */
#include "object/s3_xml.h"

static const struct {
	struct str name;
	char c;
} entities[] = {
	{ STR_INIT("&amp;"), '&' },
	{ STR_INIT("&lt;"), '<' },
	{ STR_INIT("&gt;"), '>' },
	{ STR_INIT("&quot;"), '"' },
	{ STR_INIT("&apos;"), '\'' },
};
#define ENTITIES (sizeof(entities) / sizeof(entities[0]))

enum tag_kind { TAG_OPENS, TAG_CLOSES, TAG_BOTH, TAG_NOTHING };

struct tag {
	enum tag_kind kind;
	struct str name;
	const char *begin; /* of its "<" */
};

static bool
malformed(struct str *rest)
{
	*rest = (struct str){ 0 };
	return false;
}

/* Skips until behind `end`. */
static bool
skip_behind(struct str *rest, struct str end)
{
	const char *at = memmem(rest->ptr, rest->len, end.ptr, end.len);

	if (at == NULL)
		return false;
	*rest = str_skip(*rest, (size_t)(at - rest->ptr) + end.len);
	return true;
}

/* The rest of a tag whose "<" is taken: attributes may hold a ">" in quotes. */
static bool
tag_end(struct str *rest, struct str *ret)
{
	char quote = '\0';

	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->ptr[i];

		if (quote != '\0') {
			if (c == quote)
				quote = '\0';
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '<') {
			return false;
		} else if (c == '>') {
			*ret = (struct str){ rest->ptr, i };
			*rest = str_skip(*rest, i + 1);
			return true;
		}
	}
	return false;
}

static bool
ends_a_name(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '/';
}

static struct str
name_of(struct str text)
{
	size_t n = 0;

	while (n < text.len && !ends_a_name(text.ptr[n]))
		n++;
	return (struct str){ text.ptr, n };
}

/* False: there is no tag any more, or it is malformed. */
static bool
next_tag(struct str *rest, struct tag *ret)
{
	const char *at =
	    rest->len != 0 ? memchr(rest->ptr, '<', rest->len) : NULL;
	struct str text;

	if (at == NULL) {
		*rest = str_skip(*rest, rest->len);
		return false;
	}
	*rest = str_skip(*rest, (size_t)(at - rest->ptr) + 1);
	*ret = (struct tag){ .kind = TAG_NOTHING, .begin = at };
	if (str_starts_with(*rest, STR("?")))
		return skip_behind(rest, STR("?>")) || malformed(rest);
	if (str_starts_with(*rest, STR("!--")))
		return skip_behind(rest, STR("-->")) || malformed(rest);
	if (!tag_end(rest, &text) || text.len == 0 || *text.ptr == '!')
		return malformed(rest);
	ret->kind = *text.ptr == '/'                ? TAG_CLOSES
		    : str_ends_with(text, STR("/")) ? TAG_BOTH
						    : TAG_OPENS;
	ret->name = name_of(ret->kind == TAG_CLOSES ? str_skip(text, 1) : text);
	return ret->name.len != 0 || malformed(rest);
}

bool
xml_next(struct str *rest, struct xml_element *ret)
{
	const char *inside = NULL;
	size_t depth = 0;
	struct tag tag;

	while (next_tag(rest, &tag)) {
		if (tag.kind == TAG_OPENS && depth++ == 0) {
			ret->name = tag.name;
			inside = rest->ptr;
		} else if (tag.kind == TAG_BOTH && depth == 0) {
			*ret = (struct xml_element){ tag.name, STR("") };
			return true;
		} else if (tag.kind == TAG_CLOSES && depth-- <= 1) {
			if (inside == NULL || !str_eq(tag.name, ret->name))
				return malformed(rest);
			ret->inside = (struct str){ inside,
				(size_t)(tag.begin - inside) };
			return true;
		}
	}
	return depth != 0 ? malformed(rest) : false;
}

struct str
xml_find(struct str inside, struct str name)
{
	struct xml_element e;

	while (xml_next(&inside, &e))
		if (str_eq(e.name, name))
			return e.inside;
	return (struct str){ 0 };
}

/* ---- text */
static void
add_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_add_char(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_add_char(b, (char)(0xC0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_add_char(b, (char)(0xE0 | c >> 12));
		} else {
			buf_add_char(b, (char)(0xF0 | c >> 18));
			buf_add_char(b, (char)(0x80 | (c >> 12 & 0x3F)));
		}
		buf_add_char(b, (char)(0x80 | (c >> 6 & 0x3F)));
	}
	buf_add_char(b, (char)(0x80 | (c & 0x3F)));
}

/* "&#65;" or "&#x41;", of which the "&#" is taken. */
static bool
add_number(struct buf *b, struct str *rest)
{
	unsigned base = str_starts_with(*rest, STR("x")) ? 16 : 10, c = 0;
	size_t n = base == 16 ? 1 : 0, first = n;

	for (; n < rest->len && rest->ptr[n] != ';'; n++) {
		int digit = str_hex_digit(rest->ptr[n]);

		if (digit < 0 || (unsigned)digit >= base || c > 0x10FFFF)
			return false;
		c = c * base + (unsigned)digit;
	}
	if (n == first || n == rest->len || c == 0 || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return false;
	add_utf8(b, c);
	*rest = str_skip(*rest, n + 1);
	return true;
}

static bool
add_entity(struct buf *b, struct str *rest)
{
	if (str_starts_with(*rest, STR("&#"))) {
		*rest = str_skip(*rest, 2);
		return add_number(b, rest);
	}
	for (size_t i = 0; i < ENTITIES; i++) {
		if (!str_starts_with(*rest, entities[i].name))
			continue;
		buf_add_char(b, entities[i].c);
		*rest = str_skip(*rest, entities[i].name.len);
		return true;
	}
	return false;
}

struct str
xml_text(struct arena *a, struct str inside)
{
	struct buf b = buf_in(a);
	struct str rest = inside;

	while (rest.len != 0) {
		if (*rest.ptr == '<')
			return (struct str){ 0 };
		if (*rest.ptr != '&') {
			buf_add_char(&b, *rest.ptr);
			rest = str_skip(rest, 1);
		} else if (!add_entity(&b, &rest)) {
			return (struct str){ 0 };
		}
	}
	return buf_str(&b);
}

void
xml_add_text(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		size_t k = 0;

		while (k < ENTITIES && entities[k].c != text.ptr[i])
			k++;
		if (k < ENTITIES)
			buf_add(b, entities[k].name);
		else
			buf_add_char(b, text.ptr[i]);
	}
}
