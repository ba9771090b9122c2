#include "api/grant_bodies.h"

#include "api/access.h"
#include "base/buf.h"
#include "calls/store_call.h"
#include "catalog/names.h"
#include "record/entities.h"
#include "record/value.h"

/* Where a grant is in the body: "" or "/permissions/3". */
struct reading {
	struct request *r;
	struct str at;
};

static enum err
wrong(const struct reading *w, const char *member, const char *why)
{
	return fail(&w->r->error, ERR_BAD_REQUEST, STR_FMT "/%s: %s",
	    STR_ARG(w->at), member, why);
}

/* ---- of a body */
enum err
namespace_of_text(
    struct request *r, const char *what, struct str text, struct str *ret)
{
	struct error why = { 0 };
	char *levels;

	if (text.len == 0)
		return fail(&r->error, ERR_BAD_REQUEST, "%s: is missing", what);
	levels = ARENA_NEW(r->arena, char, text.len);
	memcpy(levels, text.ptr, text.len);
	if (memchr(text.ptr, LEVEL_SEPARATOR, text.len) == NULL)
		for (size_t i = 0; i < text.len; i++)
			if (levels[i] == '.')
				levels[i] = LEVEL_SEPARATOR;
	*ret = (struct str){ levels, text.len };
	if (path_check(*ret, &why) == OK)
		return OK;
	return fail(&r->error, ERR_BAD_REQUEST, "%s: %s", what, why.message);
}

static enum err
read_refs(const struct reading *w, struct form_texts refs, struct grant *io)
{
	if (refs.count > GRANT_REFS_MAX)
		return wrong(w, "scope/refs", "at most 16 patterns");
	for (size_t i = 0; i < refs.count; i++)
		if (!ref_pattern_is_valid(refs.at[i]))
			return wrong(w, "scope/refs",
			    "a pattern is 1 to 128 of A-Z a-z 0-9 . _ - / *");
	io->refs = refs.at;
	io->ref_count = refs.count;
	return OK;
}

/* Members that a scope does not have are refused: they would look as if they
 * narrowed it. */
static enum err
check_members(const struct reading *w, const struct scope_body *s)
{
	bool in_catalog = s->type == GRANT_IN_CATALOG ||
			  s->type == GRANT_IN_NAMESPACE ||
			  s->type == GRANT_ON_ASSET;

	if (in_catalog != !id_is_nil(s->catalog))
		return wrong(w, "scope/catalog_id",
		    in_catalog ? "is missing" : "this scope has none");
	if (s->namespace.ptr != NULL && s->type != GRANT_IN_NAMESPACE &&
	    s->type != GRANT_ON_ASSET)
		return wrong(w, "scope/namespace", "this scope has none");
	if ((s->type == GRANT_ON_ASSET) != !id_is_nil(s->asset))
		return wrong(w, "scope/asset_id",
		    s->type == GRANT_ON_ASSET ? "is missing"
					      : "this scope has none");
	if ((s->type == GRANT_ON_TAG) != (s->tag.len != 0))
		return wrong(w, "scope/tag_name",
		    s->type == GRANT_ON_TAG ? "is missing"
					    : "this scope has none");
	if (s->tag.len > GRANT_TAG_BYTES_MAX)
		return wrong(w, "scope/tag_name", "at most 255 bytes");
	if (s->refs.count != 0 && !in_catalog)
		return wrong(w, "scope/refs", "this scope has none");
	return OK;
}

static enum err
read_actions(
    const struct reading *w, struct form_texts words, unsigned *ret_actions)
{
	*ret_actions = 0;
	for (size_t i = 0; i < words.count; i++) {
		unsigned action = grant_action_parse(words.at[i]);

		if (action == 0)
			return fail(&w->r->error, ERR_BAD_REQUEST,
			    STR_FMT "/actions/%zu: there is no action '" STR_FMT
				    "'",
			    STR_ARG(w->at), i, STR_ARG(words.at[i]));
		*ret_actions |= action;
	}
	return OK;
}

static enum err
read_grant(
    const struct reading *w, const struct grant_body *body, struct grant *ret)
{
	const struct scope_body *s = &body->scope;
	struct grant grant = { .scope = (enum grant_scope)s->type,
		.catalog = s->catalog,
		.asset = s->asset,
		.tag = s->tag };

	TRY(check_members(w, s));
	if (s->type == GRANT_IN_NAMESPACE || s->type == GRANT_ON_ASSET)
		TRY(namespace_of_text(w->r,
		    arena_printf(
			w->r->arena, STR_FMT "/scope/namespace", STR_ARG(w->at))
			.ptr,
		    s->namespace, &grant.ns));
	TRY(read_refs(w, s->refs, &grant));
	TRY(read_actions(w, body->actions, &grant.actions));
	*ret = grant;
	return OK;
}

/* ---- catalogs */
/* The number of the first grant whose catalog is not there; grants->count:
 * there is none.  All are looked up with one question to the store. */
static enum err
find_missing_catalog(
    struct request *r, struct call *c, const struct grants *grants, size_t *ret)
{
	struct value *ids = ARENA_NEW(r->arena, struct value, grants->count);
	const struct value **keys =
	    ARENA_NEW(r->arena, const struct value *, grants->count);
	struct rows rows;
	size_t i = 0;

	*ret = grants->count;
	if (grants->count == 0)
		return OK;
	for (size_t k = 0; k < grants->count; k++) {
		ids[k] = value_id(grants->at[k].catalog);
		keys[k] = &ids[k];
	}
	TRY(store_get(c, ENTITY_CATALOGS, keys, grants->count, &rows));
	while (i < grants->count &&
	       (id_is_nil(grants->at[i].catalog) ||
		   (rows.row[i] != NULL &&
		       id_eq(value_id_or_nil(rows.row[i][CATALOG_TENANT]),
			   request_tenant(r)))))
		i++;
	*ret = i;
	return OK;
}

#define NO_CATALOG "there is no such catalog"

enum err
grants_of_bodies(struct request *r, struct call *c, const char *at,
    struct form_list bodies, struct grants *ret)
{
	const struct grant_body *body = bodies.at;
	size_t missing;

	*ret = (struct grants){ ARENA_NEW(r->arena, struct grant, bodies.count),
		bodies.count };
	if (bodies.count > GRANTS_OF_ROLE_MAX)
		return fail(&r->error, ERR_BAD_REQUEST, "%s: at most %d grants",
		    at, GRANTS_OF_ROLE_MAX);
	for (size_t i = 0; i < bodies.count; i++) {
		const struct reading w = { r,
			arena_printf(r->arena, "%s/%zu", at, i) };

		TRY(read_grant(&w, &body[i], &ret->at[i]));
	}
	TRY(find_missing_catalog(r, c, ret, &missing));
	if (missing == ret->count)
		return OK;
	return fail(&r->error, ERR_BAD_REQUEST,
	    "%s/%zu/scope/catalog_id: " NO_CATALOG, at, missing);
}

enum err
grant_of_body(struct request *r, struct call *c, const struct grant_body *body,
    struct grant *ret)
{
	const struct reading w = { r, STR("") };
	size_t missing;

	TRY(read_grant(&w, body, ret));
	TRY(find_missing_catalog(r, c, &(struct grants){ ret, 1 }, &missing));
	return missing == 1 ? OK : wrong(&w, "scope/catalog_id", NO_CATALOG);
}

/* ---- to a body */
/* With dots, unless a level has one. */
static struct str
shown_namespace(struct arena *a, struct str ns)
{
	if (ns.ptr == NULL || memchr(ns.ptr, '.', ns.len) != NULL)
		return ns;
	return path_shown(a, ns);
}

static struct form_texts
words_of(struct arena *a, unsigned actions)
{
	struct str *at = ARENA_NEW(a, struct str, GRANT_ACTIONS);
	size_t n = 0;

	for (unsigned i = 0; i < GRANT_ACTIONS; i++)
		if ((actions & 1u << i) != 0)
			at[n++] =
			    grant_action_word((enum grant_action)(1u << i));
	return (struct form_texts){ at, n };
}

struct grant_body
body_of_grant(struct arena *a, const struct grant *g)
{
	return (struct grant_body){
		.scope = { .type = (int)g->scope,
		    .catalog = g->catalog,
		    .asset = g->asset,
		    .namespace = shown_namespace(a, g->ns),
		    .tag = g->tag,
		    .refs = { g->ref_count != 0 ? g->refs : NULL,
			g->ref_count } },
		.actions = words_of(a, g->actions),
	};
}

struct form_list
bodies_of_grants(struct arena *a, struct grants grants)
{
	struct grant_body *at = ARENA_NEW(a, struct grant_body, grants.count);

	for (size_t i = 0; i < grants.count; i++)
		at[i] = body_of_grant(a, &grants.at[i]);
	return (struct form_list){ at, grants.count };
}
