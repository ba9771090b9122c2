/*
 * engine.h - the interface of an engine that the row log makes a store of: it
 * reads and writes rows, no more.
 *
 * An engine that reads and writes rows one after the other under a lock of its
 * own (memory, SQLite) is made a store by this folder: versions are rows of two
 * entities more, and each unit is judged step by step.  An engine that pays for
 * every step with a round trip does better without.
 */
#ifndef PANGOLIN_ENGINE_H
#define PANGOLIN_ENGINE_H

#include "plugins/watch/slow.h"

struct engine_ops;

/* The open store of such an engine embeds this as its first member. */
struct rowlog_store {
	struct store base;
	const struct engine_ops *ops;
	const struct schema *schema;
};

/* The state of a call, from begin() to end(). */
struct engine {
	const struct engine_ops *ops;
	const struct schema *schema;
	struct arena *arena; /* of the call */
	struct error *error;
	struct asked asked; /* by the call, set behind begin() */
};

struct engine_ops {
	/* The lock, or a connection and a snapshot.  The deadline has been
	 * looked at; `nowait` and waiting are the engine's. */
	enum err (*begin)(const struct call *, bool write, struct engine **ret);
	/* Makes what was written durable, or takes it back; `commit` is for
	 * writers.  Ends in any case. */
	enum err (*end)(struct engine *, bool commit);
	/* Rows that pass, in order, behind `after` (a row of which the
	 * order's fields count; NULL: from the first), up to scan->limit.
	 * scan->entity and scan->after do not count. */
	enum err (*scan)(struct engine *, const struct entity *,
	    const struct scan *, const struct value *after, struct rows *ret);
	enum err (*count)(struct engine *, const struct entity *,
	    const struct scan *, int64_t *ret);
	/* Writes nothing unless *ret is NONE; else CONFLICT or INVALID. */
	enum err (*write)(struct engine *, const struct entity *,
	    const struct write *, enum verdict *ret);
	/* Keeps the writes since the mark, or takes them back. */
	enum err (*mark)(struct engine *);
	enum err (*settle)(struct engine *, bool keep);
};

/* ---- calls.c: members of store_ops for any engine */
enum err call_ping(struct call *, struct store_stats *ret);
enum err call_get(struct call *, uint16_t entity,
    const struct value *const *keys, size_t count, struct rows *ret);
enum err call_scan(struct call *, const struct scan *, struct rows *ret);
enum err call_count(struct call *, const struct scan *, int64_t *ret);
enum err call_walk(
    struct call *, const struct scan *, uint16_t parent, struct rows *ret);
enum err call_apply(struct call *, int64_t branch, struct unit *, size_t count);
enum err call_heads(struct call *, struct point *io, size_t count);
enum err call_read(struct call *, struct chain, const struct key *keys,
    size_t count, struct version *ret);
enum err call_list(struct call *, struct chain, struct key after,
    uint32_t limit, struct versions *ret);
enum err call_changes(struct call *, struct point above, int64_t upto,
    uint32_t limit, struct versions *ret);
enum err call_fold(struct call *, struct chain, int64_t to,
    struct key *io_after, uint32_t limit);
enum err call_prune(struct call *, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret);
enum err call_erase(struct call *, struct point *io_above, struct id object,
    bool live, uint32_t limit, struct versions *ret);
enum err call_load(struct call *, int64_t branch, const struct history *);

/* ---- the log as rows */
enum version_field {
	VERSION_BRANCH,
	VERSION_SEQ,
	VERSION_SPACE,
	VERSION_NS,
	VERSION_NAME,
	VERSION_ORIGIN_BRANCH,
	VERSION_ORIGIN_SEQ,
	VERSION_KIND,
	VERSION_DELETED,
	VERSION_OBJECT,
	VERSION_LOCATION,
	VERSION_BODY,
	VERSION_FIELDS
};

enum entry_field { /* the newest version of each key of a branch */
	ENTRY_BRANCH,
	ENTRY_SPACE,
	ENTRY_NS,
	ENTRY_NAME,
	ENTRY_SEQ,
	ENTRY_DELETED,
	ENTRY_FIELDS
};

#define ROWLOG_VERSIONS (&rowlog_entities[0])
#define ROWLOG_ENTRIES (&rowlog_entities[1])
#define ROWLOG_ENTITIES 2
#define VERSIONS_BY_KEY 0

extern const struct entity rowlog_entities[ROWLOG_ENTITIES];

/* A version and its row; a row is stored at `at`, whatever v->at says. */
struct version version_of(const struct value *row);
void version_to_row(const struct version *, struct point at, struct value *row);
/* The key of an entry; a row of one has it first. */
void entry_to_key(int64_t branch, const struct key *, struct value *row);

#endif
