/*
 * merge_plan.h - plans a merge of one branch into another, key by key.
 *
 * Every version keeps its origin, the point where it was made.  Of each key
 * that the source has changed: if the target knows the source's origin, the
 * target's version stays; if the source knows the target's origin, the source's
 * is taken; else both have changed it.  Then their contents are compared with
 * the newest version that both knew, first by object, so that a change follows
 * a rename.  Namespaces are checked last, on the result.
 */
#ifndef PANGOLIN_MERGE_PLAN_H
#define PANGOLIN_MERGE_PLAN_H

#include "catalog/refs.h"
#include "versions/changed_keys.h"

enum merge_outcome {
	MERGE_KEEP, /* the target's stays */
	MERGE_SAME, /* both have changed it alike: the target's stays */
	MERGE_TAKE, /* the source's, with its origin */
	MERGE_PUT,  /* `put`, which is made here */
	MERGE_CONFLICT
};

/* Numbers are stored. */
enum merge_conflict {
	CONFLICT_OF_SCHEMA = 1,
	CONFLICT_OF_DATA,
	CONFLICT_OF_METADATA,
	CONFLICT_OF_DELETION,
	CONFLICT_OF_NAME,
	CONFLICT_OF_NAMESPACE
};

struct merge_resolution;

/* A key that one side or both have changed, and the result. */
struct merge_item {
	struct key key; /* where the result goes */
	enum merge_outcome outcome;
	bool both; /* neither knows the other's */
	bool has_base;
	/* What each side shows of the object; its key is another one where it
	 * was renamed. kind 0: nothing. */
	struct version source, target, base;
	struct version there; /* what the target shows of `key` */
	struct version put;   /* of MERGE_PUT */
	enum merge_conflict conflict;
	bool
	    deleted_in_source; /* CONFLICT_OF_DELETION, CONFLICT_OF_NAMESPACE */
	bool is_free;          /* the target does not protect it */
	bool is_made;          /* the file that `put` names is written for it */
	const struct merge_resolution *decided;  /* NULL: nothing was */
	struct str source_schema, target_schema; /* CONFLICT_OF_SCHEMA: JSON */
	struct str what;   /* JSON array of what both changed; or absent */
	struct str reason; /* a sentence for people */
};

/* A decision about a conflict, and the versions it was about. */
enum merge_strategy { /* stored */
	STRATEGY_AUTO = 1,
	STRATEGY_SOURCE,
	STRATEGY_TARGET,
	STRATEGY_MANUAL
};
struct merge_resolution {
	struct point source, target; /* origins of both; {0, 0}: nothing */
	enum merge_conflict conflict;
	enum merge_strategy strategy;
	struct str location; /* MANUAL, of a table or view */
	struct str body;     /* MANUAL, of a namespace: its properties */
};

/* Merges the contents of an item of which both sides are live, one object and
 * changed: sets outcome, and put or the conflict. */
typedef enum err merge_content_fn(
    struct call *, void *arg, struct merge_item *io);

struct merge_reads;
struct merge_sides {
	const struct catalog *catalog;
	struct point source, target; /* positions, not SEQ_HEAD */
	bool only_there; /* the target shows some tables only, and gets no
			  * others of this source */
	bool restores;   /* what a commit brings may have got another name on
			  * the target, which no commit of the source tells */
	merge_content_fn *content; /* NULL: tables and views of which both
				    * sides are new are a conflict */
	void *content_arg;
	const struct str_map *resolutions; /* by key_text(); NULL: none */
	struct merge_reads *reads; /* of tries of one merge; NULL: of one */
};

struct merge_plan {
	struct call *call;
	const struct merge_sides *sides;
	struct lineage lineage;
	struct knowledge source_knows, target_knows;
	struct chain source_chain, target_chain;
	struct points bases; /* that both know */
	struct str_map by_key;
	struct merge_item **at;
	size_t count, room;
	struct str_map in_source; /* objects that it was found to show, too */
	bool is_known;            /* the target knows all that the source is */
	bool base_lost; /* a state that both knew has been forgotten */
};

MUST_CHECK enum err merge_plan_make(
    struct call *, const struct merge_sides *, struct merge_plan *ret);

/* Whether the target will show something else.  A tombstone of what it never
 * had is put as well, for those that it is merged into. */
bool merge_item_is_seen(const struct merge_item *);

size_t merge_plan_count(const struct merge_plan *, enum merge_outcome);

#endif
