/* app.h - what a worker holds open; made by main.c, passed down, never global.
 */
#ifndef PANGOLIN_APP_H
#define PANGOLIN_APP_H

#include "plugin/store.h"

struct settings; /* config/settings.h */
struct keys;     /* identity/token.h */

struct app {
	const struct settings *settings;
	struct store *store;
	const struct plugin *store_plugin;
	const struct keys *keys; /* what tokens are signed with */
	struct str state_dir;
};

#endif
