/*
 * verify_catalog.h - the task that checks every table of a catalog.
 *
 * First it counts the tables, then it reads them.  A result row is
 * {"namespace":["a"],"table":"t","problem":"...","location":"..."}.
 */
#ifndef PANGOLIN_VERIFY_CATALOG_H
#define PANGOLIN_VERIFY_CATALOG_H

#include "tasks/work.h"

enum err verify_catalog(struct work *);

#endif
