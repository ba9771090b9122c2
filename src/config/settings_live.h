/* settings_live.h - settings that are read again while the server runs. */
#ifndef PANGOLIN_SETTINGS_LIVE_H
#define PANGOLIN_SETTINGS_LIVE_H

#include "config/settings_table.h"

/* Has this row one value in both? */
bool setting_is_same(
    const struct setting *, const struct settings *, const struct settings *);

/* Are the options of all plugins the same in both? */
bool settings_have_same_options(
    const struct settings *, const struct settings *);

/* Takes over what is SETTING_LIVE: numbers only, `from` may be anywhere. */
void settings_take_live(struct settings *to, const struct settings *from);

#endif
