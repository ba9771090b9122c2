#include "identity/grants.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "catalog/names.h"

/* ---- actions */
static const struct {
	struct str word;
	unsigned implies;
} actions[GRANT_ACTIONS] = {
	{ STR_INIT("read"), GRANT_LIST },
	{ STR_INIT("write"), GRANT_READ | GRANT_UPDATE | GRANT_DELETE |
				 GRANT_CREATE | GRANT_LIST },
	{ STR_INIT("delete"), 0 },
	{ STR_INIT("create"), 0 },
	{ STR_INIT("update"), 0 },
	{ STR_INIT("list"), 0 },
	{ STR_INIT("all"), GRANT_EVERYTHING },
	{ STR_INIT("ingest-branching"), 0 },
	{ STR_INIT("experimental-branching"), 0 },
	{ STR_INIT("manage-discovery"), 0 },
};

const char *const grant_scope_words[] = { "tenant", "catalog", "namespace",
	"asset", "tag", NULL };

struct str
grant_action_word(enum grant_action action)
{
	for (size_t i = 0; i < GRANT_ACTIONS; i++)
		if (1u << i == (unsigned)action)
			return actions[i].word;
	return (struct str){ 0 };
}

unsigned
grant_action_parse(struct str word)
{
	for (size_t i = 0; i < GRANT_ACTIONS; i++)
		if (str_eq(actions[i].word, word))
			return 1u << i;
	return 0;
}

unsigned
grant_implied(unsigned given)
{
	unsigned all = given;

	for (size_t i = 0; i < GRANT_ACTIONS; i++)
		if ((given & 1u << i) != 0)
			all |= actions[i].implies;
	return all;
}

/* ---- patterns of refs */
bool
ref_pattern_is_valid(struct str pattern)
{
	static const char others[] = "._-/*";

	if (pattern.len == 0 || pattern.len > GRANT_REF_BYTES_MAX)
		return false;
	for (size_t i = 0; i < pattern.len; i++) {
		char c = pattern.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') &&
		    memchr(others, c, sizeof(others) - 1) == NULL)
			return false;
	}
	return true;
}

/* The last '*' takes one byte more whenever the text behind it does not fit:
 * at most the product of two names, each of 128 bytes. */
bool
ref_pattern_matches(struct str pattern, struct str name)
{
	size_t p = 0, n = 0, star = SIZE_MAX, taken = 0;

	while (n < name.len) {
		if (p < pattern.len && pattern.ptr[p] == '*') {
			star = p++;
			taken = n;
		} else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
			p++;
			n++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			n = ++taken;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.ptr[p] == '*')
		p++;
	return p == pattern.len;
}

static bool
has_ref(const struct grant *g, struct str ref)
{
	if (g->ref_count == 0 || ref.ptr == NULL)
		return true;
	for (size_t i = 0; i < g->ref_count; i++)
		if (ref_pattern_matches(g->refs[i], ref))
			return true;
	return false;
}

/* ---- what is covered */
static bool
is_at_or_below(struct str ns, struct str above)
{
	return str_starts_with(ns, above) &&
	       (ns.len == above.len || ns.ptr[above.len] == LEVEL_SEPARATOR);
}

static bool
has_tag(const struct grant_target *t, struct str tag)
{
	for (size_t i = 0; i < t->tag_count; i++)
		if (str_eq(t->tags[i], tag))
			return true;
	return false;
}

bool
grant_covers(const struct grant *g, const struct grant_target *t)
{
	if (g->scope == GRANT_IN_TENANT)
		return true;
	if (g->scope == GRANT_ON_TAG)
		return has_tag(t, g->tag);
	if (id_is_nil(t->catalog) || !id_eq(g->catalog, t->catalog) ||
	    !has_ref(g, t->ref))
		return false;
	if (g->scope == GRANT_IN_CATALOG)
		return true;
	if (g->scope == GRANT_IN_NAMESPACE)
		return t->ns.len != 0 && is_at_or_below(t->ns, g->ns);
	return !id_is_nil(t->object) && id_eq(g->asset, t->object);
}

unsigned
grants_allow(struct grants grants, const struct grant_target *t)
{
	unsigned allowed = 0;

	for (size_t i = 0; i < grants.count; i++)
		if (grant_covers(&grants.at[i], t))
			allowed |= grant_implied(grants.at[i].actions);
	return allowed;
}

/* ---- tags */
bool
grants_name_tags(struct grants grants)
{
	for (size_t i = 0; i < grants.count; i++)
		if (grants.at[i].scope == GRANT_ON_TAG)
			return true;
	return false;
}

static int
by_tag(const void *a, const void *b)
{
	const struct grant *x = a, *y = b;

	return str_cmp(x->tag, y->tag);
}

/* One of each tag, sorted: what is tagged may be much, and so may grants. */
static struct grants
tag_grants(struct arena *a, struct grants grants)
{
	struct grants some = { ARENA_NEW(a, struct grant, grants.count), 0 };
	size_t n = 0;

	for (size_t i = 0; i < grants.count; i++)
		if (grants.at[i].scope == GRANT_ON_TAG)
			some.at[some.count++] = grants.at[i];
	if (some.count != 0)
		qsort(some.at, some.count, sizeof(*some.at), by_tag);
	for (size_t i = 0; i < some.count; i++) {
		if (n != 0 && str_eq(some.at[n - 1].tag, some.at[i].tag))
			some.at[n - 1].actions |= some.at[i].actions;
		else
			some.at[n++] = some.at[i];
	}
	some.count = n;
	return some;
}

static unsigned
actions_by_tags(struct grants by_tags, const struct tagged *t)
{
	unsigned allowed = 0;

	for (size_t i = 0; i < t->tag_count; i++) {
		const struct grant wanted = { .tag = t->tags[i] };
		const struct grant *found = bsearch(&wanted, by_tags.at,
		    by_tags.count, sizeof(*by_tags.at), by_tag);

		if (found != NULL)
			allowed |= found->actions;
	}
	return allowed;
}

struct grants
grants_of_tags(struct arena *a, struct grants grants, struct tagged_set tagged)
{
	struct grants by_tags = tag_grants(a, grants);
	struct grants all = { ARENA_NEW(
				  a, struct grant, grants.count + tagged.count),
		grants.count };

	if (grants.count != 0)
		memcpy(all.at, grants.at, grants.count * sizeof(*all.at));
	for (size_t i = 0; by_tags.count != 0 && i < tagged.count; i++) {
		const struct tagged *t = &tagged.at[i];
		unsigned allowed = actions_by_tags(by_tags, t);

		if (allowed != 0)
			all.at[all.count++] = (struct grant){
				.scope = GRANT_ON_ASSET,
				.catalog = t->catalog,
				.ns = t->ns,
				.asset = t->object,
				.actions = allowed,
			};
	}
	return all;
}

/* ---- as text */
static void
add_member(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, ",\"%s\":", name);
	buf_add_json(b, value);
}

static void
add_id(struct buf *b, const char *name, struct id id)
{
	char text[ID_TEXT];

	if (id_is_nil(id))
		return;
	id_format(id, text);
	add_member(b, name, str_from(text));
}

static void
add_refs(struct buf *b, const struct grant *g)
{
	if (g->ref_count == 0)
		return;
	buf_add(b, STR(",\"refs\":["));
	for (size_t i = 0; i < g->ref_count; i++) {
		buf_add(b, i == 0 ? STR("") : STR(","));
		buf_add_json(b, g->refs[i]);
	}
	buf_add_char(b, ']');
}

static void
add_grant(struct buf *b, const struct grant *g)
{
	buf_add(b, STR("{\"type\":"));
	buf_add_json(b, str_from(grant_scope_words[g->scope]));
	add_id(b, "catalog", g->catalog);
	if (g->ns.ptr != NULL)
		add_member(b, "namespace", g->ns);
	add_id(b, "asset", g->asset);
	if (g->tag.ptr != NULL)
		add_member(b, "tag", g->tag);
	add_refs(b, g);
	buf_printf(b, ",\"actions\":%u}", g->actions);
}

struct str
grants_text(struct arena *a, struct grants grants)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, '[');
	for (size_t i = 0; i < grants.count; i++) {
		buf_add(&b, i == 0 ? STR("") : STR(","));
		add_grant(&b, &grants.at[i]);
	}
	buf_add_char(&b, ']');
	return buf_str(&b);
}

static bool
parse_scope(struct str word, enum grant_scope *ret)
{
	for (int i = 0; i < GRANT_SCOPES; i++)
		if (str_eq(word, str_from(grant_scope_words[i]))) {
			*ret = (enum grant_scope)i;
			return true;
		}
	return false;
}

static struct id
id_member(const yyjson_val *v, const char *name)
{
	struct id id = { 0 };

	if (!id_parse(json_str(json_member(v, str_from(name))), &id))
		id = (struct id){ 0 };
	return id;
}

static void
parse_refs(struct arena *a, yyjson_val *refs, struct grant *io)
{
	struct str *at = ARENA_NEW(a, struct str, yyjson_arr_size(refs));
	yyjson_arr_iter iter = yyjson_arr_iter_with(refs);
	yyjson_val *one;

	while ((one = yyjson_arr_iter_next(&iter)) != NULL)
		at[io->ref_count++] = json_str(one);
	io->refs = at;
}

static bool
parse_grant(struct arena *a, const yyjson_val *v, struct grant *ret)
{
	struct grant g = { .catalog = id_member(v, "catalog"),
		.ns = json_str(json_member(v, STR("namespace"))),
		.asset = id_member(v, "asset"),
		.tag = json_str(json_member(v, STR("tag"))),
		.actions =
		    (unsigned)yyjson_get_uint(json_member(v, STR("actions"))) };

	if (!parse_scope(json_str(json_member(v, STR("type"))), &g.scope))
		return false;
	parse_refs(a, json_member(v, STR("refs")), &g);
	*ret = g;
	return true;
}

/* A scope that a newer release has written allows nothing here. */
enum err
grants_parse(struct call *c, struct str text, struct grants *ret)
{
	yyjson_arr_iter iter;
	yyjson_val *all, *one;

	*ret = (struct grants){ 0 };
	if (text.ptr == NULL)
		return OK;
	TRY(json_parse(c->arena, text, &all, c->error));
	iter = yyjson_arr_iter_with(all);
	ret->at = ARENA_NEW(c->arena, struct grant, yyjson_arr_size(all));
	while ((one = yyjson_arr_iter_next(&iter)) != NULL)
		if (parse_grant(c->arena, one, &ret->at[ret->count]))
			ret->count++;
	return OK;
}
