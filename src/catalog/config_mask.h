/*
 * config_mask.h - masks the secrets in a warehouse's storage_config for
 * readers.
 *
 * It is an allow-list: the values of names that are known to hold no secret are
 * shown, all others are masked, so a name nobody thought of leaks nothing.
 * Names are compared byte for byte, as they are when they are used.
 */
#ifndef PANGOLIN_CONFIG_MASK_H
#define PANGOLIN_CONFIG_MASK_H

#include "base/json.h"

/* The text in place of a masked value; in an update it keeps the value. */
#define CONFIG_MASK "********"

/* Masks the values in place. */
void config_mask(struct pairs);

/* `config` with the values of `stored` where the mask came back. */
struct pairs config_unmask(
    struct arena *, struct pairs config, struct pairs stored);

#endif
