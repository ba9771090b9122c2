/* request.c - what handlers ask of a request: headers, arguments, decoding. */
#include "http/request.h"

struct str
request_header(const struct request *r, struct str name)
{
	for (size_t i = 0; i < r->headers.count; i++) {
		if (str_eq_nocase(r->headers.at[i].name, name))
			return r->headers.at[i].value;
	}
	return (struct str){ NULL, 0 };
}

void
request_on_release(struct request *r, void (*run)(void *), void *arg)
{
	struct release *release = ARENA_NEW(r->arena, struct release, 1);

	*release = (struct release){ r->releases, run, arg };
	r->releases = release;
}

void
request_release(struct request *r, const struct release *mark)
{
	while (r->releases != mark) {
		struct release *newest = r->releases;

		r->releases = newest->next;
		newest->run(newest->arg);
	}
}

/* The byte a "%XX" at `s` stands for; NUL, which is refused, for a bad one. */
static char
escaped_byte(struct str s)
{
	if (s.len < 3)
		return '\0';

	int high = str_hex_digit(s.ptr[1]), low = str_hex_digit(s.ptr[2]);

	if (high < 0 || low < 0)
		return '\0';
	return (char)(high * 16 + low);
}

/* How many of the three bytes of an escape a message can show. */
static int
plain_length(struct str s)
{
	int n = 0;

	while (n < 3 && (size_t)n < s.len && s.ptr[n] > ' ' && s.ptr[n] < 0x7F)
		n++;
	return n;
}

enum err
request_decode(struct arena *a, struct str encoded, const char *what,
    struct str *ret, struct error *e)
{
	char *text = arena_alloc(a, 1, encoded.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < encoded.len; i++) {
		char c = encoded.ptr[i];
		struct str rest = str_skip(encoded, i);

		if (c == '%') {
			c = escaped_byte(rest);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (c == '\0')
			return fail(e, ERR_BAD_REQUEST,
			    "%s has an invalid percent-escape: %.*s", what,
			    plain_length(rest), rest.ptr);
		text[n++] = c;
	}
	if (!str_is_utf8((struct str){ text, n }))
		return fail(e, ERR_BAD_REQUEST, "%s is not UTF-8.", what);
	*ret = (struct str){ text, n };
	return OK;
}

enum err
request_query(struct request *r, const char *name, struct str *ret)
{
	struct str rest = r->query, wanted = str_from(name);

	*ret = (struct str){ NULL, 0 };
	while (rest.ptr != NULL) {
		struct str value = str_cut(&rest, '&');
		struct str key = str_cut(&value, '=');

		TRY(request_decode(r->arena, key,
		    "The name of a query argument", &key, &r->error));
		if (!str_eq(key, wanted))
			continue;

		const char *what =
		    arena_printf(r->arena, "The query argument '%s'", name).ptr;

		return request_decode(r->arena, value, what, ret, &r->error);
	}
	return OK;
}
