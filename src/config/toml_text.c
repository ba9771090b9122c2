/*
 * toml_text.c - the cursor of the TOML reader: characters, lines, messages.
 *
 * Positions are byte offsets; lines and columns are counted when one is
 * needed, going on from the last that was.
 */
#include "config/toml_text.h"

#include <stdarg.h>
#include <stdio.h>

bool
toml_take(struct toml_text *t, struct str word)
{
	if (!str_starts_with(str_skip(t->text, t->pos), word))
		return false;
	t->pos += word.len;
	return true;
}

void
toml_skip_blanks(struct toml_text *t)
{
	while (toml_peek(t, 0) == ' ' || toml_peek(t, 0) == '\t')
		t->pos++;
}

bool
toml_take_newline(struct toml_text *t)
{
	return toml_take(t, STR("\n")) || toml_take(t, STR("\r\n"));
}

void
toml_skip_lines(struct toml_text *t)
{
	do {
		toml_skip_blanks(t);
		if (toml_peek(t, 0) != '#')
			continue;
		while (t->pos < t->text.len && toml_peek(t, 0) != '\n')
			t->pos++;
	} while (toml_take_newline(t));
}

struct toml_place
toml_place_of(struct toml_text *t, size_t pos)
{
	if (pos < t->counted || t->place.line == 0) {
		t->counted = 0;
		t->place = (struct toml_place){ 1, 1 };
	}
	for (; t->counted < pos; t->counted++) {
		char c = t->text.ptr[t->counted];

		if (c == '\n')
			t->place = (struct toml_place){ t->place.line + 1, 1 };
		else if (((unsigned char)c & 0xC0) != 0x80)
			t->place.column++;
	}
	return t->place;
}

enum err
toml_fail(struct toml_text *t, size_t pos, const char *fmt, ...)
{
	struct toml_place place = toml_place_of(t, pos);
	char sentence[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return fail(t->error, ERR_VALIDATION, STR_FMT ":%u:%u: %s",
	    STR_ARG(t->name), place.line, place.column, sentence);
}

/* Bytes of the character at `pos`; 0 when it is not well-formed UTF-8. */
static size_t
character_len(const struct toml_text *t, size_t pos)
{
	for (size_t n = 1; n <= 4 && n <= t->text.len - pos; n++)
		if (str_is_utf8((struct str){ t->text.ptr + pos, n }))
			return n;
	return 0;
}

enum err
toml_expected(struct toml_text *t, const char *wanted)
{
	char c = toml_peek(t, 0);

	if (t->pos >= t->text.len)
		return toml_fail(
		    t, t->pos, "expected %s, not the end of the file", wanted);
	if (c == '\n' || c == '\r')
		return toml_fail(
		    t, t->pos, "expected %s, not the end of the line", wanted);
	return toml_fail(t, t->pos, "expected %s, not '%.*s'", wanted,
	    (int)character_len(t, t->pos), t->text.ptr + t->pos);
}

static enum err
refuse_malformed(struct toml_text *t)
{
	size_t pos = 0, n;

	while ((n = character_len(t, pos)) != 0)
		pos += n;
	return toml_fail(t, pos, "the byte 0x%02X is not UTF-8",
	    (unsigned)(unsigned char)t->text.ptr[pos]);
}

/* TOML, "Spec": tab, line feed, and a carriage return before a line feed are
 * the only control characters a document may have. */
static bool
is_refused_control(const struct toml_text *t, size_t pos)
{
	unsigned char c = (unsigned char)t->text.ptr[pos];

	if (c == '\r')
		return pos + 1 == t->text.len || t->text.ptr[pos + 1] != '\n';
	return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

enum err
toml_check_characters(struct toml_text *t)
{
	if (!str_is_utf8(t->text))
		return refuse_malformed(t);
	if (str_starts_with(t->text, STR("\xEF\xBB\xBF")))
		return toml_fail(t, 0,
		    "the file begins with a byte order mark; save it without");
	for (size_t i = 0; i < t->text.len; i++)
		if (is_refused_control(t, i))
			return toml_fail(t, i,
			    "the control character U+%04X is not allowed",
			    (unsigned)(unsigned char)t->text.ptr[i]);
	return OK;
}
