/* service_users_api.c - service users; their keys are shown once. */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_identity.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "base/clock.h"
#include "identity/service_users.h"

#define DAY (86400 * CLOCK_SECOND)
#define DAYS_MAX 36500

/* `key` is absent where it is not to be shown. */
static struct service_user_body
body_of(const struct service_user *s, struct str key)
{
	return (struct service_user_body){ .id = s->id,
		.tenant = s->tenant,
		.created_by = s->created_by,
		.name = s->name,
		.description = s->description,
		.api_key = key,
		.role = choice_of_role(s->role),
		.created_us = s->created_us,
		.last_used_us =
		    s->last_used_us != 0 ? s->last_used_us : FORM_NO_INT,
		.expires_us = s->expires_us != 0 ? s->expires_us : FORM_NO_INT,
		.active = s->active ? FORM_TRUE : FORM_FALSE };
}

enum err
service_users_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct service_user_list found;
	struct range range;

	TRY(query_range(r, &range));
	TRY(service_users_list(
	    &call, r->principal, range.limit, range.offset, &found));

	struct service_user_body *bodies =
	    ARENA_NEW(r->arena, struct service_user_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(&found.at[i], (struct str){ 0 });
	reply_forms(r, &form_service_user, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

static enum err
expiry_of(struct request *r, int64_t days, int64_t *ret_us)
{
	*ret_us = 0;
	if (days == FORM_NO_INT)
		return OK;
	if (days < 1 || days > DAYS_MAX)
		return fail(&r->error, ERR_BAD_REQUEST,
		    "/expires_in_days: expected a number from 1 to %d",
		    DAYS_MAX);
	*ret_us = clock_now_us() + days * DAY;
	return OK;
}

enum err
service_user_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct create_service_user_request body;
	struct service_user made;
	int64_t expires_us;
	struct str key;

	TRY(body_decode(r, &form_create_service_user_request, &body));
	TRY(expiry_of(r, body.expires_in_days, &expires_us));

	const struct service_user new = { .name = body.name,
		.description = body.description,
		.role = role_of_choice(body.role),
		.expires_us = expires_us };

	TRY(service_users_create(&call, r->principal, &new, &made, &key));

	struct service_user_body answer = body_of(&made, key);

	reply_no_store(r);
	reply_made(r, &form_api_key_response, &answer);
	return OK;
}

enum err
service_user_get(struct request *r)
{
	struct call call = request_call(r);
	struct service_user found;
	struct id id;

	TRY(arg_id(r, 0, "Service user id", &id));
	TRY(service_users_get(&call, r->principal, id, &found));

	struct service_user_body body = body_of(&found, (struct str){ 0 });

	reply_form(r, &form_service_user, &body);
	return OK;
}

enum err
service_user_update_put(struct request *r)
{
	static const struct status_body updated = { { "updated", 7 } };
	struct call call = request_call(r);
	struct update_service_user body;
	struct service_user changed;
	struct id id;

	TRY(arg_id(r, 0, "Service user id", &id));
	TRY(body_decode(r, &form_update_service_user, &body));

	const struct service_user_change change = { body.name, body.description,
		body.active };

	TRY(service_users_update(&call, r->principal, id, &change, &changed));
	reply_form(r, &form_status, &updated);
	return OK;
}

enum err
service_user_delete(struct request *r)
{
	static const struct status_body deleted = { { "deleted", 7 } };
	struct call call = request_call(r);
	struct id id;

	TRY(arg_id(r, 0, "Service user id", &id));
	TRY(service_users_delete(&call, r->principal, id));
	reply_form(r, &form_status, &deleted);
	return OK;
}

enum err
service_user_rotate_post(struct request *r)
{
	struct call call = request_call(r);
	struct service_user rotated;
	struct str key;
	struct id id;

	TRY(arg_id(r, 0, "Service user id", &id));
	TRY(service_users_rotate(&call, r->principal, id, &rotated, &key));

	struct service_user_body answer = body_of(&rotated, key);

	reply_no_store(r);
	reply_form(r, &form_api_key_response, &answer);
	return OK;
}
