#include "catalog/names.h"

#include "base/buf.h"

/* A name has to fit into a URL, and into a key of every store.  The message
 * lacks its subject: every read is checked, and hardly any is told. */
static enum err
text_check(struct str text, struct error *e)
{
	if (text.len == 0)
		return fail(e, ERR_BAD_REQUEST, "is empty");
	if (text.len > PATH_MAX_BYTES)
		return fail(e, ERR_BAD_REQUEST, "is longer than %d bytes",
		    PATH_MAX_BYTES);
	if (!str_is_utf8(text))
		return fail(e, ERR_BAD_REQUEST, "is not UTF-8");
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\0' || text.ptr[i] == LEVEL_SEPARATOR)
			return fail(e, ERR_BAD_REQUEST,
			    "has the control character U+%04X",
			    (unsigned)text.ptr[i]);
	if (str_eq(text, STR(".")) || str_eq(text, STR("..")))
		return fail(e, ERR_BAD_REQUEST, "may not be \"" STR_FMT "\"",
		    STR_ARG(text));
	return OK;
}

enum err
relation_name_check(struct str name, const char *what, struct error *e)
{
	struct error why;

	if (text_check(name, &why) == OK)
		return OK;
	return fail(e, why.code, "%s name %s", what, why.message);
}

static enum err
level_check(struct str level, size_t index, struct error *e)
{
	struct error why;

	if (text_check(level, &why) == OK)
		return OK;
	return fail(
	    e, why.code, "Namespace level %zu %s", index + 1, why.message);
}

enum err
name_check(struct str name, const char *what, struct error *e)
{
	TRY(relation_name_check(name, what, e));
	if (name.len > NAME_MAX_BYTES)
		return fail(e, ERR_BAD_REQUEST,
		    "%s name is longer than %d bytes", what, NAME_MAX_BYTES);
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
			return fail(e, ERR_BAD_REQUEST,
			    "%s name has a control character", what);
	return OK;
}

enum err
key_fits(const struct limits *limits, struct key key, struct error *e)
{
	size_t whole = key.name.len + (key.ns.len != 0 ? key.ns.len + 1 : 0);

	if (limits == NULL)
		return OK;
	if (key.name.len > (size_t)limits->name_bytes)
		return fail(e, ERR_BAD_REQUEST,
		    "Name is longer than %lld bytes (limits.name_bytes)",
		    (long long)limits->name_bytes);
	if (whole > (size_t)limits->path_bytes)
		return fail(e, ERR_BAD_REQUEST,
		    "Name and namespace are longer than %lld bytes "
		    "(limits.path_bytes)",
		    (long long)limits->path_bytes);
	return OK;
}

static enum err
length_check(struct str path, struct error *e)
{
	if (path.len > PATH_MAX_BYTES)
		return fail(e, ERR_BAD_REQUEST,
		    "Namespace is longer than %d bytes", PATH_MAX_BYTES);
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

enum err
ident_of_dotted(struct arena *a, const char *what, struct str text,
    struct ident *ret, struct error *e)
{
	char *path = ARENA_NEW(a, char, text.len + 1);
	bool has_separator =
	    memchr(text.ptr, LEVEL_SEPARATOR, text.len) != NULL;
	size_t last = 0;

	for (size_t i = 0; i < text.len; i++) {
		path[i] = text.ptr[i];
		if (!has_separator && path[i] == '.')
			path[i] = LEVEL_SEPARATOR;
		if (path[i] == LEVEL_SEPARATOR)
			last = i;
	}
	if (last == 0)
		return fail(e, ERR_BAD_REQUEST,
		    "%s: expected namespace.name: '" STR_FMT "'", what,
		    STR_ARG(text));
	ret->ns = (struct str){ path, last };
	ret->name = (struct str){ path + last + 1, text.len - last - 1 };
	TRY(path_check(ret->ns, e));
	return relation_name_check(ret->name, "Asset", e);
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
