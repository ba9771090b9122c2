/*
 * metadata.h - table metadata (Iceberg table spec, "Table Metadata").
 *
 * It is held as the JSON document it is, so that unknown fields survive, keys
 * keep their order and 64-bit ids stay exact.  Parsing normalises it: every
 * list and map of the newest layout is there, an older file's `schema` and
 * `partition-spec` have become lists.
 */
#ifndef PANGOLIN_METADATA_H
#define PANGOLIN_METADATA_H

#include "base/json.h"

#define METADATA_VERSION_MAX 3
#define METADATA_VERSION_DEFAULT 2
#define METADATA_MAIN "main" /* the branch that is the table's state */

struct metadata {
	struct arena *arena;
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
	int64_t deadline_us; /* clock_mono_us(), of who changes it; 0: none */
};

/* Unknown members there are kept, and searched with each look at the root. */
#define METADATA_MEMBERS_MAX 1000

/* ERR_SLOW_DOWN behind the deadline: before each update and requirement, of
 * which a client sends as many as it likes. */
MUST_CHECK enum err metadata_in_time(const struct metadata *, struct error *);

/* Text to metadata.  Members have their JSON types, lists hold objects with
 * their ids; whether they fit each other is metadata_check()'s question.
 * ERR_BAD_REQUEST names the field. */
MUST_CHECK enum err metadata_parse(
    struct arena *, struct str text, struct metadata *ret, struct error *);

/* Metadata with empty lists, no schema and no snapshot: what the updates of a
 * create begin with.  The strings are borrowed. */
struct metadata metadata_new(struct arena *, int format_version,
    struct str uuid, struct str location, int64_t now_ms);

struct str metadata_text(const struct metadata *);

/* Keep only snapshots a branch or tag names, and their statistics: the answer
 * to `snapshots=refs` (REST spec, loadTable).  Not to be written back. */
void metadata_refs_only(struct metadata *);

int metadata_format_version(const struct metadata *);
struct str metadata_uuid(const struct metadata *); /* ptr NULL in an old v1 */
struct str metadata_location(const struct metadata *);
int64_t metadata_last_updated_ms(const struct metadata *);

/* The value of a property; ptr is NULL when there is none. */
struct str metadata_property(const struct metadata *, const char *name);
int64_t metadata_property_number(
    const struct metadata *, const char *name, int64_t absent);
bool metadata_property_true(const struct metadata *, const char *name);

/* False when the table has no current snapshot. */
bool metadata_current_snapshot(const struct metadata *, int64_t *ret);

/* A top-level list or map ("schemas", "refs"); a number ("last-column-id") */
yyjson_mut_val *metadata_list(const struct metadata *, const char *name);
int64_t metadata_number(
    const struct metadata *, const char *name, int64_t absent);
void metadata_put_number(struct metadata *, const char *name, int64_t n);

/* The entry whose member `id_name` is `id`, by a linear search; or NULL. */
yyjson_mut_val *metadata_entry(
    const struct metadata *, const char *list, const char *id_name, int64_t id);

/* The snapshot a ref points to, and whether there is such a ref. */
bool metadata_ref(
    const struct metadata *, struct str name, int64_t *ret, bool *ret_branch);

/* Where there is none: -1, or null from v3 on. */
void metadata_put_current_snapshot(struct metadata *, bool any, int64_t id);

/* Write the fields that only some format versions have: `schema` and
 * `partition-spec` (v1), last-sequence-number (v2), next-row-id (v3). */
void metadata_fit_version(struct metadata *);

#endif
