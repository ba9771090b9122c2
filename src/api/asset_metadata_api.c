/*
 * asset_metadata_api.c - the routes of business metadata: tags and what else
 * administrators say of a table or view.
 */
#include "api/access.h"
#include "api/asset_target.h"
#include "api/form_body.h"
#include "api/forms_access.h"
#include "api/handlers.h"
#include "api/target_access.h"
#include "identity/asset_metadata.h"

static void
reply_metadata(struct request *r, const struct asset_metadata *m)
{
	const struct metadata_reply body = {
		.metadata = { .id = m->id,
		    .asset = m->object,
		    .description = m->description,
		    .tags = { m->tags, m->tag_count },
		    .properties = m->properties,
		    .discoverable = m->discoverable ? FORM_TRUE : FORM_FALSE,
		    .created_by = m->created_by,
		    .created_us = m->created_us,
		    .updated_by = m->updated_by,
		    .updated_us = m->updated_us }
	};

	reply_form(r, &form_metadata_reply, &body);
}

/* An id alone does not tell where its table is: the query does, until there is
 * metadata that knows. */
static enum err
find_place(struct request *r, struct call *c, struct asset_metadata *io)
{
	struct asset_metadata before;
	struct grant_target place;

	TRY(query_asset(r, c, &place));
	if (!id_is_nil(place.catalog)) {
		if (id_is_nil(place.object) || !id_eq(place.object, io->object))
			return fail(&r->error, ERR_NOT_FOUND,
			    "Asset not found: catalog, namespace and asset of "
			    "the query name no table or view of this id");
		io->catalog = place.catalog;
		io->ns = place.ns;
		return OK;
	}
	TRY(asset_metadata_find(c, request_tenant(r), io->object, &before));
	if (id_is_nil(before.id))
		return fail(&r->error, ERR_BAD_REQUEST,
		    "catalog: name catalog, namespace and asset in the query, "
		    "as nothing is known of this id yet");
	io->catalog = before.catalog;
	io->ns = before.ns;
	return OK;
}

enum err
asset_metadata_set_post(struct request *r)
{
	struct call call = request_call(r);
	struct add_metadata_request body;
	struct asset_metadata said;
	struct id id;

	TRY(arg_id(r, 0, "Asset id", &id));
	TRY(body_decode(r, &form_add_metadata_request, &body));
	said = (struct asset_metadata){ .object = id,
		.description = body.description,
		.tags = body.tags.at,
		.tag_count = body.tags.count,
		.properties = body.properties != NULL
				  ? json_text(r->arena, body.properties)
				  : STR("{}"),
		.discoverable = body.discoverable == FORM_TRUE };
	TRY(find_place(r, &call, &said));
	TRY(asset_metadata_set(&call, r->principal, &said));
	reply_metadata(r, &said);
	return OK;
}

/* Readers of the table may read it; the others are not told whether it is
 * there. */
enum err
asset_metadata_get(struct request *r)
{
	struct call call = request_call(r);
	struct asset_metadata found;
	struct id id;

	TRY(arg_id(r, 0, "Asset id", &id));
	TRY(asset_metadata_find(&call, request_tenant(r), id, &found));
	TRY(access_object(r, found.catalog, id));
	if (id_is_nil(found.id))
		return fail(&r->error, ERR_NOT_FOUND, "Metadata not found");
	reply_metadata(r, &found);
	return OK;
}

enum err
asset_metadata_remove_delete(struct request *r)
{
	struct call call = request_call(r);
	struct id id;

	TRY(arg_id(r, 0, "Asset id", &id));
	return asset_metadata_delete(&call, r->principal, id);
}
