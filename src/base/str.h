/*
 * str.h - a borrowed view of bytes: pointer and length, not NUL-terminated.
 *
 * A str never owns memory.  It is valid for as long as what it points into:
 * a string literal, an arena, or a received body.  A str whose ptr is NULL
 * means "absent" where a header says so; its len is then 0.
 */
#ifndef PANGOLIN_STR_H
#define PANGOLIN_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *ptr; /* never dereferenced when len is 0 */
	size_t len;      /* bytes, not characters */
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* clang-format off */
#define STR_INIT(literal) { "" literal, sizeof(literal) - 1 } /* in a static */
/* clang-format on */
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str
str_from(const char *cstr)
{
	return (struct str){ cstr, cstr != NULL ? strlen(cstr) : 0 };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
str_starts_with(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool
str_ends_with(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len,
				       suffix.ptr, suffix.len) == 0);
}

/* The rest of `s` behind its first `n` bytes; n is at most s.len. */
static inline struct str
str_skip(struct str s, size_t n)
{
	return n == 0 ? s : (struct str){ s.ptr + n, s.len - n };
}

/* Byte order, the order of memcmp(): negative, zero or positive. */
int str_cmp(struct str a, struct str b);

/* The same when ASCII letters are compared without their case. */
int str_cmp_nocase(struct str a, struct str b);

static inline bool
str_eq_nocase(struct str a, struct str b)
{
	return a.len == b.len && str_cmp_nocase(a, b) == 0;
}

/* Split `rest` at the first `sep`: return what precedes it, leave the rest.
 * Without a `sep` all of it is returned and rest.ptr becomes NULL. */
struct str str_cut(struct str *rest, char sep);

/* Without spaces and tabs at both ends. */
struct str str_trim(struct str s);

/* A decimal number with an optional '-', the whole of `s`; false when it is
 * anything else or does not fit. */
bool str_to_int(struct str s, int64_t *ret);

/* 0 to 15, in either case of letters; -1: it is no hexadecimal digit. */
int str_hex_digit(char c);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool str_is_utf8(struct str s);

#endif
