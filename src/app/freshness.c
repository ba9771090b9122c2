#include "app/freshness.h"

#include "app/app.h"
#include "base/clock.h"
#include "cache/read_cache.h"
#include "calls/usage.h"
#include "config/settings.h"

/* Requests wait for the poll, and ask the store themselves without it. */
#define ASK_US (2 * CLOCK_SECOND)

static enum err
ask(struct app *app, bool may_block, struct error *e)
{
	const struct heads heads =
	    read_cache_heads(app->watermarks, app->levels);
	int64_t now = clock_mono_us();
	struct usage usage = { .bulkheads = app->bulkheads, .begun_us = now };
	struct arena *a = arena_new();
	struct call call = { .store = app->store,
		.arena = a,
		.error = e,
		.deadline_us = now + ASK_US,
		.nowait = !may_block,
		.usage = &usage };
	enum err err = heads_poll(&heads, &call);

	arena_free(a);
	return err;
}

static int64_t
max_age_ns(const struct app *app)
{
	return app->settings->cache_max_age_us * 1000;
}

enum err
reads_refresh(struct app *app, bool may_block, struct error *e)
{
	int64_t age = clock_mono_ns() - watermarks_polled_ns(app->watermarks);

	/* half of it: what is answered next must not be too old either */
	if (app->levels == NULL || age < max_age_ns(app) / 2)
		return OK;
	return ask(app, may_block, e);
}

void
reads_may_use(const struct app *app, int64_t came_ns, struct usage *u)
{
	u->levels = app->levels;
	u->watermarks = app->levels != NULL ? app->watermarks : NULL;
	u->since_ns = came_ns - max_age_ns(app);
}
