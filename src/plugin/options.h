/* options.h - what the configuration says to a plugin, by its own table. */
#ifndef PANGOLIN_OPTIONS_H
#define PANGOLIN_OPTIONS_H

#include "config/settings.h"
#include "plugin/plugin.h"

/*
 * One value for each row of the plugin's table, in its order: the given one,
 * what the file has that NAME_file of a secret names, or the row's fallback.
 * ERR_VALIDATION, beginning with where it stands, for a key that the plugin
 * does not have; or for a required one that is missing.
 */
MUST_CHECK enum err plugin_options(struct arena *, const struct plugin *,
    const struct options *given, const struct str **ret, struct error *);

#endif
