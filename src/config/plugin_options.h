/*
 * plugin_options.h - the options of plugins, as the operator gave them; only
 * the plugins know their meaning.
 */
#ifndef PANGOLIN_PLUGIN_OPTIONS_H
#define PANGOLIN_PLUGIN_OPTIONS_H

#include "base/str.h"

/* A key of [store.options] or [cache.options.PLUGIN].  The loader checks it
 * against the plugin's own table, and begins its messages with `where`. */
struct option {
	struct str plugin; /* absent in store.options */
	struct str name, value;
	struct str where; /* "FILE:LINE:COLUMN", or the variable's name */
};

struct options {
	struct option *at;
	size_t count, room;
};

#endif
