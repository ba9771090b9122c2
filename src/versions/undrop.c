#include "versions/undrop.h"

#include "base/buf.h"
#include "base/list.h"
#include "calls/store_call.h"
#include "catalog/draft.h"
#include "catalog/garbage.h"
#include "catalog/location_claims.h"
#include "catalog/location_owners.h"
#include "catalog/namespaces.h"
#include "catalog/purges.h"
#include "catalog/relation_write.h"
#include "catalog/table_file.h"
#include "object/object.h"
#include "record/retry.h"
#include "versions/drop_history.h"

#define PAGE 1000      /* keys that are read together */
#define TAKEN_SHOWN 20 /* names in one message */

struct undrop {
	struct call *call;
	const struct branch *branch;
	struct id object;
	struct str name; /* its new one; ptr NULL: none */
	bool empty;
	struct tombstones old; /* the first is what was asked for */
	struct key *to;        /* the key that each gets */
	struct version *there; /* what has it now */
	struct draft draft;
	/* The branch as it was before its history was read: the unit is judged
	 * by it, so what came back meanwhile does not come back twice. */
	struct chain before;
	struct location_wish *wishes;
	size_t wish_count, wish_room;
};

/* ---- what comes back, and where to */

/* Children of a namespace that gets another name are below that. */
static struct key
new_key(const struct undrop *u, const struct key *key)
{
	const struct key *root = &u->old.at[0].key;
	struct arena *a = u->call->arena;
	struct str from = path_join(a, root->ns, root->name);
	struct str to = path_join(a, u->to[0].ns, u->to[0].name);
	struct key moved = *key;

	moved.ns = arena_printf(a, STR_FMT STR_FMT, STR_ARG(to),
	    STR_ARG(str_skip(key->ns, from.len)));
	return moved;
}

static enum err
too_much(struct undrop *u)
{
	return fail(u->call->error, ERR_BAD_REQUEST,
	    "More lay in the namespace than one commit brings back, which "
	    "writes at most %d entries: bring it back `empty`, and then piece "
	    "by piece",
	    UNDROP_KEYS_MAX);
}

static enum err
find_all(struct undrop *u)
{
	struct call *c = u->call;
	struct version root;

	TRY(drop_find(c, u->branch, u->object, &root));
	u->old = (struct tombstones){ &root, 1, 1 };
	if (root.kind == KIND_NAMESPACE)
		TRY(drop_contents(c, u->branch, &root, &u->old));
	else
		*(u->old.at = ARENA_NEW(c->arena, struct version, 1)) = root;
	if (u->empty)
		u->old.count = 1;
	if (u->old.count > UNDROP_KEYS_MAX)
		return too_much(u);
	u->to = ARENA_NEW(c->arena, struct key, u->old.count);
	u->to[0] = root.key;
	if (u->name.ptr != NULL)
		u->to[0].name = u->name;
	TRY(relation_name_check(u->to[0].name, "New", c->error));
	for (size_t i = 0; i < u->old.count; i++) {
		if (i != 0)
			u->to[i] = new_key(u, &u->old.at[i].key);
		TRY(key_fits(u->branch->limits, u->to[i], c->error));
	}
	return arena_check(c->arena, c->error);
}

/* Whether the metadata files are still there, before the first is promised. */
static enum err
check_files(struct undrop *u)
{
	struct arena *a = u->call->arena;

	for (size_t i = 0; i < u->old.count; i++) {
		struct arena_mark mark = arena_mark(a);
		struct str ignored;

		if (u->old.at[i].kind == KIND_NAMESPACE)
			continue;
		TRY(table_file_read(u->call, u->old.at[i].location, &ignored));
		arena_cut(a, mark);
	}
	return OK;
}

static enum err
look(struct undrop *u)
{
	const struct chain *chain = &u->branch->chain;
	struct point *link =
	    ARENA_NEW(u->call->arena, struct point, chain->count);

	memcpy(link, chain->link, chain->count * sizeof(*link));
	TRY(store_heads(u->call, link, 1));
	u->before = (struct chain){ link, chain->count };
	return OK;
}

/* ---- names */
static enum err
read_all(struct undrop *u, const struct key *keys, size_t count,
    struct version **ret)
{
	struct version *read = ARENA_NEW(u->call->arena, struct version, count);

	for (size_t i = 0; i < count; i += PAGE) {
		size_t some = count - i < PAGE ? count - i : PAGE;

		TRY(store_read(u->call, u->before, keys + i, some, read + i));
	}
	*ret = read;
	return OK;
}

static struct str
shown(struct arena *a, const struct key *key)
{
	return key->space == SPACE_NAMESPACE
		   ? path_shown(a, path_join(a, key->ns, key->name))
		   : ident_shown(a, (struct ident){ key->ns, key->name });
}

static enum err
check_names(struct undrop *u)
{
	struct call *c = u->call;
	struct buf names = buf_in(c->arena);
	size_t taken = 0;

	for (size_t i = 0; i < u->old.count; i++) {
		if (!version_is_live(&u->there[i]))
			continue;
		if (taken++ < TAKEN_SHOWN) {
			buf_add(&names, taken == 1 ? STR("") : STR(", "));
			buf_add(&names, shown(c->arena, &u->to[i]));
		}
	}
	if (taken > TAKEN_SHOWN)
		buf_add(&names, arena_printf(c->arena, " and %zu more",
				    taken - TAKEN_SHOWN));
	if (taken == 0)
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "There is something of this name already; bring it back under "
	    "another name: " STR_FMT,
	    STR_ARG(buf_str(&names)));
}

static enum err
draft_parent(struct undrop *u)
{
	struct str ns = u->to[0].ns;
	struct version parent;
	struct key key;

	if (ns.len == 0)
		return OK;
	key = path_key(ns);
	TRY(branch_read(u->call, u->branch, &key, 1, &parent));
	if (!version_is_live(&parent))
		return namespace_missing(u->call, ns);
	draft_expect(&u->draft, expect_live(u->branch, key, &parent));
	return OK;
}

/* ---- the unit */

/* The places that it had are its own again, if nobody has taken them. */
static enum err
claim_places(struct undrop *u, const struct version *put, struct str *ret)
{
	struct str places = put->body, own = STR("");

	while (places.len != 0) {
		struct str path = str_cut(&places, '\n');
		const struct location_move move = {
			.location = object_location_at(u->call->arena, path),
			.ident = { put->key.ns, put->key.name },
			.object = put->object,
			.own = own,
			.taken = ERR_ALREADY_EXISTS,
		};

		TRY(location_claims_move(
		    u->call, u->branch, &u->draft, &move, &own));
		LIST_RESERVE(
		    u->call->arena, u->wishes, u->wish_count, u->wish_room, 1);
		u->wishes[u->wish_count++] =
		    (struct location_wish){ .location = move.location,
			    .ident = move.ident,
			    .object = move.object,
			    .taken = move.taken };
	}
	*ret = own;
	return OK;
}

static enum err
draft_one(struct undrop *u, size_t i)
{
	struct version put = u->old.at[i];

	put.deleted = false;
	put.origin = (struct point){ 0 };
	put.key = u->to[i];
	if (put.kind != KIND_NAMESPACE)
		put.body = purge_places(put.body);
	draft_expect(
	    &u->draft, expect_unchanged(u->branch, put.key, &u->there[i]));
	if (put.kind == KIND_TABLE)
		TRY(claim_places(u, &put, &put.body));
	if (put.kind != KIND_NAMESPACE) {
		garbage_rescue(&u->draft, put.location);
		purge_withdraw(&u->draft, u->branch->catalog.id, put.object);
	}
	(void)draft_put(&u->draft, &put);
	return OK;
}

/*
 * The name that it had is written, too: its tombstone is no more what could
 * come back.  What has the name now is written once more as it is, so of two
 * requests that bring back one thing under two names the second fails.
 */
static enum err
draft_old_names(struct undrop *u)
{
	struct key *keys = ARENA_NEW(u->call->arena, struct key, u->old.count);
	struct version *now;

	for (size_t i = 0; i < u->old.count; i++)
		keys[i] = u->old.at[i].key;
	TRY(read_all(u, keys, u->old.count, &now));
	for (size_t i = 0; i < u->old.count; i++) {
		struct version left = now[i];

		draft_expect(
		    &u->draft, expect_unchanged(u->branch, keys[i], &now[i]));
		if (now[i].kind == 0)
			left = u->old.at[i];
		if (id_eq(left.object, u->old.at[i].object)) {
			left.object = (struct id){ 0 };
			left.origin = (struct point){ 0 };
		}
		(void)draft_put(&u->draft, &left);
	}
	return OK;
}

static struct str
message_of(const struct undrop *u)
{
	const struct version *root = &u->old.at[0];
	struct ident ident = { u->to[0].ns, u->to[0].name };
	struct arena *a = u->call->arena;

	if (root->kind != KIND_NAMESPACE)
		return relation_message(
		    u->call, "undrop", (enum kind)root->kind, ident);
	return arena_printf(a, "undrop namespace " STR_FMT,
	    STR_ARG(path_shown(a, path_join(a, ident.ns, ident.name))));
}

static enum err
apply(struct undrop *u, enum verdict *ret)
{
	struct call *c = u->call;
	struct location_holds holds;

	TRY(location_owners_lacking(c, u->branch, u->wishes, &u->wish_count));
	TRY(location_owners_claim(
	    c, u->branch, u->wishes, u->wish_count, &holds));
	location_owners_confirm(u->branch, &u->draft, &holds);

	struct unit unit = draft_unit(&u->draft, message_of(u));
	enum err err = branch_apply(c, u->branch, &unit, ret);

	if (err != ERR_COMMIT_UNKNOWN &&
	    (err != OK || *ret == VERDICT_CONFLICT))
		location_owners_release(c, &holds);
	return err;
}

static enum err
try_undrop(struct undrop *u, struct version *ret, enum verdict *ret_verdict)
{
	struct call *c = u->call;

	u->draft = draft_in(c->arena);
	TRY(look(u));
	u->wishes = NULL;
	u->wish_count = u->wish_room = 0;
	TRY(find_all(u));
	TRY(purge_check_none(c, u->branch->catalog.id, u->object));
	TRY(check_files(u));
	TRY(read_all(u, u->to, u->old.count, &u->there));
	TRY(check_names(u));
	TRY(draft_parent(u));
	for (size_t i = 0; i < u->old.count; i++) {
		TRY(draft_one(u, i));
		TRY(arena_check(c->arena, c->error));
	}
	if (!str_eq(u->to[0].name, u->old.at[0].key.name))
		TRY(draft_old_names(u));
	if (u->draft.put_count > UNDROP_KEYS_MAX)
		return too_much(u);

	*ret = u->old.at[0];
	ret->key = u->to[0];
	ret->deleted = false;
	return apply(u, ret_verdict);
}

enum err
undrop(struct call *c, const struct branch *b, struct id object,
    struct str name, bool empty, struct version *ret)
{
	struct undrop u = { .call = c,
		.branch = b,
		.object = object,
		.name = name,
		.empty = empty };
	struct retry retry = retry_of(c);
	struct version back;
	enum verdict verdict;

	TRY(branch_may_write(c, b));
	do
		TRY(try_undrop(&u, &back, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT,
		    "The branch is being changed by others, try again");
	*ret = back;
	return OK;
}
