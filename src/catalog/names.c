#include "catalog/names.h"

#include <stdio.h>

#include "base/buf.h"

static enum err
text_check(struct str text, const char *what, struct error *e)
{
	if (text.len == 0)
		return fail(e, ERR_BAD_REQUEST, "%s is empty", what);
	if (text.len > NAME_MAX_BYTES)
		return fail(e, ERR_BAD_REQUEST, "%s is longer than %d bytes",
		    what, NAME_MAX_BYTES);
	if (!str_is_utf8(text))
		return fail(e, ERR_BAD_REQUEST, "%s is not UTF-8", what);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
			return fail(e, ERR_BAD_REQUEST,
			    "%s has a control character", what);
	if (str_eq(text, STR(".")) || str_eq(text, STR("..")))
		return fail(e, ERR_BAD_REQUEST, "%s may not be \"" STR_FMT "\"",
		    what, STR_ARG(text));
	return OK;
}

enum err
name_check(struct str name, const char *what, struct error *e)
{
	char subject[64];

	(void)snprintf(subject, sizeof(subject), "%s name", what);
	return text_check(name, subject, e);
}

static enum err
level_check(struct str level, size_t index, struct error *e)
{
	char subject[64];

	(void)snprintf(
	    subject, sizeof(subject), "Namespace level %zu", index + 1);
	return text_check(level, subject, e);
}

static enum err
length_check(struct str path, struct error *e)
{
	if (path.len > PATH_MAX_BYTES - NAME_MAX_BYTES - 1)
		return fail(e, ERR_BAD_REQUEST,
		    "Namespace is longer than %d bytes",
		    PATH_MAX_BYTES - NAME_MAX_BYTES - 1);
	return OK;
}

enum err
path_of_levels(struct arena *a, const struct str *levels, size_t count,
    struct str *ret, struct error *e)
{
	struct buf path = buf_in(a);

	if (count == 0)
		return fail(e, ERR_BAD_REQUEST, "Namespace has no levels");
	for (size_t i = 0; i < count; i++) {
		TRY(level_check(levels[i], i, e));
		if (i != 0)
			buf_add_char(&path, LEVEL_SEPARATOR);
		buf_add(&path, levels[i]);
	}
	*ret = buf_str(&path);
	return length_check(*ret, e);
}

enum err
path_check(struct str path, struct error *e)
{
	TRY(length_check(path, e));

	struct str rest = path;
	size_t index = 0;

	do {
		TRY(level_check(str_cut(&rest, LEVEL_SEPARATOR), index++, e));
	} while (rest.ptr != NULL);
	return OK;
}

struct str
path_shown(struct arena *a, struct str path)
{
	char *shown = ARENA_NEW(a, char, path.len + 1);

	for (size_t i = 0; i < path.len; i++)
		shown[i] = path.ptr[i] == LEVEL_SEPARATOR ? '.' : path.ptr[i];
	return (struct str){ shown, path.len };
}

struct str
ident_shown(struct arena *a, struct ident ident)
{
	return path_shown(a, path_join(a, ident.ns, ident.name));
}

struct key
path_key(struct str path)
{
	const char *last = memrchr(path.ptr, LEVEL_SEPARATOR, path.len);

	if (last == NULL)
		return (struct key){ SPACE_NAMESPACE, STR(""), path };

	size_t above = (size_t)(last - path.ptr);

	return (struct key){ SPACE_NAMESPACE, { path.ptr, above },
		str_skip(path, above + 1) };
}

struct key
ident_key(struct ident ident)
{
	return (struct key){ SPACE_RELATION, ident.ns, ident.name };
}

struct str
path_join(struct arena *a, struct str path, struct str level)
{
	if (path.len == 0)
		return level;
	return arena_printf(a, STR_FMT "%c" STR_FMT, STR_ARG(path),
	    LEVEL_SEPARATOR, STR_ARG(level));
}
