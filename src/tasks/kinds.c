/*
 * kinds.c - THE table of kinds.
 *
 * To add one: a chunk function in a file of its own, and a row here.
 */
#include "tasks/kinds.h"

#include "tasks/verify_catalog.h"

const struct kind kinds[] = {
	{ "verify_catalog", verify_catalog,
	    "Looks at every table of a catalog: that its metadata file is "
	    "there, is readable and is its own, and that the manifest lists "
	    "of its snapshots are there." },
	{ .name = NULL },
};

const struct kind *
kind_find(struct str name)
{
	for (const struct kind *k = kinds; k->name != NULL; k++)
		if (str_eq(str_from(k->name), name))
			return k;
	return NULL;
}
