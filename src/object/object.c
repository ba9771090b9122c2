/* object.c - locations, and the scheme that serves each. */
#include "object/object.h"

#include "calls/bulkheads.h"
#include "object/file.h"

static const struct scheme {
	struct str prefix;
	enum err (*read)(struct call *, struct str, size_t most, struct str *);
	enum err (*exists)(struct call *, struct str, bool *);
	enum err (*create)(struct call *, struct str, struct str);
	enum err (*delete)(struct call *, struct str);
	enum err (*prepare_table)(struct call *, struct str);
	enum err (*clear)(struct call *, struct str, size_t *io_most, bool *);
} schemes[] = {
	{ STR_INIT("file:"), file_read, file_exists, file_create, file_delete,
	    file_prepare_table, file_clear },
};

static const struct scheme *
scheme_of(struct str location)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (str_starts_with(location, schemes[i].prefix))
			return &schemes[i];
	return NULL;
}

static enum err
no_scheme(struct str location, struct error *e)
{
	return fail(e, ERR_BAD_REQUEST,
	    "No storage serves the location " STR_FMT
	    ": this release knows file:",
	    STR_ARG(location));
}

static bool
has_control_character(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7F)
			return true;
	return false;
}

/* "file://host/a" is a file of another machine (RFC 8089). */
static bool
names_a_host(struct str location)
{
	return str_starts_with(location, STR("file://")) &&
	       !str_starts_with(location, STR("file:///")) &&
	       !str_starts_with(location, STR("file://localhost/"));
}

/* The next character, for readers that decode "%2e". */
static char
take_decoded(struct str *rest)
{
	bool escaped = rest->len >= 3 && rest->ptr[0] == '%';
	int high = escaped ? str_hex_digit(rest->ptr[1]) : -1;
	int low = escaped ? str_hex_digit(rest->ptr[2]) : -1;
	char c = rest->ptr[0];

	if (high >= 0 && low >= 0)
		c = (char)(high << 4 | low);
	*rest = str_skip(*rest, high >= 0 && low >= 0 ? 3 : 1);
	return c;
}

/* Not one name to everybody: clients decode escapes, some take a backslash for
 * a slash, or drop blanks at the end. */
static bool
is_another_name(struct str segment)
{
	size_t dots = 0, others = 0;
	char c = ' ';

	while (segment.len != 0) {
		c = take_decoded(&segment);
		if (c == '/' || c == '\\') {
			if (others == 0 && dots <= 2)
				return true;
			dots = others = 0;
		} else if (c == '.') {
			dots++;
		} else {
			others++;
		}
	}
	return c == ' ' || (others == 0 && dots <= 2);
}

enum err
object_location_check(struct str location, struct error *e)
{
	if (scheme_of(location) == NULL)
		return no_scheme(location, e);

	struct str path = file_path(location), rest = path;

	if (path.len < 2 || *path.ptr != '/' || names_a_host(location))
		return fail(e, ERR_BAD_REQUEST,
		    "Location is not absolute: " STR_FMT, STR_ARG(location));
	if (has_control_character(location) || !str_is_utf8(location) ||
	    memchr(path.ptr, '?', path.len) != NULL ||
	    memchr(path.ptr, '\\', path.len) != NULL ||
	    memchr(path.ptr, '#', path.len) != NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Location has a character that none may have");
	(void)str_cut(&rest, '/');
	while (rest.ptr != NULL) {
		struct str segment = str_cut(&rest, '/');

		if (is_another_name(segment))
			return fail(e, ERR_BAD_REQUEST,
			    "Location has a segment that is empty, \".\" or "
			    "\"..\", or ends with a blank: " STR_FMT,
			    STR_ARG(location));
	}
	return OK;
}

struct str
object_path(struct str location)
{
	struct str path =
	    scheme_of(location) != NULL ? file_path(location) : location;

	while (str_ends_with(path, STR("/")))
		path.len--;
	return path;
}

bool
object_location_is_below(struct str location, struct str root)
{
	if (scheme_of(location) == NULL ||
	    scheme_of(location) != scheme_of(root))
		return false;
	location = file_path(location);
	root = file_path(root);
	return str_starts_with(location, root) && location.len > root.len &&
	       location.ptr[root.len] == '/';
}

enum err
object_read_most(
    struct call *c, struct str location, size_t most, struct str *ret)
{
	const struct scheme *s = scheme_of(location);

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(bulkhead_enter(c, BULKHEAD_OBJECT));
	return bulkhead_leave(
	    c, BULKHEAD_OBJECT, s->read(c, location, most, ret));
}

enum err
object_read(struct call *c, struct str location, struct str *ret)
{
	return object_read_most(c, location, OBJECT_SIZE_MAX, ret);
}

enum err
object_exists(struct call *c, struct str location, bool *ret)
{
	const struct scheme *s = scheme_of(location);

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(bulkhead_enter(c, BULKHEAD_OBJECT));
	return bulkhead_leave(c, BULKHEAD_OBJECT, s->exists(c, location, ret));
}

enum err
object_create(struct call *c, struct str location, struct str bytes)
{
	const struct scheme *s = scheme_of(location);

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(arena_check(c->arena, c->error));
	TRY(bulkhead_enter_write(c, BULKHEAD_OBJECT));
	return bulkhead_leave(
	    c, BULKHEAD_OBJECT, s->create(c, location, bytes));
}

enum err
object_delete(struct call *c, struct str location)
{
	const struct scheme *s = scheme_of(location);

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(bulkhead_enter_write(c, BULKHEAD_OBJECT));
	return bulkhead_leave(c, BULKHEAD_OBJECT, s->delete (c, location));
}

enum err
object_prepare_table(struct call *c, struct str location)
{
	const struct scheme *s = scheme_of(location);

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(bulkhead_enter_write(c, BULKHEAD_OBJECT));
	return bulkhead_leave(
	    c, BULKHEAD_OBJECT, s->prepare_table(c, location));
}

enum err
object_clear(
    struct call *c, struct str location, size_t *io_most, bool *ret_empty)
{
	const struct scheme *s = scheme_of(location);

	if (s == NULL)
		return no_scheme(location, c->error);
	TRY(bulkhead_enter_write(c, BULKHEAD_OBJECT));
	return bulkhead_leave(
	    c, BULKHEAD_OBJECT, s->clear(c, location, io_most, ret_empty));
}
