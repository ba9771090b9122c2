/*
 * property_limits.h - bounds the size of one set of properties.
 *
 * Namespaces, catalogs, tenants and the settings of warehouses are written
 * whole by every change of one property, and each version of a namespace stays
 * in its log.  So the result of a change is checked: the limit bounds what one
 * small request writes, whatever requests came before it.
 */
#ifndef PANGOLIN_PROPERTY_LIMITS_H
#define PANGOLIN_PROPERTY_LIMITS_H

#include "base/json.h"

#define PROPERTIES_MAX 1000
#define PROPERTIES_BYTES_MAX (256 * 1024) /* names and values together */

/* Checks the limits: ERR_BAD_REQUEST; `field` names the properties. */
MUST_CHECK enum err properties_fit(
    struct pairs, const char *field, struct error *);

#endif
