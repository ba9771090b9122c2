/*
 * warehouse_credentials_api.c - credentials for the table whose own a location
 * is: never for what only looks like it, see catalog/location_rows.h.
 */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_credentials.h"
#include "api/handlers.h"
#include "api/target_access.h"
#include "catalog/location_rows.h"
#include "catalog/vending.h"
#include "object/object.h"

static enum err
no_table(struct request *r, struct str location)
{
	/* whether a table is there is nobody's business who may not read it */
	if (!r->is_authorized)
		return authorize_refuse(
		    r->principal, ACTION_TABLE_READ, &r->error);
	return fail(&r->error, ERR_NOT_FOUND,
	    "location: no table of the warehouse is at " STR_FMT,
	    STR_ARG(location));
}

/* The place of the table whose own the location is. */
static enum err
find_place(struct request *r, struct call *c, const struct warehouse *w,
    struct str location, struct str *ret)
{
	const struct location_owner nobody = { .is_purged = false };
	const struct value *row = NULL;

	TRY(object_location_check(location, &r->error));
	if (!object_location_is_below(location, w->root))
		return no_table(r, location);
	TRY(location_rows_meet_above(c, object_path(location), &nobody, &row));
	if (row == NULL || id_is_nil(value_id_or_nil(row[LOCATION_OBJECT])) ||
	    !location_row_is_confirmed(row) || location_row_is_doomed(row))
		return no_table(r, location);
	TRY(access_object(r, value_id_or_nil(row[LOCATION_CATALOG]),
	    value_id_or_nil(row[LOCATION_OBJECT])));
	*ret = value_str_or_absent(row[LOCATION_PATH]);
	/* a row of a larger place that the warehouse had */
	if (!object_location_is_below(
		object_location_at(r->arena, *ret), w->root))
		return no_table(r, location);
	return OK;
}

static struct warehouse_credentials_body
body_of(const struct vended *vended)
{
	struct pairs config = vended->config;
	struct str ends =
	    pairs_find(config, STR("s3.session-token-expires-at-ms"));
	int64_t ms = 0;

	return (struct warehouse_credentials_body){
		.type = STR("Aws"),
		.access_key = pairs_find(config, STR("s3.access-key-id")),
		.secret_key = pairs_find(config, STR("s3.secret-access-key")),
		.session_token = pairs_find(config, STR("s3.session-token")),
		.expires_us = ends.ptr != NULL && str_to_int(ends, &ms)
				  ? ms * 1000
				  : FORM_NO_INT,
	};
}

enum err
warehouse_credentials_get(struct request *r)
{
	struct call call = request_call(r);
	/* of which branch is not said: nothing is deleted */
	struct vending_wish wish = { .is_shared = true };
	struct vended vended;
	struct str location;
	struct warehouse w;

	TRY(request_query(r, "location", &location));
	if (location.len == 0)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "location: name a table's location");
	TRY(warehouses_get(&call, request_tenant(r), r->arg[0], &w));
	TRY(find_place(r, &call, &w, location, &wish.paths));
	wish.may_write = access_writes(r);
	TRY(vending_credentials(&call, &w, &wish, &vended));
	if (vended.prefix.ptr == NULL)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "The warehouse gives no credentials: its vending_strategy "
		    "names none");

	struct warehouse_credentials_body body = body_of(&vended);

	reply_no_store(r);
	reply_form(r, &form_warehouse_credentials, &body);
	return OK;
}
