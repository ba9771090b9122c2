#include "base/log_text.h"

/* Up to the quote that ends a string of JSON, or to what ends a number. */
static struct str
take_value(struct str *rest)
{
	const char *start = rest->ptr;
	bool quoted = rest->len != 0 && *start == '"';
	size_t n = quoted;

	while (n < rest->len &&
	       (quoted ? start[n] != '"' : start[n] != ',' && start[n] != '}'))
		n += quoted && start[n] == '\\' && n + 1 < rest->len ? 2 : 1;

	struct str value = { start + quoted, n - quoted };

	*rest = str_skip(*rest, n + quoted <= rest->len ? n + quoted : n);
	return value;
}

static void
add_value(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++) {
		bool escape = value.ptr[i] == '\\' && i + 1 < value.len;

		if (escape &&
		    (value.ptr[i + 1] == '"' || value.ptr[i + 1] == '\\'))
			i++;
		else if (escape)
			buf_add_char(b, value.ptr[i++]);
		buf_add_char(b, value.ptr[i]);
	}
}

/* "2026-11-22T12:00:00.123456Z" to the second. */
static void
add_time(struct buf *b, struct str time)
{
	add_value(b, str_cut(&time, '.'));
	buf_add(b, STR("Z"));
}

static void
add_level(struct buf *b, struct str level)
{
	buf_printf(b, " %-5.*s ", STR_ARG(level));
}

static void
add_member(struct buf *b, struct str name, struct str value)
{
	if (str_eq(name, STR("time")))
		add_time(b, value);
	else if (str_eq(name, STR("level")))
		add_level(b, value);
	else if (str_eq(name, STR("message")))
		add_value(b, value);
	else if (!str_eq(name, STR("pid")) && !str_eq(value, STR("null"))) {
		buf_printf(b, " " STR_FMT "=", STR_ARG(name));
		add_value(b, value);
	}
}

void
log_text_add(struct buf *b, struct str json)
{
	struct str rest = json.len != 0 ? str_skip(json, 1) : json;

	while (rest.len != 0 && rest.ptr[0] == '"') {
		struct str name = take_value(&rest);

		if (rest.len == 0 || rest.ptr[0] != ':')
			break;
		rest = str_skip(rest, 1);
		add_member(b, name, take_value(&rest));
		if (rest.len != 0 && rest.ptr[0] == ',')
			rest = str_skip(rest, 1);
	}
	buf_add_char(b, '\n');
}
