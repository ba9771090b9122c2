/*
 * settings_value.h - converts one value of a setting from TOML or text to its
 * field and back.
 */
#ifndef PANGOLIN_SETTINGS_VALUE_H
#define PANGOLIN_SETTINGS_VALUE_H

#include "base/amount.h"
#include "config/settings_table.h"
#include "config/toml.h"

/* A value and the name of the place it came from. */
struct given {
	const struct toml_node *node;
	struct str where; /* "FILE:3:11", "PANGOLIN_SERVER_LISTEN" */
};

/* The text of a variable, a flag or a default, as TOML would have it. */
const struct toml_node *setting_node(
    struct arena *, const struct setting *, struct str text);

/* Check a value and write it to the setting's field of `ret`, the struct that
 * the offsets of the row's table are in. */
MUST_CHECK enum err setting_assign(struct arena *, const struct setting *,
    struct given, void *ret, struct error *);

/* The units of the setting's amounts. */
const struct amount_unit *setting_units(const struct setting *);

#endif
