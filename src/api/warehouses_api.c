/*
 * warehouses_api.c - the routes of warehouses; their secrets come out masked.
 */
#include "api/access.h"
#include "api/form_body.h"
#include "api/forms_catalog.h"
#include "api/handlers.h"
#include "api/limit_offset.h"
#include "app/app.h"
#include "catalog/storage_probe.h"
#include "catalog/warehouses.h"
#include "config/settings.h"
#include "shm/warehouse_bytes.h"

static struct warehouse_body
body_of(const struct request *r, const struct warehouse *w)
{
	struct byte_sums bytes =
	    warehouse_bytes_sums(r->app->warehouse_bytes, w->id);

	return (struct warehouse_body){ .id = w->id,
		.tenant = w->tenant,
		.name = w->name,
		.use_sts = w->use_sts ? FORM_TRUE : FORM_FALSE,
		.storage_config = w->storage_config,
		.vending_strategy = w->vending_strategy,
		.bytes_written = bytes.written,
		.bytes_read = bytes.read };
}

static struct str
text_or_absent(struct arena *a, const yyjson_val *v)
{
	return v != NULL ? json_text(a, v) : (struct str){ 0 };
}

enum err
warehouses_list_get(struct request *r)
{
	struct call call = request_call(r);
	struct warehouse_list found;
	struct range range;

	TRY(query_range(r, &range));
	TRY(warehouses_list(
	    &call, request_tenant(r), range.limit, range.offset, &found));

	struct warehouse_body *bodies =
	    ARENA_NEW(r->arena, struct warehouse_body, found.count);

	for (size_t i = 0; i < found.count; i++)
		bodies[i] = body_of(r, &found.at[i]);
	reply_forms(r, &form_warehouse, bodies, found.count);
	reply_next(r, range, found.count, found.more);
	return OK;
}

static struct root_rules
rules_of(const struct request *r)
{
	const struct str_list *allowed =
	    &r->app->settings->warehouse_allowed_roots;

	return (struct root_rules){ r->app->state_dir, allowed->at,
		allowed->count, true };
}

enum err
warehouse_create_post(struct request *r)
{
	struct call call = request_call(r);
	struct warehouse_request body;
	struct root_rules rules = rules_of(r);
	struct warehouse made;

	TRY(body_decode(r, &form_create_warehouse_request, &body));

	const struct warehouse new = { .tenant = request_tenant(r),
		.name = body.name,
		.use_sts = body.use_sts == FORM_TRUE,
		.storage_config = body.storage_config,
		.vending_strategy =
		    text_or_absent(r->arena, body.vending_strategy) };

	TRY(warehouses_create(&call, &rules, &new, &made));

	struct warehouse_body answer = body_of(r, &made);

	reply_made(r, &form_warehouse, &answer);
	return OK;
}

enum err
warehouse_get(struct request *r)
{
	struct call call = request_call(r);
	struct warehouse found;

	TRY(warehouses_get(&call, request_tenant(r), r->arg[0], &found));

	struct warehouse_body body = body_of(r, &found);

	reply_form(r, &form_warehouse, &body);
	return OK;
}

enum err
warehouse_update_put(struct request *r)
{
	struct call call = request_call(r);
	struct warehouse_request body;
	struct root_rules rules = rules_of(r);
	struct warehouse changed;

	TRY(body_decode(r, &form_update_warehouse, &body));

	const struct warehouse_change change = { .name = body.name,
		.storage_config = body.storage_config,
		.use_sts = body.use_sts,
		.vending_strategy =
		    text_or_absent(r->arena, body.vending_strategy) };

	TRY(warehouses_update(
	    &call, &rules, request_tenant(r), r->arg[0], &change, &changed));

	struct warehouse_body answer = body_of(r, &changed);

	reply_form(r, &form_warehouse, &answer);
	return OK;
}

static struct probe_body
probe_body_of(struct arena *a, const struct storage_probe *probed)
{
	struct probe_step_body *at =
	    ARENA_NEW(a, struct probe_step_body, PROBE_STEPS);
	enum form_bool ok = FORM_TRUE;

	for (size_t i = 0; i < PROBE_STEPS; i++) {
		const struct probed *step = &probed->step[i];

		at[i].name = str_from(probe_step_name((enum probe_step)i));
		at[i].ok = !step->tried ? FORM_UNSET
			   : step->ok   ? FORM_TRUE
					: FORM_FALSE;
		at[i].error = step->why;
		if (at[i].ok != FORM_TRUE)
			ok = FORM_FALSE;
	}
	return (struct probe_body){ .ok = ok,
		.conditional_put = probed->conditional ? FORM_TRUE : FORM_FALSE,
		.signed_headers_only =
		    probed->signed_headers_only ? FORM_TRUE : FORM_FALSE,
		.steps = { at, PROBE_STEPS } };
}

/* The body has what would be changed: a form is tested before it is saved. */
enum err
warehouse_probe_post(struct request *r)
{
	struct call call = request_call(r);
	struct warehouse_request body;
	struct root_rules rules = rules_of(r);
	struct storage_probe probed;

	TRY(body_decode(r, &form_probe_request, &body));

	const struct warehouse_change change = { .storage_config =
						     body.storage_config,
		.use_sts = body.use_sts,
		.vending_strategy =
		    text_or_absent(r->arena, body.vending_strategy) };

	TRY(warehouses_probe(
	    &call, &rules, request_tenant(r), r->arg[0], &change, &probed));

	struct probe_body answer = probe_body_of(r->arena, &probed);

	reply_form(r, &form_probe, &answer);
	return OK;
}

enum err
warehouse_delete(struct request *r)
{
	struct call call = request_call(r);

	return warehouses_delete(&call, request_tenant(r), r->arg[0]);
}
