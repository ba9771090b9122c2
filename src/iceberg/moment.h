/*
 * moment.h - dates and times as text (Iceberg table spec, "JSON single-value
 * serialization": ISO 8601).
 */
#ifndef PANGOLIN_MOMENT_H
#define PANGOLIN_MOMENT_H

#include "iceberg/decimal.h"
#include "iceberg/schema_type.h"

#define DAY_SECONDS 86400

/* The units in a second of a TIME or TIMESTAMP..: 10^6, or 10^9. */
int64_t moment_unit(enum type_kind);

/* The value of a DATE, TIME or TIMESTAMP..  A date is the first moment of its
 * day, but not for those with a zone; these take any offset, and UTC without
 * one.  False: not such a text. */
bool moment_parse(enum type_kind, struct str, struct rounded *ret);

/* Years beyond 9999 have a sign, as those before 0. */
void moment_write(struct buf *, enum type_kind, int64_t);

#endif
