/*
 * view_builder.h - view metadata while the updates of one request are applied
 * to it.
 */
#ifndef PANGOLIN_VIEW_BUILDER_H
#define PANGOLIN_VIEW_BUILDER_H

#include "iceberg/int_map.h"
#include "iceberg/metadata.h"

/* For an id given as -1: what this request added last. */
struct last_added {
	bool any;
	int64_t id;
};

struct view_builder {
	struct metadata *metadata;
	int64_t now_ms;
	bool changed;
	struct last_added schema, version;
	struct int_map added; /* versions, by id; those of this request */
	unsigned added_count;
	yyjson_mut_val *before; /* the version that was current; NULL: none */
};

typedef enum err view_update_function(
    struct view_builder *, yyjson_mut_val *update, struct error *);

/* view_versions.c */
view_update_function view_add_schema, view_add_version, view_set_version;

/* The version that is current; NULL in a view that is being made. */
yyjson_mut_val *view_current(const struct metadata *);

/* Log, history and dialects, once all updates are applied. */
MUST_CHECK enum err view_versions_finish(struct view_builder *, struct error *);

#endif
