/*
 * config_mask.h - keeps the secrets in a warehouse's settings from readers:
 * masked in answers, sealed in rows (catalog/sealing.h).
 *
 * It is an allow-list: the values of names that are known to hold no secret are
 * shown, all others are masked and sealed, so a name nobody thought of leaks
 * nothing.  Names are compared byte for byte, as they are when they are used.
 */
#ifndef PANGOLIN_CONFIG_MASK_H
#define PANGOLIN_CONFIG_MASK_H

#include "base/json.h"
#include "base/uuid.h"

/* The text in place of a masked value; in an update it keeps the value. */
#define CONFIG_MASK "********"

/* Settings of one warehouse; messages begin with `what`, a slash, a name. */
struct config_of {
	struct arena *arena;
	struct error *error;
	struct id warehouse;
	const char *what; /* "storage_config" */
};

/* Masks the values in place. */
void config_mask(struct pairs);

/* Seals the secrets, for a row; opens them all. */
MUST_CHECK enum err config_seal(
    const struct config_of *, struct pairs plain, struct pairs *ret);
MUST_CHECK enum err config_open(
    const struct config_of *, struct pairs row, struct pairs *ret);

/* `config` with the values of a row, opened, where the mask came back. */
MUST_CHECK enum err config_unmask(const struct config_of *, struct pairs config,
    struct pairs row, struct pairs *ret);

/* Whether all secrets of a row are sealed, with the first key. */
bool config_is_sealed(struct pairs row);

#endif
