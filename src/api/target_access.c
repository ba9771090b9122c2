#include "api/target_access.h"

#include "api/access.h"
#include "identity/rights.h"

static enum action
action_of(const struct request *r)
{
	return (enum action)r->route->action;
}

static bool
goes_by_grants(const struct request *r)
{
	return r->principal->role == ROLE_TENANT_USER;
}

static enum err
refuse(struct request *r)
{
	return authorize_refuse(r->principal, action_of(r), &r->error);
}

/* ---- names of refs */
/* "dev" of "dev~2026-11-01T00:00:00Z"; of nothing, or of what cannot be an
 * address: the default branch. */
static struct str
ref_of_text(struct str text)
{
	struct ref_spec spec = { 0 };
	struct error ignored;

	if (text.len != 0 && ref_spec_parse(text, &spec, &ignored) == OK &&
	    spec.ref.len != 0)
		return spec.ref;
	return STR("main");
}

struct str
access_ref_of(const struct branch *b)
{
	return ref_of_text(b->ref);
}

/* ---- catalogs */
static enum err
ask(struct request *r, enum action action, const struct grant_target *t)
{
	TRY(authorize_at(r->principal, action, t, &r->error));
	r->is_authorized = true;
	return OK;
}

enum err
access_catalog_as(struct request *r, enum action action,
    const struct catalog *catalog, struct str ref)
{
	const struct grant_target t = { .catalog = catalog->id, .ref = ref };

	return ask(r, action, &t);
}

enum err
access_catalog(struct request *r, const struct catalog *catalog, struct str ref)
{
	return access_catalog_as(r, action_of(r), catalog, ref);
}

enum err
access_ref(struct request *r, const struct catalog *catalog, struct str ref)
{
	if (!goes_by_grants(r) ||
	    rights_touch(r->principal->rights, catalog->id, ref_of_text(ref)))
		return OK;
	return refuse(r);
}

/* The refusal is that of the action, whether there is such a catalog or not. */
static enum err
find_catalog(struct request *r, struct call *c, struct str name, struct str ref,
    struct catalog *ret)
{
	enum err err = catalogs_get_to_read(c, request_tenant(r), name, ret);

	if (!goes_by_grants(r))
		return err;
	if (err == ERR_NO_SUCH_WAREHOUSE)
		return refuse(r);
	TRY(err);
	return rights_touch(r->principal->rights, ret->id, ref) ? OK
								: refuse(r);
}

/* Why it could not be opened is for whom may know of the catalog. */
static enum err
not_opened(struct request *r, struct call *c, struct str address, enum err err)
{
	struct error why = r->error;
	struct catalog catalog;
	struct str name, ref;

	branch_prefix_cut(address, &name, &ref);
	TRY(find_catalog(r, c, name, ref_of_text(ref), &catalog));
	r->error = why;
	return err;
}

enum err
access_opened(struct request *r, struct call *c, struct str address,
    enum err err, const struct branch *b)
{
	if (!goes_by_grants(r) || err == ERR_WOULD_BLOCK)
		return err;
	if (err != OK)
		return not_opened(r, c, address, err);
	return access_ref(r, &b->catalog, b->ref);
}

enum err
access_catalog_named(struct request *r, struct call *c, struct str name,
    struct str ref, struct catalog *ret)
{
	TRY(find_catalog(r, c, name, ref, ret));
	return access_catalog(r, ret, ref);
}

bool
access_is_by_ref(const struct request *r, const struct catalog *catalog)
{
	return goes_by_grants(r) &&
	       rights_have_refs(r->principal->rights, catalog->id);
}

enum err
access_source(struct request *r, const struct catalog *catalog, struct str ref)
{
	if (!access_is_by_ref(r, catalog))
		return OK;
	return access_catalog_as(r, ACTION_HISTORY_READ, catalog, ref);
}

bool
access_shows(
    const struct request *r, const struct catalog *catalog, struct str ref)
{
	const struct grant_target t = { .catalog = catalog->id, .ref = ref };

	return !goes_by_grants(r) || rights_see(r->principal->rights, &t);
}

/* ---- what is in them */
static struct grant_target
target_of(const struct branch *b, struct str ns)
{
	return (struct grant_target){
		.catalog = b->catalog.id, .ref = access_ref_of(b), .ns = ns
	};
}

enum err
access_namespace_as(struct request *r, enum action action,
    const struct branch *b, struct str ns)
{
	const struct grant_target t = target_of(b, ns);

	if (goes_by_grants(r))
		r->allowed =
		    (unsigned short)rights_allow(r->principal->rights, &t);
	return ask(r, action, &t);
}

enum err
access_namespace(struct request *r, const struct branch *b, struct str ns)
{
	return access_namespace_as(r, action_of(r), b, ns);
}

/* A refused HEAD has no body that could say so: as if it was not there. */
static enum err
not_seen(struct request *r, enum kind kind)
{
	if (r->method != METHOD_HEAD)
		return refuse(r);
	return fail(&r->error,
	    kind == KIND_VIEW ? ERR_NO_SUCH_VIEW : ERR_NO_SUCH_TABLE,
	    "Not there");
}

/* The actions that are allowed at a table or view, which need not be there. */
static enum err
look_at(struct request *r, struct call *c, const struct branch *b,
    struct ident ident, unsigned *ret_allowed, bool *ret_there)
{
	struct grant_target t = target_of(b, ident.ns);
	struct str rights = r->principal->rights;
	struct key key = ident_key(ident);
	struct version found = { 0 };

	*ret_allowed = rights_allow(rights, &t);
	*ret_there = true;
	if (!rights_have_assets(rights, t.catalog) &&
	    (*ret_allowed & GRANT_CREATE) == 0)
		return OK;
	TRY(branch_read(c, b, &key, 1, &found));
	*ret_there = version_is_live(&found);
	if (*ret_there) {
		t.object = found.object;
		*ret_allowed |= rights_allow_object(rights, &t);
	}
	return OK;
}

enum err
access_relation(struct request *r, struct call *c, const struct branch *b,
    enum kind kind, struct ident ident)
{
	unsigned grant = action_grant(action_of(r)), allowed;
	bool there;

	if (!goes_by_grants(r))
		return OK;
	TRY(look_at(r, c, b, ident, &allowed, &there));
	if (!there && (allowed & GRANT_CREATE) != 0)
		allowed |= GRANT_READ | GRANT_WRITE;
	else if ((allowed & grant) == 0)
		return not_seen(r, kind);
	r->allowed = (unsigned short)allowed;
	r->is_authorized = true;
	return OK;
}

/* "a" U+001F "b" U+001F "view" */
static enum err
read_view(struct request *r, struct str text, struct ident *ret)
{
	const char *last = memrchr(text.ptr, LEVEL_SEPARATOR, text.len);

	if (last == NULL)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "referenced-by: a view has a namespace, its levels and "
		    "its name parted by U+001F: " STR_FMT,
		    STR_ARG(text));
	ret->ns = (struct str){ text.ptr, (size_t)(last - text.ptr) };
	ret->name = str_skip(text, ret->ns.len + 1);
	TRY(path_check(ret->ns, &r->error));
	return relation_name_check(ret->name, "View", &r->error);
}

#define CHAIN_VIEWS_MAX 64

enum err
access_chain(struct request *r, struct call *c, const struct branch *b)
{
	struct ident view;
	unsigned allowed;
	struct str rest;
	size_t count = 0;
	bool there;

	TRY(request_query(r, "referenced-by", &rest));
	while (rest.len != 0) {
		if (++count > CHAIN_VIEWS_MAX)
			return fail(&r->error, ERR_BAD_REQUEST,
			    "referenced-by: at most %d views", CHAIN_VIEWS_MAX);
		TRY(read_view(r, str_cut(&rest, ','), &view));
		if (!goes_by_grants(r))
			continue;
		TRY(look_at(r, c, b, view, &allowed, &there));
		if ((allowed & GRANT_READ) == 0)
			return authorize_refuse(
			    r->principal, ACTION_VIEW_READ, &r->error);
	}
	return OK;
}

enum err
access_object(struct request *r, struct id catalog, struct id object)
{
	const struct grant_target t = {
		.catalog = catalog, .ref = REF_EVERY, .object = object
	};

	if (goes_by_grants(r))
		r->allowed =
		    (unsigned short)rights_allow(r->principal->rights, &t);
	return ask(r, action_of(r), &t);
}

bool
access_writes(const struct request *r)
{
	unsigned enough = GRANT_WRITE;

	if (action_scope(action_of(r)) == SCOPE_NAMESPACE)
		enough |= GRANT_CREATE;
	return (r->allowed & enough) != 0;
}

/* ---- lists */
struct filter {
	struct arena *arena;
	struct str rights;
	struct grant_target place;
};

static bool
shows_namespace(void *arg, const struct version *v)
{
	const struct filter *f = arg;
	struct grant_target t = f->place;
	char path[2 * PATH_MAX_BYTES];
	size_t len = 0;

	if (t.ns.len + v->key.name.len + 1 > sizeof(path))
		return false;
	if (t.ns.len != 0) {
		memcpy(path, t.ns.ptr, t.ns.len);
		path[t.ns.len] = LEVEL_SEPARATOR;
		len = t.ns.len + 1;
	}
	memcpy(path + len, v->key.name.ptr, v->key.name.len);
	t.ns = (struct str){ path, len + v->key.name.len };
	return rights_see(f->rights, &t);
}

static bool
shows_relation(void *arg, const struct version *v)
{
	const struct filter *f = arg;
	struct grant_target t = f->place;

	t.object = v->object;
	return (rights_allow_object(f->rights, &t) & GRANT_LIST) != 0;
}

bool
access_filter(struct request *r, const struct branch *b, enum space space,
    struct str ns, struct listing *io)
{
	struct grant_target t = target_of(b, ns);
	struct filter *f;

	if (!goes_by_grants(r) ||
	    (rights_allow(r->principal->rights, &t) & GRANT_LIST) != 0)
		return true;
	f = ARENA_NEW(r->arena, struct filter, 1);
	*f = (struct filter){ r->arena, r->principal->rights, t };
	io->shows = space == SPACE_NAMESPACE ? shows_namespace : shows_relation;
	io->shows_arg = f;
	return false;
}
