/*
 * merge_namespaces.c - the result as a whole: what lives does so in a live
 * namespace, and a namespace that goes is empty.
 */
#include <stdlib.h>

#include "catalog/chain_list.h"
#include "versions/merge_steps.h"

#define LIST_PAGE 1000
#define CHILDREN_SHOWN 20

static bool
lives(const struct merge_item *item)
{
	return version_is_live(item_result(item));
}

/* The deepest first: what stays in one keeps those around it. */
static int
by_depth(const void *a, const void *b)
{
	const struct merge_item *x = *(struct merge_item *const *)a;
	const struct merge_item *y = *(struct merge_item *const *)b;

	return (x->key.ns.len < y->key.ns.len) -
	       (x->key.ns.len > y->key.ns.len);
}

/* ---- namespaces that are not there */
/* An item for each namespace in which something is put. */
static enum err
add_parents(struct merge_plan *p)
{
	struct call *c = p->call;
	struct key_set keys = key_set_in(c->arena);

	for (size_t i = 0; i < p->count; i++) {
		const struct merge_item *item = p->at[i];
		struct str ns = item->key.ns;

		if (!item_is_put(item) || !lives(item) || ns.len == 0 ||
		    plan_find(p, path_key(ns)) != NULL)
			continue;
		(void)key_set_add(&keys, path_key(ns));
	}
	if (keys.count == 0)
		return OK;

	struct version *source =
	    ARENA_NEW(c->arena, struct version, keys.count);
	struct version *target =
	    ARENA_NEW(c->arena, struct version, keys.count);

	TRY(read_many(c, p->source_chain, keys.at, keys.count, source));
	TRY(read_many(c, p->target_chain, keys.at, keys.count, target));
	for (size_t i = 0; i < keys.count; i++) {
		struct merge_item *item = plan_item(p, keys.at[i]);

		item->source = source[i];
		item->target = item->there = target[i];
		item->source.key = item->there.key = item->target.key =
		    item->key;
	}
	return OK;
}

static struct str
path_of(struct arena *a, struct key k)
{
	return k.ns.len != 0 ? path_join(a, k.ns, k.name) : k.name;
}

/* The shallowest first: what lies in one comes behind it. */
static int
by_height(const void *a, const void *b)
{
	return by_depth(b, a);
}

/* Objects of the source in namespaces that stay dropped stay out, and keep the
 * names that the target has for them elsewhere. */
static void
leave_out(struct merge_plan *p, struct str_map *dropped)
{
	struct arena *a = p->call->arena;
	struct str_map left = str_map_in(a);
	struct merge_item **items =
	    ARENA_NEW(a, struct merge_item *, p->count + 1);

	memcpy(items, p->at, p->count * sizeof(*items));
	qsort(items, p->count, sizeof(*items), by_height);
	for (size_t i = 0; i < p->count; i++) {
		struct merge_item *item = items[i];

		if (!item_is_put(item) || !lives(item) ||
		    str_map_find(dropped, item->key.ns) == NULL)
			continue;
		*str_map_slot(
		    &left, object_text(a, item_result(item)->object)) = item;
		if (item->key.space == SPACE_NAMESPACE)
			*str_map_slot(dropped, path_of(a, item->key)) = item;
		item->outcome = MERGE_KEEP;
	}
	for (size_t i = 0; i < p->count; i++) {
		struct merge_item *item = p->at[i];

		if (item_is_put(item) && !lives(item) &&
		    version_is_live(&item->there) &&
		    str_map_find(&left, object_text(a, item->there.object)) !=
			NULL)
			item->outcome = MERGE_KEEP;
	}
}

/* A namespace of which the target's absence was taken goes to `dropped`. */
static enum err
parent_missing(struct merge_plan *p, struct merge_item *child,
    struct merge_item *parent, struct str_map *dropped)
{
	struct arena *a = p->call->arena;
	struct version like = { .key = parent->key };
	struct str shown = item_shown(a, &like);
	struct str used = item_shown(a, item_result(child));

	if (parent->target.kind == 0 && version_is_live(&parent->source)) {
		item_put(parent, &parent->source);
		return OK;
	}
	if (!version_is_live(&parent->source))
		parent->source = parent->base;
	TRY(plan_conflict(p, parent, CONFLICT_OF_NAMESPACE,
	    arena_printf(a,
		"The target has dropped " STR_FMT
		", in which the source has " STR_FMT,
		STR_ARG(shown), STR_ARG(used))));
	if (parent->outcome == MERGE_KEEP)
		*str_map_slot(dropped, path_of(a, parent->key)) = parent;
	return OK;
}

/* A namespace's own namespace comes behind it. */
static enum err
check_parents(struct merge_plan *p)
{
	struct str_map dropped = str_map_in(p->call->arena);
	size_t done = 0;

	while (done < p->count) {
		size_t count = p->count;

		TRY(add_parents(p));
		for (; done < count; done++) {
			struct merge_item *item = p->at[done], *parent;

			if (!item_is_put(item) || !lives(item) ||
			    item->key.ns.len == 0)
				continue;
			parent = plan_find(p, path_key(item->key.ns));
			if (!lives(parent) && parent->conflict == 0)
				TRY(parent_missing(p, item, parent, &dropped));
			else if (!lives(parent) &&
				 parent->outcome == MERGE_KEEP) /* decided */
				*str_map_slot(&dropped,
				    path_of(p->call->arena, parent->key)) =
				    parent;
		}
	}
	if (dropped.count != 0)
		leave_out(p, &dropped);
	return OK;
}

/* ---- namespaces that go */
struct left_over {
	struct version child[CHILDREN_SHOWN];
	size_t count;
};

static void
add_left_over(struct left_over *l, const struct version *v)
{
	if (l->count < CHILDREN_SHOWN)
		l->child[l->count] = *v;
	l->count++;
}

/* Lists the children of the target that the merge does not take away. */
static enum err
find_left_over(struct merge_plan *p, enum space space, struct str path,
    struct left_over *io)
{
	struct key after = { space, path, STR("") };
	struct versions found = { .more = true };

	while (found.more && io->count <= CHILDREN_SHOWN) {
		TRY(chain_list(
		    p->call, p->target_chain, after, LIST_PAGE, &found));
		for (size_t i = 0; i < found.count; i++) {
			const struct version *v = &found.at[i];
			const struct merge_item *item = plan_find(p, v->key);

			after.name = v->key.name;
			if (version_is_live(v) && (item == NULL || lives(item)))
				add_left_over(io, v);
		}
		if (found.count == 0)
			break;
	}
	return OK;
}

/* The items of one namespace. */
struct child {
	const struct merge_item *item;
	struct child *next;
};

static struct str_map
children_of(const struct merge_plan *p)
{
	struct arena *a = p->call->arena;
	struct str_map all = str_map_in(a);

	for (size_t i = p->count; i-- > 0;) {
		struct child *child = ARENA_NEW(a, struct child, 1);
		void **slot = str_map_slot(&all, p->at[i]->key.ns);

		*child = (struct child){ p->at[i], *slot };
		*slot = child;
	}
	return all;
}

static void
find_new(const struct child *child, struct left_over *io)
{
	for (; child != NULL; child = child->next)
		if (item_is_put(child->item) && lives(child->item) &&
		    !version_is_live(&child->item->there))
			add_left_over(io, item_result(child->item));
}

/* With TakeSource the namespace goes, and what is in it. */
static enum err
drop_children(struct merge_plan *p, const struct left_over *l)
{
	if (l->count > CHILDREN_SHOWN)
		return fail(p->call->error, ERR_CONFLICT,
		    "A namespace that the merge would drop has more than %d "
		    "tables, views and namespaces of the target in it: drop "
		    "them first, or take the target's",
		    CHILDREN_SHOWN);
	for (size_t i = 0; i < l->count; i++) {
		struct merge_item *item = plan_item(p, l->child[i].key);

		item->there = item->target = l->child[i];
		item_drop(item);
	}
	return OK;
}

static enum err
check_empty(struct merge_plan *p, const struct str_map *children,
    struct merge_item *item)
{
	struct arena *a = p->call->arena;
	struct str path = path_of(a, item->key);
	struct left_over *l = ARENA_NEW(a, struct left_over, 1);

	TRY(find_left_over(p, SPACE_RELATION, path, l));
	TRY(find_left_over(p, SPACE_NAMESPACE, path, l));
	find_new(str_map_find(children, path), l);
	if (l->count == 0)
		return OK;

	struct version like = { .key = item->key };
	struct str shown = item_shown(a, &like);
	struct str used = item_shown(a, &l->child[0]);

	item->deleted_in_source = true;
	TRY(plan_conflict(p, item, CONFLICT_OF_NAMESPACE,
	    arena_printf(a,
		"The source has dropped " STR_FMT
		", in which the target has " STR_FMT,
		STR_ARG(shown), STR_ARG(used))));
	if (item_is_put(item) && !lives(item))
		return drop_children(p, l);
	return OK;
}

static enum err
check_dropped(struct merge_plan *p)
{
	struct merge_item **dropped =
	    ARENA_NEW(p->call->arena, struct merge_item *, p->count + 1);
	struct str_map children = children_of(p);
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		if (p->at[i]->key.space == SPACE_NAMESPACE &&
		    item_is_put(p->at[i]) && !lives(p->at[i]))
			dropped[count++] = p->at[i];
	qsort(dropped, count, sizeof(struct merge_item *), by_depth);
	for (size_t i = 0; i < count; i++)
		TRY(check_empty(p, &children, dropped[i]));
	return OK;
}

enum err
plan_namespaces(struct merge_plan *p)
{
	TRY(check_parents(p));
	return check_dropped(p);
}
