#include "cli/caches.h"

#include "plugin/loader.h"
#include "plugin/options.h"

static bool
names_level(const struct settings *s, size_t before, struct str name)
{
	for (size_t i = 0; i < before; i++)
		if (str_eq(s->cache_levels.at[i], name))
			return true;
	return false;
}

static enum err
check_names(const struct settings *s, struct error *e)
{
	const struct str_list *levels = &s->cache_levels;

	for (size_t i = 0; i < levels->count; i++)
		if (names_level(s, i, levels->at[i]))
			return fail(e, ERR_VALIDATION,
			    "cache.levels names \"" STR_FMT "\" twice",
			    STR_ARG(levels->at[i]));
	for (size_t i = 0; i < s->cache_options.count; i++) {
		const struct option *o = &s->cache_options.at[i];

		if (!names_level(s, levels->count, o->plugin))
			return fail(e, ERR_VALIDATION,
			    STR_FMT ": cache.levels does not name \"" STR_FMT
				    "\"",
			    STR_ARG(o->where), STR_ARG(o->plugin));
	}
	return OK;
}

static struct options
options_of(struct arena *a, const struct options *all, struct str level)
{
	struct options own = { .at = ARENA_NEW(
				   a, struct option, all->count + 1) };

	for (size_t i = 0; i < all->count; i++)
		if (str_eq(all->at[i].plugin, level))
			own.at[own.count++] = all->at[i];
	return own;
}

static enum err
plan_level(struct arena *a, const struct settings *s, struct str name,
    struct level_plan *ret, struct error *e)
{
	const struct plugin_search search = { embedded_plugins, s->plugin_dir };
	const struct options given = options_of(a, &s->cache_options, name);

	TRY(plugin_load(&search, PLUGIN_CACHE, name, &ret->plugin, e));
	ret->settings.state_dir = s->state_dir;
	return plugin_options(a, ret->plugin, &given, &ret->settings.value, e);
}

enum err
caches_plan(struct arena *a, const struct settings *s, struct levels_plan *ret,
    struct error *e)
{
	struct levels_plan plan = { .count = s->cache_levels.count };

	TRY(check_names(s, e));
	for (size_t i = 0; i < plan.count; i++)
		TRY(plan_level(a, s, s->cache_levels.at[i], &plan.level[i], e));
	*ret = plan;
	return OK;
}
