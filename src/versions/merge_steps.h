/*
 * merge_steps.h - the steps of a plan, in their order; for merge_*.c only.
 */
#ifndef PANGOLIN_MERGE_STEPS_H
#define PANGOLIN_MERGE_STEPS_H

#include "base/buf.h"
#include "catalog/branch.h"
#include "versions/merge_plan.h"

/* The item of a key; NULL: there is none. */
struct merge_item *plan_find(struct merge_plan *, struct key);
/* The same, or a new one of which nothing is known. */
struct merge_item *plan_item(struct merge_plan *, struct key);

bool key_eq(struct key, struct key);

/* Neither shows anything, or both the same. */
bool same_state(const struct version *, const struct version *);

/* The tombstone of something that was dropped under this name, its last. */
bool is_dropped_here(const struct version *);

/* Versions of keys along a chain, some hundred in a call. */
MUST_CHECK enum err read_many(struct call *, struct chain,
    const struct key *keys, size_t count, struct version *ret);

/* Finds the names that a table had before, which partial branches hide. */
MUST_CHECK enum err plan_parts(struct merge_plan *);

/* The newest versions that both sides knew, of items that both changed. */
MUST_CHECK enum err plan_bases(struct merge_plan *);

/* Tables and views by object: what was renamed on one side or both. */
MUST_CHECK enum err plan_objects(struct merge_plan *);

/* Decides the items that both sides changed: merged contents, or conflicts. */
MUST_CHECK enum err plan_contents(struct merge_plan *);
/* The same for one item whose sides are live and of one object. */
MUST_CHECK enum err plan_content(struct merge_plan *, struct merge_item *);

/* A protected table, view or namespace of the target is a conflict when it
 * would be dropped, renamed or replaced; one that goes with its namespace is
 * refused: ERR_CONFLICT. */
MUST_CHECK enum err plan_protected(struct merge_plan *);
MUST_CHECK enum err plan_still_protected(struct merge_plan *);

/* Each table and view that both sides have keeps one name. */
MUST_CHECK enum err plan_names(struct merge_plan *);
/* The same behind plan_namespaces(); ERR_CONFLICT: decisions are against it. */
MUST_CHECK enum err plan_still_named(struct merge_plan *);
/* Items for names of what the plan moves that no side has changed. */
MUST_CHECK enum err plan_other_names(struct merge_plan *);

/* Live things in live namespaces, none in those that go. */
MUST_CHECK enum err plan_namespaces(struct merge_plan *);

/* Applies the decisions of people; *ret says whether one was of this item. */
MUST_CHECK enum err plan_resolve(
    struct merge_plan *, struct merge_item *, bool *ret);

/* The item is a conflict, unless it was resolved. */
MUST_CHECK enum err plan_conflict(struct merge_plan *, struct merge_item *,
    enum merge_conflict, struct str reason);

/* Adds a field that both sides have changed to a JSON array that is not closed
 * yet: values are JSON texts of base, source and target; ptr NULL: none.  Long
 * ones are cut, and only the first hundreds are told. */
void add_changed_field(
    struct arena *, struct buf *, struct str name, const struct str values[3]);

/* Whether the merge writes a version of the item's key. */
bool item_is_put(const struct merge_item *);
/* The version that the target will show. */
const struct version *item_result(const struct merge_item *);
/* The item puts what a version says, as a new one. */
void item_put(struct merge_item *, const struct version *);
/* The item puts a tombstone. */
void item_drop(struct merge_item *);

/* "table a.b.t", "namespace a.b" */
struct str item_shown(struct arena *, const struct version *);

#endif
