/*
 * toml_scalar.c - TOML's values of one word: numbers, booleans, dates, times.
 *
 * A word is cut out first and then must be valid from end to end, so nothing
 * here looks beyond it.  The grammar is in TOML, "Integer" to "Local Time".
 */
#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "config/toml_text.h"

/* A word that is being read: `rest` gets shorter. */
struct word {
	struct str all, rest;
};

static bool
is_word_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || c == '+' || c == '-' ||
	       c == '.' || c == ':';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
at(struct str s, size_t i)
{
	if (i >= s.len)
		return TOML_END;
	return s.ptr[i];
}

static bool
is_date(struct str s)
{
	return is_digit(at(s, 0)) && is_digit(at(s, 3)) && at(s, 4) == '-';
}

static void
skip_word(struct toml_text *t)
{
	while (is_word_character(toml_peek(t, 0)))
		t->pos++;
}

/* The word at the cursor.  A date and a time may have a space between them. */
static struct str
cut_word(struct toml_text *t)
{
	size_t begin = t->pos;

	skip_word(t);
	if (t->pos - begin == 10 && toml_peek(t, 0) == ' ' &&
	    is_digit(toml_peek(t, 1)) &&
	    is_date((struct str){ t->text.ptr + begin, 10 })) {
		t->pos++;
		skip_word(t);
	}
	return (struct str){ t->text.ptr + begin, t->pos - begin };
}

static bool
take(struct word *w, char c)
{
	if (at(w->rest, 0) != c)
		return false;
	w->rest = str_skip(w->rest, 1);
	return true;
}

/* ---- dates and times */

/* Exactly `n` digits with a value in [min, max]. */
static bool
take_field(struct word *w, size_t n, int min, int max, int *ret)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_digit(at(w->rest, i)))
			return false;
		value = value * 10 + (w->rest.ptr[i] - '0');
	}
	w->rest = str_skip(w->rest, n);
	*ret = value;
	return value >= min && value <= max;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
take_date(struct word *w)
{
	int year, month, day;

	return take_field(w, 4, 0, 9999, &year) && take(w, '-') &&
	       take_field(w, 2, 1, 12, &month) && take(w, '-') &&
	       take_field(w, 2, 1, days_of(year, month), &day);
}

/* RFC 3339, 5.7: a minute may have a second 60. */
static bool
take_time(struct word *w)
{
	int field;

	if (!take_field(w, 2, 0, 23, &field) || !take(w, ':') ||
	    !take_field(w, 2, 0, 59, &field) || !take(w, ':') ||
	    !take_field(w, 2, 0, 60, &field))
		return false;
	if (!take(w, '.'))
		return true;
	if (!is_digit(at(w->rest, 0)))
		return false;
	while (is_digit(at(w->rest, 0)))
		w->rest = str_skip(w->rest, 1);
	return true;
}

/* Hours and minutes both, RFC 3339's time-numoffset. */
static bool
take_offset(struct word *w)
{
	int field;

	if (take(w, 'Z') || take(w, 'z'))
		return true;
	return (take(w, '+') || take(w, '-')) &&
	       take_field(w, 2, 0, 23, &field) && take(w, ':') &&
	       take_field(w, 2, 0, 59, &field);
}

/* The four kinds differ only in what is there; nothing may be left over. */
static bool
take_moment(struct word *w, enum toml_kind *ret)
{
	if (at(w->rest, 2) == ':') {
		*ret = TOML_LOCAL_TIME;
		return take_time(w) && w->rest.len == 0;
	}
	*ret = TOML_LOCAL_DATE;
	if (!take_date(w))
		return false;
	if (w->rest.len == 0)
		return true;
	if (!take(w, 'T') && !take(w, 't') && !take(w, ' '))
		return false;
	*ret = TOML_LOCAL_DATE_TIME;
	if (!take_time(w))
		return false;
	if (w->rest.len == 0)
		return true;
	*ret = TOML_DATE_TIME;
	return take_offset(w) && w->rest.len == 0;
}

static enum err
read_moment(struct toml_text *t, struct str all, struct toml_node *ret)
{
	struct word w = { all, all };
	enum toml_kind kind;

	if (!take_moment(&w, &kind))
		return toml_fail(t, t->pos - all.len,
		    "'" STR_FMT "' is not a date, a time, or both",
		    STR_ARG(all));

	struct buf b = buf_in(t->arena);

	buf_add(&b, all);
	if (kind == TOML_DATE_TIME || kind == TOML_LOCAL_DATE_TIME)
		b.data[10] = 'T';
	if (b.data[b.len - 1] == 'z')
		b.data[b.len - 1] = 'Z';
	ret->kind = kind;
	ret->text = buf_str(&b);
	return OK;
}

/* ---- numbers */

static bool
is_digit_of(char c, int base)
{
	if (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
		return true;
	return c >= '0' && c < '0' + (base < 10 ? base : 10);
}

/* One digit or more, with single underscores between digits; `b` gets the
 * digits. */
static bool
take_digits(struct word *w, int base, struct buf *b)
{
	do {
		if (!is_digit_of(at(w->rest, 0), base))
			return false;
		while (is_digit_of(at(w->rest, 0), base)) {
			buf_add_char(b, *w->rest.ptr);
			w->rest = str_skip(w->rest, 1);
		}
	} while (take(w, '_'));
	return true;
}

static bool
take_exponent(struct word *w, struct buf *b)
{
	buf_add_char(b, 'e');
	if (take(w, '-'))
		buf_add_char(b, '-');
	else
		(void)take(w, '+');
	return take_digits(w, 10, b);
}

/* Takes the text behind the integer part of a float, as strtod() wants it. */
static bool
take_fraction(struct word *w, struct buf *b)
{
	if (take(w, '.')) {
		buf_add_char(b, '.');
		if (!take_digits(w, 10, b))
			return false;
	}
	if (take(w, 'e') || take(w, 'E'))
		return take_exponent(w, b) && w->rest.len == 0;
	return w->rest.len == 0;
}

static enum err
refuse_word(struct toml_text *t, struct str all, const char *why)
{
	return toml_fail(t, t->pos - all.len, "'" STR_FMT "' %s",
	    all.len < 64 ? (int)all.len : 64, all.ptr, why);
}

static enum err
read_decimal(struct toml_text *t, struct word w, struct toml_node *ret)
{
	struct buf b = buf_in(t->arena);

	if (take(&w, '-'))
		buf_add_char(&b, '-');
	else
		(void)take(&w, '+');
	if (at(w.rest, 0) == '0' &&
	    (is_digit(at(w.rest, 1)) || at(w.rest, 1) == '_'))
		return refuse_word(t, w.all, "has a zero in front");
	if (!take_digits(&w, 10, &b))
		return refuse_word(t, w.all, "is not a number");
	if (w.rest.len == 0) {
		ret->kind = TOML_INTEGER;
		if (!str_to_int(buf_str(&b), &ret->integer))
			return refuse_word(t, w.all, "does not fit 64 bits");
		return OK;
	}
	if (!take_fraction(&w, &b))
		return refuse_word(t, w.all, "is not a number");
	buf_add_char(&b, '\0');
	ret->kind = TOML_FLOAT;
	ret->number = strtod(b.data, NULL);
	return OK;
}

/* 0x, 0o and 0b; they have no sign. */
static enum err
read_based(struct toml_text *t, struct word w, int base, struct toml_node *ret)
{
	struct buf b = buf_in(t->arena);
	int64_t n = 0;

	w.rest = str_skip(w.rest, 2);
	if (!take_digits(&w, base, &b) || w.rest.len != 0)
		return refuse_word(t, w.all, "is not a number");
	for (size_t i = 0; i < b.len; i++) {
		char c = b.data[i];
		int digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

		if (__builtin_mul_overflow(n, base, &n) ||
		    __builtin_add_overflow(n, digit, &n))
			return refuse_word(t, w.all, "does not fit 64 bits");
	}
	ret->kind = TOML_INTEGER;
	ret->integer = n;
	return OK;
}

/* ---- words */

/* TOML, "Integer": the prefixes are lower case and take no sign. */
static int
base_of(struct str word)
{
	if (str_starts_with(word, STR("0x")))
		return 16;
	if (str_starts_with(word, STR("0o")))
		return 8;
	if (str_starts_with(word, STR("0b")))
		return 2;
	return 10;
}

/* true, false, inf and nan, the latter two with or without a sign. */
static bool
is_named(struct str word, struct toml_node *ret)
{
	bool yes = str_eq(word, STR("true"));
	bool negative = at(word, 0) == '-';

	if (yes || str_eq(word, STR("false"))) {
		ret->kind = TOML_BOOL;
		ret->boolean = yes;
		return true;
	}
	if (negative || at(word, 0) == '+')
		word = str_skip(word, 1);
	if (!str_eq(word, STR("inf")) && !str_eq(word, STR("nan")))
		return false;
	ret->kind = TOML_FLOAT;
	ret->number = str_eq(word, STR("inf")) ? HUGE_VAL : (double)NAN;
	if (negative)
		ret->number = -ret->number;
	return true;
}

enum err
toml_read_scalar(struct toml_text *t, struct toml_node *ret)
{
	struct str all = cut_word(t);
	struct word w = { all, all };
	int base = base_of(all);

	if (all.len == 0)
		return toml_expected(t, "a value");
	if (is_named(all, ret))
		return OK;
	if (is_date(all) || at(all, 2) == ':')
		return read_moment(t, all, ret);
	if (base != 10)
		return read_based(t, w, base, ret);
	if (is_digit(at(all, 0)) || at(all, 0) == '+' || at(all, 0) == '-')
		return read_decimal(t, w, ret);
	return refuse_word(t, all, "is not a value; a string needs quotes");
}
