/*
 * settings_live.h - applies settings that are read again while the server runs.
 */
#ifndef PANGOLIN_SETTINGS_LIVE_H
#define PANGOLIN_SETTINGS_LIVE_H

#include "config/settings_table.h"

/* Whether the setting has the same value in both. */
bool setting_is_same(
    const struct setting *, const struct settings *, const struct settings *);

/* Whether the options of all plugins are the same in both. */
bool settings_have_same_options(
    const struct settings *, const struct settings *);

/* Copies the SETTING_LIVE settings: numbers only, so `from` may be anywhere. */
void settings_take_live(struct settings *to, const struct settings *from);

#endif
