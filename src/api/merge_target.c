#include "api/merge_target.h"

#include "api/commit_message.h"
#include "api/form_body.h"
#include "api/target_access.h"
#include "app/app.h"
#include "config/settings.h"
#include "identity/principal.h"

enum err
merge_message_check(struct request *r, struct str *io)
{
	if (io->len == 0)
		*io = (struct str){ 0 };
	if (io->ptr == NULL)
		return OK;
	return commit_message_check("/message", *io, &r->error);
}

enum err
merge_catalog(struct request *r, struct call *c, struct str name,
    struct str ref, struct branch *ret)
{
	struct catalog catalog;
	struct str message;

	if (memchr(name.ptr, '@', name.len) != NULL)
		return fail(&r->error, ERR_NO_SUCH_WAREHOUSE,
		    "Catalog does not exist: " STR_FMT, STR_ARG(name));
	TRY(access_catalog_named(
	    r, c, name, ref.len != 0 ? ref : STR("main"), &catalog));
	TRY(commit_message_read(r, &message));
	TRY(branch_open(c, request_tenant(r), name, ret));
	ret->writer = (struct writer){
		.author = r->principal->username,
		.committer = r->app->committer,
		.idempotency = r->idempotency,
		.message = message,
	};
	ret->limits = &r->app->settings->limits;
	return OK;
}

enum err
merge_source(struct request *r, const struct branch *in, struct str ref)
{
	return access_catalog_as(r, ACTION_HISTORY_READ, &in->catalog, ref);
}

enum err
merge_catalog_of(struct request *r, struct call *c,
    const struct merge_operation *op, struct branch *ret)
{
	const struct value *row;
	struct str name = STR("");

	TRY(record_find_by_key(
	    c, ENTITY_CATALOGS, value_id(op->catalog), &row));
	if (row != NULL)
		name = value_str_or_absent(row[CATALOG_NAME]);
	if (row == NULL ||
	    !id_eq(value_id_or_nil(row[CATALOG_TENANT]), request_tenant(r)))
		return fail(&r->error, ERR_NO_SUCH_WAREHOUSE,
		    "The catalog of the merge operation does not exist");
	return merge_catalog(r, c, name, op->target_name, ret);
}

enum err
merge_operation_of(
    struct request *r, struct call *c, struct merge_operation *ret)
{
	struct id id;

	TRY(arg_id(r, 0, "merge operation id", &id));
	TRY(operations_get(c, request_tenant(r), id, ret));

	const struct catalog in = { .id = ret->catalog };

	if (access_catalog(r, &in, ret->target_name) != OK)
		return fail(
		    &r->error, ERR_NOT_FOUND, "Merge operation not found");
	return OK;
}
