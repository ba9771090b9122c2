/*
 * loader.h - finds and loads a plugin, and checks that it fits this host.
 *
 * It runs in the parent, before any other process or thread.  A loaded plugin
 * stays loaded until the process ends.
 */
#ifndef PANGOLIN_LOADER_H
#define PANGOLIN_LOADER_H

#include "base/arena.h"
#include "base/error.h"
#include "plugin/embedded.h"
#include "plugin/plugin.h"

struct plugin_search {
	const struct embedded_plugin *embedded; /* a NULL name ends */
	struct str dir; /* of <kind>-<name>.so files; empty: the embedded */
};

/*
 * Load the plugin `name` of a kind; a name with a slash is a file.  Every
 * error is one ERR_INTERNAL sentence that names the plugin and says what to
 * do: missing, not a plugin, built for another host, or another plugin than
 * its name says.
 */
MUST_CHECK enum err plugin_load(const struct plugin_search *, uint32_t kind,
    struct str name, const struct plugin **ret, struct error *);

/* Names of the plugins of a kind that could be loaded, ", " between them. */
struct str plugin_names(
    struct arena *, const struct plugin_search *, uint32_t kind);

#endif
