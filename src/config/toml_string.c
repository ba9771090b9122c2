/*
 * toml_string.c - the four kinds of TOML strings (TOML, "String").
 *
 * The characters were checked before (toml_check_characters), so what is
 * left is quotes, escapes and ends of lines.  CRLF in a string becomes LF.
 */
#include "base/buf.h"
#include "config/toml_text.h"

/* A string that a quote opened. */
struct quotes {
	size_t begin; /* of the opening quote */
	char quote;   /* '"' has escapes, '\'' has none */
	bool lines;   /* three of them: may span lines */
};

/* Length of the run of `quote` at the cursor. */
static size_t
count_quotes(const struct toml_text *t, char quote)
{
	size_t n = 0;

	while (toml_peek(t, n) == quote)
		n++;
	return n;
}

/* Step over the closing quotes, if they come next.  Up to two quotes right
 * before the closing three belong to the string. */
static bool
take_end(struct toml_text *t, struct quotes q, struct buf *b)
{
	size_t n = count_quotes(t, q.quote);

	if (!q.lines) {
		t->pos += n != 0;
		return n != 0;
	}
	if (n > 5)
		n = 5;
	for (size_t i = n < 3 ? 0 : 3; i < n; i++)
		buf_add_char(b, q.quote);
	t->pos += n;
	return n >= 3;
}

static void
add_character(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_add_char(b, (char)c);
		return;
	}

	int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	uint32_t lead = tail == 1 ? 0xC0 : tail == 2 ? 0xE0 : 0xF0;

	buf_add_char(b, (char)(lead | c >> (6 * tail)));
	while (tail-- > 0)
		buf_add_char(b, (char)(0x80 | (c >> (6 * tail) & 0x3F)));
}

/* \uXXXX and \UXXXXXXXX; the cursor is behind the letter. */
static enum err
read_code_point(struct toml_text *t, size_t digits, struct buf *b)
{
	size_t begin = t->pos - 2;
	uint32_t c = 0;

	for (size_t i = 0; i < digits; i++, t->pos++) {
		int digit = str_hex_digit(toml_peek(t, 0));

		if (digit < 0)
			return toml_fail(t, begin,
			    "\\%c needs %zu hexadecimal digits",
			    t->text.ptr[begin + 1], digits);
		c = c << 4 | (uint32_t)digit;
	}
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return toml_fail(t, begin,
		    "U+%04X is not a Unicode scalar value", (unsigned)c);
	add_character(b, c);
	return OK;
}

/* A backslash at the end of a line takes the blanks and ends of lines behind
 * it away.  The cursor is behind the backslash. */
static bool
take_line_ending(struct toml_text *t)
{
	size_t begin = t->pos;

	toml_skip_blanks(t);
	if (!toml_take_newline(t)) {
		t->pos = begin;
		return false;
	}
	do
		toml_skip_blanks(t);
	while (toml_take_newline(t));
	return true;
}

static enum err
read_escape(struct toml_text *t, struct quotes q, struct buf *b)
{
	static const char letters[] = "btnfr\"\\";
	static const char meanings[] = "\b\t\n\f\r\"\\";
	size_t begin = t->pos++;

	if (q.lines && take_line_ending(t))
		return OK;

	char letter = toml_peek(t, 0);
	const char *hit = letter != TOML_END ? strchr(letters, letter) : NULL;

	if (hit == NULL && letter != 'u' && letter != 'U')
		return toml_fail(t, begin,
		    "a backslash must be followed by one of "
		    "b t n f r \" \\ u U; write \\\\ for a backslash");
	t->pos++;
	if (hit == NULL)
		return read_code_point(t, letter == 'u' ? 4 : 8, b);
	buf_add_char(b, meanings[hit - letters]);
	return OK;
}

/* One character, escape or end of line inside the quotes. */
static enum err
read_inside(struct toml_text *t, struct quotes q, struct buf *b)
{
	if (t->pos >= t->text.len)
		return toml_fail(t, q.begin, "the string is not closed");
	if (q.quote == '"' && toml_peek(t, 0) == '\\')
		return read_escape(t, q, b);
	if (toml_take_newline(t)) {
		if (!q.lines)
			return toml_fail(
			    t, q.begin, "the string is not closed on its line");
		buf_add_char(b, '\n');
		return OK;
	}
	buf_add_char(b, toml_peek(t, 0));
	t->pos++;
	return OK;
}

static enum err
read_to_end(struct toml_text *t, struct quotes q, struct str *ret)
{
	struct buf b = buf_in(t->arena);

	while (!take_end(t, q, &b))
		TRY(read_inside(t, q, &b));
	*ret = buf_str(&b);
	return OK;
}

enum err
toml_read_quoted(struct toml_text *t, struct str *ret)
{
	struct quotes q = { t->pos, toml_peek(t, 0), false };

	if (count_quotes(t, q.quote) >= 3)
		return toml_fail(
		    t, t->pos, "a key cannot be a multi-line string");
	t->pos++;
	return read_to_end(t, q, ret);
}

enum err
toml_read_string(struct toml_text *t, struct str *ret)
{
	struct quotes q = { t->pos, toml_peek(t, 0), true };

	if (count_quotes(t, q.quote) < 3)
		return toml_read_quoted(t, ret);
	t->pos += 3;
	(void)toml_take_newline(t); /* right behind the quotes: not content */
	return read_to_end(t, q, ret);
}
