/*
 * toml_text.h - the cursor of the TOML reader and the functions that its files
 * share; other code includes toml.h.
 */
#ifndef PANGOLIN_TOML_TEXT_H
#define PANGOLIN_TOML_TEXT_H

#include "config/toml.h"

struct toml_text {
	struct arena *arena;
	struct str name; /* of the document, for messages */
	struct str text;
	size_t pos; /* of the next byte to read */
	struct error *error;
	size_t counted; /* `place` is the place of this byte */
	struct toml_place place;
};

/* The byte at pos + ahead; TOML_END behind the text, which has no NUL. */
#define TOML_END '\0'
static inline char
toml_peek(const struct toml_text *t, size_t ahead)
{
	if (ahead >= t->text.len - t->pos)
		return TOML_END;
	return t->text.ptr[t->pos + ahead];
}

/* Step over `word` if it comes next. */
bool toml_take(struct toml_text *, struct str word);

/* Step over spaces and tabs; over one end of line. */
void toml_skip_blanks(struct toml_text *);
bool toml_take_newline(struct toml_text *);

/* Step over blanks, comments and ends of lines. */
void toml_skip_lines(struct toml_text *);

/* The place of the byte `pos`: cheap when asked in the order of the text. */
struct toml_place toml_place_of(struct toml_text *, size_t pos);

/* Refuse the document because of its byte `pos`. */
enum err toml_fail(struct toml_text *, size_t pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Refuse what comes next, where `wanted` would have been right. */
enum err toml_expected(struct toml_text *, const char *wanted);

/* UTF-8 throughout and no control characters: the rest relies on it. */
enum err toml_check_characters(struct toml_text *);

/* ---- toml_string.c */
enum err toml_read_string(struct toml_text *, struct str *ret);
/* A one-line string only, as keys are. */
enum err toml_read_quoted(struct toml_text *, struct str *ret);

/* ---- toml_scalar.c: numbers, booleans, dates and times */
enum err toml_read_scalar(struct toml_text *, struct toml_node *ret);

/* ---- toml.c */
enum err toml_read_value(struct toml_text *, struct toml_node *ret);

#endif
