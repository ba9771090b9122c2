/* options.h - gives a plugin its options, checked by the plugin's own table. */
#ifndef PANGOLIN_OPTIONS_H
#define PANGOLIN_OPTIONS_H

#include "config/settings.h"
#include "plugin/plugin.h"

/*
 * One value for each row of the plugin's table, in its order: the given one,
 * the content of the file that NAME_file of a secret names, or the row's
 * fallback.  ERR_VALIDATION, beginning with the place of the option, for a key
 * that the plugin does not have, or a required one that is missing.
 */
MUST_CHECK enum err plugin_options(struct arena *, const struct plugin *,
    const struct options *given, const struct str **ret, struct error *);

#endif
