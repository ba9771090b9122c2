#include "catalog/entry.h"

#include "base/buf.h"
#include "base/clock.h"
#include "catalog/namespaces.h"
#include "catalog/table_file.h"

enum err
entry_missing(struct call *c, enum kind kind, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return fail(c->error,
	    kind == KIND_VIEW ? ERR_NO_SUCH_VIEW : ERR_NO_SUCH_TABLE,
	    "%s does not exist: " STR_FMT, kind_title(kind), STR_ARG(shown));
}

enum err
entry_races_lost(struct call *c, enum kind kind, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return fail(c->error, ERR_COMMIT_FAILED,
	    "%s is being changed by others, try again: " STR_FMT,
	    kind_title(kind), STR_ARG(shown));
}

struct str
entry_message(
    struct call *c, const char *verb, enum kind kind, struct ident ident)
{
	struct str shown = ident_shown(c->arena, ident);

	return arena_printf(c->arena, "%s %s " STR_FMT, verb,
	    kind == KIND_VIEW ? "view" : "table", STR_ARG(shown));
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

/* The property `location` of a namespace; ptr NULL: it has none. */
static struct str
namespace_location(struct call *c, const struct version *ns)
{
	struct pairs properties = { 0 };
	struct error ignored;

	if (json_to_pairs(c->arena, ns->body, &properties, &ignored) != OK)
		return (struct str){ 0 };

	struct str location = pairs_get(properties, STR("location"));

	while (location.len > 1 && location.ptr[location.len - 1] == '/')
		location.len--;
	return location;
}

static struct str
default_location(struct call *c, const struct branch *b, struct ident ident,
    const struct version *ns, struct str uuid)
{
	struct str below = namespace_location(c, ns);
	struct buf location = buf_in(c->arena);

	if (below.len != 0) {
		buf_add(&location, below);
	} else {
		struct str rest = ident.ns;

		buf_add(&location, b->catalog.location);
		while (rest.ptr != NULL)
			add_directory(
			    &location, str_cut(&rest, LEVEL_SEPARATOR));
	}
	add_directory(&location, ident.name);
	buf_printf(&location, "-%.8s", uuid.ptr);
	return buf_str(&location);
}

struct table_seed
entry_seed(struct call *c, const struct branch *b, struct ident ident,
    const struct version *ns)
{
	char text[ID_TEXT];

	id_format(id_v4(), text);

	struct str uuid = arena_copy(c->arena, str_from(text));

	return (struct table_seed){ .uuid = uuid,
		.location = default_location(c, b, ident, ns, uuid),
		.now_ms = clock_now_us() / CLOCK_MS };
}

enum err
entry_place_check(struct call *c, enum kind kind, struct ident ident,
    const struct version read[2])
{
	struct str shown = ident_shown(c->arena, ident);

	if (!version_is_live(&read[1]))
		return namespace_missing(c, ident.ns);
	if (!version_is_live(&read[0]))
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS, "%s %s: " STR_FMT,
	    kind_title((enum kind)read[0].kind),
	    read[0].kind == (int)kind ? "already exists"
				      : "with same name already exists",
	    STR_ARG(shown));
}

struct id
entry_object(struct str uuid)
{
	struct id id;

	return id_parse(uuid, &id) ? id : id_v4();
}

enum err
entry_point(struct call *c, const struct branch *b, const char *verb,
    const struct version read[2], const struct relation *relation,
    enum verdict *ret)
{
	struct key key = ident_key(relation->ident);
	const struct expect expects[] = { expect_unchanged(b, key, &read[0]),
		expect_live(b, path_key(relation->ident.ns), &read[1]) };
	struct version put = { .key = key,
		.kind = (int)relation->kind,
		.object = relation->object,
		.location = relation->metadata_location,
		.body = STR("") };
	struct unit unit = { .message = entry_message(
				 c, verb, relation->kind, relation->ident),
		.expects = expects,
		.expect_count = version_is_live(&read[0]) ? 1 : 2,
		.puts = &put,
		.put_count = 1 };

	return branch_apply(c, b, &unit, ret);
}

enum err
entry_put(struct call *c, const struct branch *b, const char *verb,
    const struct version read[2], const struct metadata *m,
    struct relation *relation, enum verdict *ret)
{
	struct str base = { 0 };

	if (version_is_live(&read[0]))
		base = read[0].location;
	relation->metadata = metadata_text(m);
	TRY(table_file_write(
	    c, m, base, relation->metadata, &relation->metadata_location));

	enum err err = entry_point(c, b, verb, read, relation, ret);

	if (err == ERR_COMMIT_UNKNOWN)
		return err;
	if (err != OK || *ret == VERDICT_CONFLICT)
		table_file_discard(c, relation->metadata_location);
	return err;
}
