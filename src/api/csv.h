/*
 * csv.h - writes structs of flat forms as lines of CSV (RFC 4180), for
 * spreadsheets: a text that one would take for a formula gets a ' in front.
 */
#ifndef PANGOLIN_CSV_H
#define PANGOLIN_CSV_H

#include "api/form.h"

/* The line with the names of the fields, which are of the types TEXT, RAW, INT,
 * ID and TIME. */
void csv_add_names(struct buf *, const struct form *);

/* Texts are quoted, and what is absent is an empty cell without quotes. */
void csv_add_line(struct buf *, const struct form *, const void *from);

#endif
