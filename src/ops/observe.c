/* observe.c - finds a request's row in the shared counts. */
#include "ops/observe.h"

#include "app/app.h"
#include "ops/access_log.h"

void
observe_request(const struct request *r, const struct outcome *o)
{
	const struct app *app = r->app;
	size_t route = r->route != NULL ? (size_t)(r->route - app->routes->at)
					: app->traffic.routes;

	traffic_count(traffic_at(app->traffic, app->worker, route), o->status,
	    o->duration_us, o->body_bytes);
	access_log(r, o);
}
