#include "catalog/table_entry.h"

#include "base/buf.h"

enum err
table_missing(struct call *c, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return fail(c->error, ERR_NO_SUCH_TABLE,
	    "Table does not exist: " STR_FMT, STR_ARG(shown));
}

enum err
table_races_lost(struct call *c, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return fail(c->error, ERR_COMMIT_FAILED,
	    "Table is being changed by others, try again: " STR_FMT,
	    STR_ARG(shown));
}

enum err
table_name_free(struct call *c, struct ident ident, const struct version *read)
{
	struct str shown = ident_shown(c->arena, ident);

	if (!version_is_live(read))
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS,
	    read->kind == KIND_VIEW
		? "View with same name already exists: " STR_FMT
		: "Table already exists: " STR_FMT,
	    STR_ARG(shown));
}

struct str
table_message(struct call *c, const char *what, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return arena_printf(c->arena, "%s " STR_FMT, what, STR_ARG(shown));
}

/* A directory of this name, whatever characters the name has: engines parse
 * locations as URIs, and not all of them decode. */
static void
add_directory(struct buf *b, struct str name)
{
	buf_add_char(b, '/');
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '-' || c == '.';

		buf_add_char(b, plain ? c : '_');
	}
}

struct str
table_default_location(struct call *c, const struct branch *b,
    struct ident ident, struct str ns_location, struct id object)
{
	struct buf location = buf_in(c->arena);
	char text[ID_TEXT];

	if (ns_location.len != 0) {
		buf_add(&location, ns_location);
	} else {
		struct str rest = ident.ns;

		buf_add(&location, b->catalog.location);
		while (rest.ptr != NULL)
			add_directory(
			    &location, str_cut(&rest, LEVEL_SEPARATOR));
	}
	add_directory(&location, ident.name);
	id_format(object, text);
	buf_printf(&location, "-%.8s", text);
	return buf_str(&location);
}
