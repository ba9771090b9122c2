/* options.h - checks [store.options] of this plugin. */
#ifndef PANGOLIN_OPTIONS_H
#define PANGOLIN_OPTIONS_H

#include "base/error.h"
#include "plugin/plugin.h"

struct options {
	const char *url;
	const char *schema; /* "": the first of the server's search_path */
	size_t max, min;    /* connections of this process */
	int64_t connect_us, acquire_us, idle_us, lifetime_us;
};

extern const struct plugin_option option_table[];

MUST_CHECK enum err options_read(
    const struct plugin_settings *, struct options *ret, struct error *);
void options_clear(struct options *);

#endif
