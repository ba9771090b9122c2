/* namespaces_api.c - the namespace routes of the Iceberg REST spec. */
#include "api/forms_iceberg.h"
#include "api/handlers.h"
#include "api/paging.h"
#include "api/replays.h"
#include "api/target_of.h"
#include "cache/kept.h"
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

/*
 * PyIceberg 0.12 encodes `parent` twice, its levels and then the whole query:
 * a parent that is not there may be one that is still encoded.
 */
static enum err
list_below(struct request *r, struct call *call, const struct branch *branch,
    struct page page, struct str *io_parent, struct listing *ret)
{
	enum err err = namespaces_list(call, branch, *io_parent, page, ret);
	struct error ignored = { 0 };
	struct str decoded;

	if (err != ERR_NO_SUCH_NAMESPACE ||
	    request_decode(
		r->arena, *io_parent, "parent", &decoded, &ignored) != OK ||
	    str_eq(decoded, *io_parent))
		return err;
	*io_parent = decoded;
	return namespaces_list(call, branch, decoded, page, ret);
}

static struct str
encoded(struct arena *a, struct str parent, const struct listing *found,
    struct str token)
{
	struct form_texts *paths =
	    ARENA_NEW(a, struct form_texts, found->count + 1);
	struct buf body = buf_in(a);

	for (size_t i = 0; i < found->count; i++)
		paths[i] =
		    levels_of(a, path_join(a, parent, found->at[i].key.name));

	const struct namespace_list_answer answer = { { paths, found->count },
		token };

	form_encode(&form_namespace_list, &answer, &body);
	return buf_str(&body);
}

/* The whole list is kept until the branch moves, pages are not. */
enum err
namespaces_list_get(struct request *r)
{
	struct kept_text kept = { 0 };
	struct listing found;
	struct branch branch;
	struct call call;
	struct str parent;
	struct page page;

	TRY(target_branch(r, &call, &branch));
	TRY(request_query(r, "parent", &parent));
	if (parent.len != 0)
		TRY(path_check(parent, &r->error));

	const struct listed listed = { branch.id, "Namespace", parent };

	TRY(paging_read(r, &listed, &page));
	if (paging_wants_all(page))
		kept_text_find(&call, branch.id, "Namespace", parent, &kept);
	if (kept.kept.value.ptr != NULL) {
		reply_part(r, kept.kept.value);
		return OK;
	}
	TRY(list_below(r, &call, &branch, page, &parent, &found));

	struct str token = paging_token(r, &listed, found.next);
	struct str body = encoded(r->arena, parent, &found, token);

	if (kept.key.name.ptr != NULL)
		kept_text_put(&call, &kept, body);
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
	TRY(namespaces_create(&call, &branch, &new));
	reply_namespace(r, new.path, new.properties);
	return OK;
}

enum err
namespace_create_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct namespace new;

	(void)call;
	(void)first;
	TRY(read_new(r, &new));
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

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &path));
	TRY(namespaces_get(&call, &branch, path, &found));
	reply_namespace(r, path, found.properties);
	return OK;
}

enum err
namespace_head(struct request *r)
{
	TRY(namespace_get(r));
	r->reply.part_count = 0;
	r->reply.status = 204;
	return OK;
}

enum err
namespace_delete(struct request *r)
{
	struct branch branch;
	struct call call;
	struct str path;

	TRY(target_branch(r, &call, &branch));
	TRY(target_namespace(r, &path));
	return namespaces_drop(&call, &branch, path);
}

static enum err
read_changes(
    struct request *r, struct str *ret_path, struct property_changes *ret)
{
	struct update_namespace_request body;

	TRY(target_namespace(r, ret_path));
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

	TRY(target_branch(r, &call, &branch));
	TRY(read_changes(r, &path, &changes));
	TRY(namespaces_update(&call, &branch, path, &changes));
	reply_changes(r, &changes);
	return OK;
}

enum err
namespace_properties_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct property_changes changes;
	struct str path;

	TRY(read_changes(r, &path, &changes));
	TRY(namespaces_update_again(call, first->commit, path, &changes));
	reply_changes(r, &changes);
	return OK;
}
