/* namespaces_api.c - the namespace routes of the Iceberg REST spec. */
#include "api/forms_catalog.h"
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/idempotent_answers.h"
#include "api/name_list.h"
#include "api/paging.h"
#include "api/request_target.h"
#include "api/target_access.h"
#include "cache/list_cache.h"
#include "calls/store_call.h"
#include "catalog/namespace_move.h"
#include "catalog/namespaces.h"

static void
reply_namespace(struct request *r, struct str path, struct pairs properties)
{
	const struct namespace_body answer = { levels_of(r->arena, path),
		properties };
	struct buf body = buf_in(r->arena);

	form_encode(&form_namespace, &answer, &body);
	reply_part(r, buf_str(&body));
}

static enum err
list_in(struct request *r, struct call *call, const struct branch *branch,
    struct str parent, struct page page, struct name_list *names,
    struct listing *ret)
{
	name_list_of_namespaces(names, r->arena, parent);
	*ret = name_list_take(names, page);
	(void)access_filter(r, branch, SPACE_NAMESPACE, parent, ret);
	return namespaces_list(call, branch, parent, ret);
}

/*
 * PyIceberg 0.12 encodes `parent` twice, its levels and then the whole query:
 * a parent that is not there may be one that is still encoded.
 */
static enum err
list_below(struct request *r, struct call *call, const struct branch *branch,
    struct str parent, struct page page, struct name_list *names,
    struct listing *ret)
{
	enum err err = list_in(r, call, branch, parent, page, names, ret);
	struct error ignored = { 0 };
	struct str decoded;

	if (err != ERR_NO_SUCH_NAMESPACE ||
	    request_decode(r->arena, parent, "parent", &decoded, &ignored) !=
		OK ||
	    str_eq(decoded, parent))
		return err;
	return list_in(r, call, branch, decoded, page, names, ret);
}

/* The whole list is cached, pages are not. */
enum err
namespaces_list_get(struct request *r)
{
	struct cached_list cached = { 0 };
	struct name_list names;
	struct listing found;
	struct branch branch;
	struct call call;
	struct str parent;
	struct paging paging;

	TRY(target_branch(r, &call, &branch));
	TRY(request_query(r, "parent", &parent));
	if (parent.len != 0)
		TRY(target_path(r, &call, &branch, &parent));

	const struct listed listed = { branch.id, "Namespace", parent };

	TRY(paging_read(r, &listed, &paging));

	if (!access_filter(r, &branch, SPACE_NAMESPACE, parent, &found))
		paging.may_be_whole = false;
	if (paging.may_be_whole)
		TRY(list_cache_find(&call, branch.chain.link[0],
		    branch.is_history ? &branch.catalog.purged_us : NULL,
		    "Namespace", parent, &cached));
	if (cached.value.ptr != NULL) {
		reply_part(r, cached.value);
		return OK;
	}
	TRY(list_below(r, &call, &branch, parent, paging.page, &names, &found));

	struct str token = paging_token(r, &listed, found.next);
	struct str body = name_list_end(&names, token);

	if (paging.may_be_whole && token.ptr == NULL)
		list_cache_put(&call, &cached, body);
	reply_part(r, body);
	return OK;
}

static enum err
read_new(struct request *r, struct namespace *ret)
{
	struct namespace_body body;

	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(path_of_levels(r->arena, body.namespace.at, body.namespace.count,
	    &ret->path, &r->error));
	ret->properties = body.properties;
	return OK;
}

enum err
namespace_create_post(struct request *r)
{
	struct namespace new;
	struct branch branch;
	struct call call;

	TRY(target_branch(r, &call, &branch));
	TRY(read_new(r, &new));
	TRY(target_path(r, &call, &branch, &new.path));
	TRY(namespaces_create(&call, &branch, &new));
	reply_namespace(r, new.path, new.properties);
	return OK;
}

/* The path that a name with an '@' came to mean stands in the commit; a pruned
 * commit leaves it as it was written. */
static enum err
find_made(struct call *call, struct point commit, struct str *io_path)
{
	struct point above = { commit.branch, commit.seq - 1 };
	struct versions made;

	if (memchr(io_path->ptr, '@', io_path->len) == NULL)
		return OK;
	TRY(store_changes(call, above, commit.seq, 1, &made));
	for (size_t i = 0; i < made.count; i++)
		if (made.at[i].kind == KIND_NAMESPACE)
			*io_path = path_join(call->arena, made.at[i].key.ns,
			    made.at[i].key.name);
	return OK;
}

enum err
namespace_create_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct namespace new;

	TRY(read_new(r, &new));
	TRY(find_made(call, first->commit, &new.path));
	reply_namespace(r, new.path, new.properties);
	return OK;
}

enum err
namespace_get(struct request *r)
{
	struct namespace found;
	struct branch branch;
	struct call call;
	struct str path;

	TRY(target_namespace(r, &call, &branch, &path));
	TRY(namespaces_get(&call, &branch, path, &found));
	reply_namespace(r, path, found.properties);
	return OK;
}

enum err
namespace_head(struct request *r)
{
	struct branch branch;
	struct call call;
	struct str path;

	TRY(target_namespace(r, &call, &branch, &path));
	return namespaces_check(&call, &branch, path);
}

enum err
namespace_delete(struct request *r)
{
	struct branch branch;
	struct call call;
	struct str path;

	TRY(target_namespace(r, &call, &branch, &path));
	return namespaces_drop(&call, &branch, path);
}

static enum err
read_changes(struct request *r, struct property_changes *ret)
{
	struct update_namespace_request body;

	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	*ret = (struct property_changes){ .removals = body.removals.at,
		.removal_count = body.removals.count,
		.updates = body.updates };
	return OK;
}

static void
reply_changes(struct request *r, const struct property_changes *changes)
{
	size_t count = changes->updates.count;
	struct str *updated = ARENA_NEW(r->arena, struct str, count + 1);
	struct buf out = buf_in(r->arena);

	for (size_t i = 0; i < count; i++)
		updated[i] = changes->updates.at[i].name;

	const struct update_namespace_answer answer = {
		.updated = { updated, count },
		.removed = { changes->removed, changes->removed_count },
		.missing = { changes->missing, changes->missing_count },
	};

	form_encode(&form_update_namespace_answer, &answer, &out);
	reply_part(r, buf_str(&out));
}

enum err
namespace_properties_post(struct request *r)
{
	struct property_changes changes;
	struct branch branch;
	struct call call;
	struct str path;

	TRY(target_namespace(r, &call, &branch, &path));
	TRY(read_changes(r, &changes));
	TRY(namespaces_update(&call, &branch, path, &changes));
	reply_changes(r, &changes);
	return OK;
}

enum err
namespace_properties_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct property_changes changes;
	struct branch branch;
	struct str path;

	TRY(target_namespace(r, call, &branch, &path));
	TRY(read_changes(r, &changes));
	TRY(namespaces_update_again(
	    call, &branch.catalog, first->commit, path, &changes));
	reply_changes(r, &changes);
	return OK;
}

enum err
namespace_move_post(struct request *r)
{
	struct move_namespace_request body;
	struct str address, from, to;
	struct branch branch;
	struct call call;

	TRY(form_decode(r->route->body, r->arena, r->body, &body, &r->error));
	TRY(path_of_levels(
	    r->arena, body.source.at, body.source.count, &from, &r->error));
	TRY(path_of_levels(r->arena, body.destination.at,
	    body.destination.count, &to, &r->error));
	address = body.catalog;
	if (body.branch.ptr != NULL)
		address = arena_printf(r->arena, STR_FMT "@" STR_FMT,
		    STR_ARG(body.catalog), STR_ARG(body.branch));
	TRY(target_address(r, address, &call, &branch));
	TRY(access_namespace(r, &branch, from));
	TRY(access_namespace_as(r, ACTION_NAMESPACE_CREATE, &branch, to));
	return namespace_move(&call, &branch, from, to);
}
