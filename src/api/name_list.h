/*
 * name_list.h - writes ListNamespacesResponse and ListTablesResponse of the
 * Iceberg REST spec, name by name, so that only the text is held in memory.
 */
#ifndef PANGOLIN_NAME_LIST_H
#define PANGOLIN_NAME_LIST_H

#include "base/buf.h"
#include "catalog/page.h"

struct name_list {
	struct str before, behind; /* of a name */
	struct buf text;
	const char *separator;
};

/* Begins a list of the children of a namespace ("": the topmost), or of the
 * tables or views in one. */
void name_list_of_namespaces(
    struct name_list *, struct arena *, struct str parent);
void name_list_of_relations(struct name_list *, struct arena *, struct str ns);

/* The listing (catalog/page.h) that writes to the list. */
struct listing name_list_take(struct name_list *, struct page);

/* The whole text; a token whose ptr is NULL is left out. */
struct str name_list_end(struct name_list *, struct str token);

#endif
