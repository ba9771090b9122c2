#include "versions/merge_unit.h"

#include "catalog/garbage.h"
#include "catalog/location_claims.h"
#include "catalog/moved.h"
#include "catalog/purges.h"
#include "versions/merge_resolve.h"

struct unit_draft {
	struct call *call;
	const struct branch *target;
	struct merge_plan *plan;
	struct draft *draft;
	struct str_map held;  /* object -> claims it has on the target */
	struct str_map put;   /* object -> it is put live somewhere */
	struct str_map named; /* the same, or dropped under its last name */
	struct str_map keys;  /* key -> it is put */
	bool again;           /* a place is taken, which the plan knows now */
};

/* The version of the key that the target will hold. */
static struct version
put_of(const struct merge_item *item)
{
	struct version v =
	    item->outcome == MERGE_TAKE ? item->source : item->put;

	v.key = item->key;
	v.at = (struct point){ 0 };
	return v;
}

static bool
lives_as_table(const struct version *v)
{
	return version_is_live(v) && v->kind == KIND_TABLE;
}

/* ---- claims */
static void
note_objects(struct unit_draft *u)
{
	struct arena *a = u->call->arena;

	for (size_t i = 0; i < u->plan->count; i++) {
		const struct merge_item *item = u->plan->at[i];
		const struct version *sees[] = { &item->there, &item->target };

		for (int k = 0; k < 2; k++)
			if (lives_as_table(sees[k]))
				*str_map_slot(
				    &u->held, object_text(a, sees[k]->object)) =
				    (void *)(uintptr_t)sees[k];
		if (!item_is_put(item))
			continue;
		*str_map_slot(&u->keys, key_text(a, item->key)) = u;

		struct version v = put_of(item);

		if (version_is_live(&v))
			*str_map_slot(&u->put, object_text(a, v.object)) = u;
		if (!version_has_moved(&v))
			*str_map_slot(&u->named, object_text(a, v.object)) = u;
	}
}

static bool
has_line(struct str lines, struct str line)
{
	while (lines.len != 0)
		if (str_eq(str_cut(&lines, '\n'), line))
			return true;
	return false;
}

/* Claims on the target what the table has claimed elsewhere. */
static enum err
claim(struct unit_draft *u, struct version *io)
{
	const struct version *held =
	    str_map_find(&u->held, object_text(u->call->arena, io->object));
	struct str wanted = io->body;

	io->body = held != NULL ? held->body : STR("");
	while (wanted.len != 0) {
		struct str line = str_cut(&wanted, '\n');
		const struct location_move move = { .location = line,
			.ident = { io->key.ns, io->key.name },
			.object = io->object,
			.own = io->body,
			.taken = ERR_CONFLICT };

		if (!has_line(io->body, line))
			TRY(location_claims_move(
			    u->call, u->target, u->draft, &move, &io->body));
	}
	return OK;
}

static void
release(struct unit_draft *u, const struct merge_item *item)
{
	struct arena *a = u->call->arena;

	if (lives_as_table(&item->there) &&
	    str_map_find(&u->put, object_text(a, item->there.object)) == NULL)
		location_claims_release(u->draft, item->there.body);
}

/* ---- what is put, and what is expected */
/* The tombstone of a name that the object leaves says so, and one that says so
 * while the object goes with the name here does not. */
static void
say_whether_moved(const struct unit_draft *u, const struct merge_item *item,
    struct version *io)
{
	const struct version *there = &item->there;
	struct str object = object_text(u->call->arena, io->object);

	if (!io->deleted)
		return;
	if (str_map_find(&u->put, object) != NULL) {
		version_move_away(io);
	} else if (version_has_moved(io) && version_is_live(there) &&
		   id_eq(there->object, io->object) &&
		   str_map_find(&u->named, object) == NULL) {
		io->location = there->location;
		io->body = there->body;
	}
}

/* ERR_CONFLICT: the draft has to be made again, of a plan that knows of it. */
static enum err
place_taken(struct unit_draft *u, struct merge_item *item)
{
	struct error *e = u->call->error;
	struct str reason = arena_copy(u->call->arena, str_from(e->message));

	TRY(plan_conflict(u->plan, item, CONFLICT_OF_NAME, reason));
	if (item_is_put(item)) {
		item->outcome = MERGE_CONFLICT; /* nobody can decide so */
		item->conflict = CONFLICT_OF_NAME;
	}
	return ERR_CONFLICT;
}

static enum err
draft_put_item(struct unit_draft *u, struct merge_item *item)
{
	struct version v = put_of(item);

	draft_expect(
	    u->draft, expect_unchanged(u->target, item->key, &item->there));
	if (lives_as_table(&v)) {
		enum err err = claim(u, &v);

		if (err != OK)
			return err == ERR_CONFLICT ? place_taken(u, item) : err;
	}
	if (merge_decided_file(item) != NULL)
		garbage_rescue(u->draft, v.location);
	release(u, item);
	say_whether_moved(u, item, &v);
	(void)draft_put(u->draft, &v);
	return OK;
}

static void
expect_parent(struct unit_draft *u, const struct merge_item *item)
{
	struct arena *a = u->call->arena;
	struct version v = put_of(item);
	struct key key;

	if (!version_is_live(&v) || item->key.ns.len == 0)
		return;
	key = path_key(item->key.ns);

	struct str text = key_text(a, key);
	const struct merge_item *parent = str_map_find(&u->plan->by_key, text);
	void **slot = str_map_slot(&u->keys, text);

	if (*slot != NULL || parent == NULL)
		return;
	*slot = u; /* once is enough */
	draft_expect(u->draft, expect_live(u->target, key, &parent->there));
}

static void
expect_empty(struct unit_draft *u, const struct merge_item *item)
{
	struct arena *a = u->call->arena;
	struct version v = put_of(item);
	struct str path = item->key.ns.len != 0
			      ? path_join(a, item->key.ns, item->key.name)
			      : item->key.name;

	if (item->key.space == SPACE_NAMESPACE && v.deleted)
		draft_expect(
		    u->draft, (struct expect){ EXPECT_EMPTY,
				  { SPACE_NAMESPACE, path, STR("") }, 0 });
}

/* A key that is not put was decided by what the target shows, too. */
static void
expect_seen(struct unit_draft *u, const struct merge_item *item)
{
	struct arena *a = u->call->arena;

	if (!item_is_put(item) && (item->both || item->conflict != 0))
		draft_expect(u->draft,
		    expect_unchanged(u->target, item->key, &item->there));
	if (item->target.kind == 0 || key_eq(item->target.key, item->key) ||
	    str_map_find(&u->plan->by_key, key_text(a, item->target.key)) !=
		NULL)
		return;
	draft_expect(u->draft,
	    expect_unchanged(u->target, item->target.key, &item->target));
}

bool
merge_plan_agrees(const struct merge_plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (!item_is_put(p->at[i]) &&
		    (p->at[i]->both || p->at[i]->conflict != 0))
			return true;
	return false;
}

/* Whatever decided for the target has to be a commit, or what was decided
 * would be true of the target's commits before, and of all their forks. */
static void
put_again(struct unit_draft *u)
{
	for (size_t i = 0; i < u->plan->count; i++) {
		const struct merge_item *item = u->plan->at[i];
		struct version v = item->there;

		if (item->conflict == 0 || v.kind == 0)
			continue;
		v.at = (struct point){ 0 };
		(void)draft_put(u->draft, &v);
		return;
	}
}

/* Those with files of their own come first: a commit is known by them.  All
 * places that are taken are told at once. */
static enum err
draft_items(struct unit_draft *u, bool made)
{
	for (size_t i = 0; i < u->plan->count; i++) {
		struct merge_item *item = u->plan->at[i];

		if (item->is_made != made)
			continue;
		expect_seen(u, item);
		if (!item_is_put(item))
			continue;

		enum err err = draft_put_item(u, item);

		if (err == ERR_CONFLICT) {
			u->again = true; /* with all that are taken */
			continue;
		}
		TRY(err);
		expect_parent(u, item);
		expect_empty(u, item);
		TRY(arena_check(u->call->arena, u->call->error));
	}
	return OK;
}

static enum err
draft_once(struct call *c, const struct branch *target, struct merge_plan *plan,
    struct draft *ret)
{
	struct unit_draft u = { .call = c,
		.target = target,
		.plan = plan,
		.draft = ret,
		.held = str_map_in(c->arena),
		.put = str_map_in(c->arena),
		.named = str_map_in(c->arena),
		.keys = str_map_in(c->arena) };

	*ret = draft_in(c->arena);
	purge_expect_none_since(ret, &target->catalog);
	note_objects(&u);
	TRY(draft_items(&u, true));
	TRY(draft_items(&u, false));
	if (u.again)
		return ERR_CONFLICT;
	if (ret->put_count == 0)
		put_again(&u);
	return OK;
}

enum err
merge_unit_draft(struct call *c, const struct branch *target,
    struct merge_plan *plan, struct draft *ret)
{
	enum err err;

	do
		err = draft_once(c, target, plan, ret);
	while (
	    err == ERR_CONFLICT && merge_plan_count(plan, MERGE_CONFLICT) == 0);
	return err == ERR_CONFLICT ? OK : err;
}

enum err
merge_unit_raced(struct call *c, struct point planned, enum verdict *io)
{
	struct point now = { planned.branch, 0 };

	TRY(store_heads(c, &now, 1));
	if (now.seq != planned.seq)
		*io = VERDICT_CONFLICT;
	return OK;
}
