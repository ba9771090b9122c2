/* catalogs_api.c - the routes of catalogs: list, make, change, delete. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_catalog.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "api/target_access.h"
#include "catalog/catalogs.h"
#include "catalog/deleted_catalogs.h"

static struct catalog_body
body_of(const struct catalog *c)
{
	return (struct catalog_body){ .id = c->id,
		.name = c->name,
		.type = (int)c->type,
		.warehouse = c->warehouse,
		.storage_location = c->storage_location,
		.properties = c->properties };
}

#define LOOKED_AT 1000 /* at once */

static enum err
list_shown(struct request *r, struct call *c, struct range range,
    struct catalog_list *ret)
{
	struct shown_page page = shown_page_of(range);
	struct catalog *at = ARENA_NEW(r->arena, struct catalog, page.most);
	struct catalog_list some = { .more = true };

	for (int64_t n = 0; some.more && !page.more; n += LOOKED_AT) {
		TRY(catalogs_list(c, request_tenant(r), LOOKED_AT, n, &some));
		for (size_t i = 0; i < some.count && !page.more; i++)
			if (access_shows(r, &some.at[i], REF_ANY) &&
			    shown_page_takes(&page))
				at[page.count - 1] = some.at[i];
	}
	*ret = (struct catalog_list){ at, page.count, page.more };
	return OK;
}

enum err
catalogs_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct catalog_list found;
	struct range range;

	TRY(query_range(r, &range));
	if (r->principal->role == ROLE_TENANT_USER)
		TRY(list_shown(r, &call, range, &found));
	else
		TRY(catalogs_list(&call, request_tenant(r), range.limit,
		    range.offset, &found));

	struct catalog_body *bodies =
	    ARENA_NEW(r->arena, struct catalog_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(&found.at[i]);
	reply_forms(r, &form_catalog, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

enum err
catalog_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct catalog_body body;
	struct catalog made;

	TRY(body_decode(r, &form_create_catalog_request, &body));
	if (body.type == CATALOG_FEDERATED)
		return fail(&r->error, ERR_NOT_IMPLEMENTED,
		    "/catalog_type: federated catalogs are not supported");

	const struct catalog new = { .tenant = request_tenant(r),
		.name = body.name,
		.type = CATALOG_LOCAL,
		.warehouse = body.warehouse,
		.storage_location = body.storage_location,
		.properties = body.properties };

	TRY(catalogs_create(&call, &new, &made));
	body = body_of(&made);
	reply_made(r, &form_catalog, &body);
	return OK;
}

enum err
catalog_get(struct request *r)
{
	struct call call = request_call(r);
	struct catalog found;

	TRY(access_catalog_named(r, &call, r->arg[0], REF_ANY, &found));
	TRY(catalogs_get(&call, request_tenant(r), r->arg[0], &found));

	struct catalog_body body = body_of(&found);

	reply_form(r, &form_catalog, &body);
	return OK;
}

enum err
catalog_update_put(struct request *r)
{
	struct call call = request_call(r);
	struct catalog_body body;
	struct catalog changed;

	TRY(body_decode(r, &form_update_catalog, &body));

	const struct catalog change = { .warehouse = body.warehouse,
		.storage_location = body.storage_location,
		.properties = body.properties };

	TRY(catalogs_update(
	    &call, request_tenant(r), r->arg[0], &change, &changed));
	body = body_of(&changed);
	reply_form(r, &form_catalog, &body);
	return OK;
}

enum err
catalog_delete(struct request *r)
{
	struct call call = request_call(r);

	return catalogs_delete(&call, request_tenant(r), r->arg[0]);
}
