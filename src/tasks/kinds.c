/*
 * kinds.c - THE table of kinds.
 *
 * To add one: a chunk function in a file of its own, and a row here.
 */
#include "tasks/kinds.h"

#include "tasks/verify_catalog.h"
#include "tasks/warm_cache.h"

const struct kind kinds[] = {
	{ "verify_catalog", verify_catalog,
	    "Looks at every table of a catalog: that its metadata file is "
	    "there, is readable and is its own, and that the manifest lists "
	    "of its snapshots are there." },
	{ "warm_cache", warm_cache,
	    "Reads the metadata file of every table of a catalog into the "
	    "caches, so that the first to load a table does not wait for it." },
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
