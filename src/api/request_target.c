#include "api/request_target.h"

#include "api/commit_message.h"
#include "api/target_access.h"
#include "app/app.h"
#include "base/buf.h"
#include "config/settings.h"
#include "http/router.h"
#include "identity/principal.h"

/* ---- names with an '@' */
/* The last '@' that is alone; NULL: there is none. */
static const char *
find_at(struct str name)
{
	const char *found = NULL;

	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] != '@')
			continue;
		if (i + 1 < name.len && name.ptr[i + 1] == '@')
			i++;
		else
			found = name.ptr + i;
	}
	return found;
}

/* '@' for each '@@'. */
static struct str
unescaped(struct arena *a, struct str name)
{
	struct buf b = buf_in(a);

	if (memmem(name.ptr, name.len, "@@", 2) == NULL)
		return name;
	for (size_t i = 0; i < name.len; i++) {
		buf_add_char(&b, name.ptr[i]);
		if (name.ptr[i] == '@' && i + 1 < name.len &&
		    name.ptr[i + 1] == '@')
			i++;
	}
	return buf_str(&b);
}

/* Is it the address of a branch or tag that is there? */
static enum err
is_ref(struct call *c, const struct branch *b, struct str text, bool *ret)
{
	struct ref_spec spec;
	struct error ignored;
	const struct ref *found;

	*ret = false;
	if (ref_spec_parse(text, &spec, &ignored) != OK || spec.ref.len == 0)
		return OK;
	TRY(ref_find(c, &b->catalog, spec.ref, &found));
	*ret = found != NULL;
	return OK;
}

/* The name and the branch in what a client wrote for the last level of
 * `literal`, unless there is something of just this name. */
static enum err
cut_name(struct call *c, const struct branch *b, struct key literal,
    struct str *ret_name, struct str *ret_ref)
{
	struct str name = literal.name, ref = { 0 };
	struct version v;
	const char *at;
	bool there;

	*ret_name = name;
	*ret_ref = ref;
	if (memchr(name.ptr, '@', name.len) == NULL)
		return OK;
	TRY(branch_read(c, b, &literal, 1, &v));
	if (version_is_live(&v))
		return OK;
	at = find_at(name);
	if (at != NULL && at != name.ptr) {
		size_t len = (size_t)(at - name.ptr);

		ref = str_skip(name, len + 1);
		TRY(is_ref(c, b, ref, &there));
		if (there)
			name.len = len;
		else
			ref = (struct str){ 0 };
	}
	*ret_name = unescaped(c->arena, name);
	*ret_ref = ref;
	return OK;
}

static enum action_scope
scope_of(const struct request *r)
{
	return action_scope((enum action)r->route->action);
}

/* ---- branches */
/* A protected branch or a historic view is refused before files are written. */
static enum err
may_write(struct request *r, struct call *c, const struct branch *b)
{
	if (request_reads(r) || r->route->action == ACTION_TABLE_READ)
		return OK;
	return branch_may_write(c, b);
}

enum err
target_switch(
    struct request *r, struct call *c, struct branch *io, struct str ref)
{
	if (ref.ptr == NULL)
		return OK;
	TRY(access_ref(r, &io->catalog, ref));
	if (io->ref.len == 0)
		TRY(branch_switch(c, io, ref));
	else if (!str_eq(io->ref, ref))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "The request names two branches: '" STR_FMT
		    "' and '" STR_FMT "'",
		    STR_ARG(io->ref), STR_ARG(ref));
	return OK;
}

enum err
target_address(struct request *r, struct str address, struct call *ret_call,
    struct branch *ret)
{
	struct call call = request_call(r);
	struct str message;
	enum err err;

	*ret_call = call;
	if (request_reads(r)) {
		err =
		    branch_open_to_read(&call, request_tenant(r), address, ret);
		return access_opened(r, &call, address, err, ret);
	}
	TRY(commit_message_read(r, &message));
	err = branch_open(&call, request_tenant(r), address, ret);
	TRY(access_opened(r, &call, address, err, ret));
	ret->writer = (struct writer){
		.author = r->principal->username,
		.message = message,
		.committer = r->app->committer,
		.idempotency = r->idempotency,
	};
	ret->limits = &r->app->settings->limits;
	ret->plain_locations = !r->app->settings->location_ids;
	ret->hides_owners = r->principal->role == ROLE_TENANT_USER;
	return OK;
}

enum err
target_branch(struct request *r, struct call *ret_call, struct branch *ret)
{
	struct str query;

	TRY(target_address(r, r->arg[ARG_PREFIX], ret_call, ret));
	TRY(request_query(r, "branch", &query));
	TRY(target_switch(r, ret_call, ret, query));
	if (scope_of(r) != SCOPE_CATALOG)
		return OK;
	return access_catalog(r, &ret->catalog, access_ref_of(ret));
}

enum err
target_path(
    struct request *r, struct call *c, struct branch *io, struct str *io_path)
{
	struct str name, ref;
	struct key key;

	TRY(path_check(*io_path, &r->error));
	if (memchr(io_path->ptr, '@', io_path->len) != NULL) {
		key = path_key(*io_path);
		TRY(cut_name(c, io, key, &name, &ref));
		TRY(target_switch(r, c, io, ref));
		if (!str_eq(name, key.name))
			*io_path = path_join(r->arena, key.ns, name);
	}
	if (scope_of(r) == SCOPE_RELATION)
		return OK;
	return access_namespace(r, io, *io_path);
}

enum err
target_namespace(struct request *r, struct call *ret_call, struct branch *ret,
    struct str *ret_path)
{
	*ret_path = r->arg[ARG_NAMESPACE];
	TRY(target_branch(r, ret_call, ret));
	return target_path(r, ret_call, ret, ret_path);
}

enum err
target_name(struct request *r, enum kind kind, struct call *c,
    struct branch *io, struct str name, struct ident *io_ident)
{
	struct key key = { SPACE_RELATION, io_ident->ns, name };
	struct str ref;

	TRY(relation_name_check(name, kind_title(kind), &r->error));
	TRY(cut_name(c, io, key, &io_ident->name, &ref));
	TRY(target_switch(r, c, io, ref));
	if (scope_of(r) == SCOPE_RELATION)
		TRY(access_relation(r, c, io, kind, *io_ident));
	else
		TRY(access_namespace(r, io, io_ident->ns));
	return may_write(r, c, io);
}

enum err
target_relation(struct request *r, enum kind kind, struct call *ret_call,
    struct branch *ret, struct ident *ret_ident)
{
	TRY(target_namespace(r, ret_call, ret, &ret_ident->ns));
	return target_name(
	    r, kind, ret_call, ret, r->arg[ARG_RELATION], ret_ident);
}

enum err
target_identifier(struct request *r, enum kind kind, struct call *c,
    const struct branch *b, const struct table_identifier *from,
    struct ident *ret, struct str *ret_ref)
{
	TRY(path_of_levels(r->arena, from->namespace.at, from->namespace.count,
	    &ret->ns, &r->error));
	TRY(relation_name_check(from->name, kind_title(kind), &r->error));
	return cut_name(c, b,
	    (struct key){ SPACE_RELATION, ret->ns, from->name }, &ret->name,
	    ret_ref);
}

struct form_texts
levels_of(struct arena *a, struct str path)
{
	size_t count = 1, n = 0;

	for (size_t i = 0; i < path.len; i++)
		count += path.ptr[i] == LEVEL_SEPARATOR;

	struct str *levels = ARENA_NEW(a, struct str, count);

	while (path.ptr != NULL)
		levels[n++] = str_cut(&path, LEVEL_SEPARATOR);
	return (struct form_texts){ levels, n };
}
