#include "catalog/namespace_move.h"

#include "base/list.h"
#include "catalog/chain_list.h"
#include "catalog/draft.h"
#include "catalog/moved.h"
#include "catalog/namespaces.h"
#include "catalog/protection.h"
#include "record/retry.h"

#define PAGE 1000

struct move {
	struct call *call;
	const struct branch *branch;
	struct str from, to;
	struct version
	    *found; /* all that moves: parents before what they hold */
	size_t count, room;
	struct draft draft;
};

static bool
is_below(struct str path, struct str other)
{
	return str_starts_with(path, other) && path.len > other.len &&
	       path.ptr[other.len] == LEVEL_SEPARATOR;
}

static bool
is_at_or_below(struct str path, struct str other)
{
	return str_eq(path, other) || is_below(path, other);
}

/* ---- what there is */
static enum err
add_found(struct move *m, const struct version *v)
{
	struct arena *a = m->call->arena;

	if (2 * (m->count + 1) > MOVED_KEYS_MAX)
		return fail(m->call->error, ERR_BAD_REQUEST,
		    "A namespace moves with at most %d namespaces, tables and "
		    "views in it, and this one holds more: move what is in it "
		    "piece by piece",
		    MOVED_KEYS_MAX / 2);
	LIST_RESERVE(a, m->found, m->count, m->room, 1);
	m->found[m->count++] = *v;
	return OK;
}

/* Adds the live children of one namespace, of one space. */
static enum err
add_children(struct move *m, enum space space, struct str ns)
{
	struct key after = { space, ns, STR("") };
	struct versions page = { .more = true };

	while (page.more) {
		TRY(chain_list(m->call, m->branch->chain, after, PAGE, &page));
		TRY(arena_check(m->call->arena, m->call->error));
		for (size_t i = 0; i < page.count; i++) {
			after.name = page.at[i].key.name;
			if (version_is_live(&page.at[i]))
				TRY(add_found(m, &page.at[i]));
		}
	}
	return OK;
}

static enum err
find_all(struct move *m)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct version *v = &m->found[i];
		struct str path;

		if (v->kind != KIND_NAMESPACE)
			continue;
		path = path_join(m->call->arena, v->key.ns, v->key.name);
		TRY(add_children(m, SPACE_RELATION, path));
		TRY(add_children(m, SPACE_NAMESPACE, path));
	}
	return OK;
}

/* ---- where it goes */
static struct str
moved_path(const struct move *m, struct str path)
{
	return arena_printf(m->call->arena, STR_FMT STR_FMT, STR_ARG(m->to),
	    STR_ARG(str_skip(path, m->from.len)));
}

static struct key
moved_key(const struct move *m, const struct key *key)
{
	struct key moved = *key;

	if (is_at_or_below(key->ns, m->from))
		moved.ns = moved_path(m, key->ns);
	else /* the namespace itself */
		moved = path_key(m->to);
	return moved;
}

/* One key that is left and one that is taken, each as it was read. */
static void
draft_one(struct move *m, const struct version *read, struct key to,
    const struct version *there)
{
	struct version put = *read;

	draft_expect(&m->draft, expect_unchanged(m->branch, read->key, read));
	draft_expect(&m->draft, expect_unchanged(m->branch, to, there));
	put.origin = (struct point){ 0 };
	version_move_away(&put);
	(void)draft_put(&m->draft, &put);
	put = *read;
	put.origin = (struct point){ 0 };
	put.key = to;
	(void)draft_put(&m->draft, &put);
	if (read->kind == KIND_NAMESPACE) {
		struct str path =
		    path_join(m->call->arena, read->key.ns, read->key.name);

		draft_expect(
		    &m->draft, (struct expect){ EXPECT_EMPTY,
				   { SPACE_NAMESPACE, path, STR("") }, 0 });
	}
}

static enum err
draft_some(struct move *m, size_t from, size_t count)
{
	struct arena *a = m->call->arena;
	struct key *keys = ARENA_NEW(a, struct key, count);
	struct version *there = ARENA_NEW(a, struct version, count);

	for (size_t i = 0; i < count; i++) {
		keys[i] = moved_key(m, &m->found[from + i].key);
		TRY(key_fits(m->branch->limits, keys[i], m->call->error));
	}
	TRY(branch_read(m->call, m->branch, keys, count, there));
	for (size_t i = 0; i < count; i++) {
		struct str shown = path_shown(a, m->to);

		if (version_is_live(&there[i]))
			return fail(m->call->error, ERR_ALREADY_EXISTS,
			    "Namespace already exists: " STR_FMT,
			    STR_ARG(shown));
		draft_one(m, &m->found[from + i], keys[i], &there[i]);
	}
	return arena_check(a, m->call->error);
}

/* ---- a try */
/* The parent of what it becomes stays live. */
static enum err
draft_parent(struct move *m)
{
	struct key to = path_key(m->to), key;
	struct version parent;

	if (to.ns.len == 0)
		return OK;
	key = path_key(to.ns);
	TRY(branch_read(m->call, m->branch, &key, 1, &parent));
	if (!version_is_live(&parent))
		return namespace_missing(m->call, to.ns);
	draft_expect(&m->draft, expect_live(m->branch, key, &parent));
	return OK;
}

static enum err
try_move(struct move *m, enum verdict *ret)
{
	struct key key = path_key(m->from);
	struct version read;
	struct unit unit;

	m->found = NULL;
	m->count = m->room = 0;
	m->draft = draft_in(m->call->arena);
	TRY(branch_read(m->call, m->branch, &key, 1, &read));
	if (!version_is_live(&read))
		return namespace_missing(m->call, m->from);
	TRY(protection_check_namespace(m->call, &read, m->from));
	TRY(draft_parent(m));
	TRY(add_found(m, &read));
	TRY(find_all(m));
	for (size_t i = 0; i < m->count; i += PAGE)
		TRY(draft_some(
		    m, i, m->count - i < PAGE ? m->count - i : PAGE));

	struct str from = path_shown(m->call->arena, m->from);
	struct str to = path_shown(m->call->arena, m->to);

	unit =
	    draft_unit(&m->draft, arena_printf(m->call->arena,
				      "move namespace " STR_FMT " to " STR_FMT,
				      STR_ARG(from), STR_ARG(to)));
	return branch_apply(m->call, m->branch, &unit, ret);
}

enum err
namespace_move(
    struct call *c, const struct branch *b, struct str from, struct str to)
{
	struct move m = { .call = c, .branch = b, .from = from, .to = to };
	struct retry retry = retry_of(c);
	struct str shown = path_shown(c->arena, from);
	enum verdict verdict;

	TRY(branch_may_write(c, b));
	if (is_at_or_below(to, from))
		return fail(c->error, ERR_BAD_REQUEST,
		    "A namespace cannot move to itself or into "
		    "itself: " STR_FMT,
		    STR_ARG(shown));
	do
		TRY(try_move(&m, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_APPLIED)
		return OK;
	return fail(c->error, ERR_COMMIT_FAILED,
	    "Namespace is being changed by others, try again: " STR_FMT,
	    STR_ARG(shown));
}
