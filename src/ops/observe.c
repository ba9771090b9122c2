/* observe.c - finds a request's row in the shared counts. */
#include "ops/observe.h"

#include "app/app.h"
#include "identity/principal.h"
#include "ops/access_log.h"
#include "ops/request_notes.h"

/* Credentials that a request came with, or that it was a sign-in by. */
static void
count_credentials(const struct request *r, const struct outcome *o)
{
	const struct app *app = r->app;
	struct slot *slot = &app->slots.at[app->worker];
	const struct principal *p = r->principal;

	if (o->status == 401)
		slot_add_on_thread(slot, GAUGE_AUTH_REFUSED, 1);
	else if ((p != NULL && p->kind != PRINCIPAL_NOBODY) ||
		 (r->tried != NULL && o->status == 200))
		slot_add_on_thread(slot, GAUGE_AUTH_ACCEPTED, 1);
	if (o->status == 401 && r->tried != NULL)
		sign_in_log(r, o);
}

void
observe_request(const struct request *r, const struct outcome *o)
{
	const struct app *app = r->app;
	const struct route *first = app->routes->at;
	size_t route = app->traffic.routes; /* of none, or not of the table */

	if (r->route >= first && r->route < first + app->routes->count)
		route = (size_t)(r->route - first);

	traffic_count(traffic_at(app->traffic, app->worker, route), o->status,
	    o->duration_us, o->body_bytes);
	count_credentials(r, o);
	note_request(r, o);
	access_log(r, o);
}
