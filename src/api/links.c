#include "api/links.h"

#include "app/app.h"
#include "config/settings.h"

struct str
link_base(const struct request *r)
{
	const struct settings *settings = r->app->settings;

	return settings->public_url.len != 0 ? settings->public_url : r->origin;
}
