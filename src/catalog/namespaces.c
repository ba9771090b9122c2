#include "catalog/namespaces.h"

#include "plugin/store_call.h"

enum err
namespace_missing(struct call *c, struct str path)
{
	struct str shown = path_shown(c->arena, path);

	return fail(c->error, ERR_NO_SUCH_NAMESPACE,
	    "Namespace does not exist: " STR_FMT, STR_ARG(shown));
}

static enum err
lost_races(struct call *c, struct str path)
{
	struct str shown = path_shown(c->arena, path);

	return fail(c->error, ERR_COMMIT_FAILED,
	    "Namespace is being changed by others, try again: " STR_FMT,
	    STR_ARG(shown));
}

enum err
namespaces_list(struct call *c, const struct branch *b, struct str parent,
    struct page page, struct listing *ret)
{
	if (parent.len != 0) {
		struct key key = path_key(parent);
		struct version v;

		TRY(branch_read(c, b, &key, 1, &v));
		if (!version_is_live(&v))
			return namespace_missing(c, parent);
	}
	return page_list(
	    c, b, SPACE_NAMESPACE, parent, KIND_NAMESPACE, page, ret);
}

enum err
namespaces_get(struct call *c, const struct branch *b, struct str path,
    struct namespace *ret)
{
	struct key key = path_key(path);
	struct version v;

	TRY(branch_read(c, b, &key, 1, &v));
	if (!version_is_live(&v))
		return namespace_missing(c, path);
	ret->path = path;
	return json_to_pairs(c->arena, v.body, &ret->properties, c->error);
}

/* One try: *ret says whether the unit went through. */
static enum err
try_create(struct call *c, const struct branch *b, const struct namespace *new,
    enum verdict *ret)
{
	struct key key = path_key(new->path), keys[2] = { key };
	size_t count = key.ns.len != 0 ? 2 : 1;
	struct version read[2];

	if (count == 2)
		keys[1] = path_key(key.ns);
	TRY(branch_read(c, b, keys, count, read));
	if (count == 2 && !version_is_live(&read[1]))
		return namespace_missing(c, key.ns);
	struct str shown = path_shown(c->arena, new->path);

	if (version_is_live(&read[0]))
		return fail(c->error, ERR_ALREADY_EXISTS,
		    "Namespace already exists: " STR_FMT, STR_ARG(shown));

	struct expect expects[2] = { expect_unchanged(b, key, &read[0]) };
	struct version put = { .key = key,
		.kind = KIND_NAMESPACE,
		.object = id_v4(),
		.body = json_of_pairs(c->arena, new->properties) };
	struct unit unit = { .message = arena_printf(c->arena,
				 "create namespace " STR_FMT, STR_ARG(shown)),
		.expects = expects,
		.expect_count = count,
		.puts = &put,
		.put_count = 1 };

	if (count == 2)
		expects[1] = expect_live(b, keys[1], &read[1]);
	return branch_apply(c, b, &unit, ret);
}

enum err
namespaces_create(
    struct call *c, const struct branch *b, const struct namespace *new)
{
	enum verdict verdict = VERDICT_CONFLICT;

	TRY(key_fits(b->limits, path_key(new->path), c->error));
	for (int i = 0; i < BRANCH_TRIES && verdict == VERDICT_CONFLICT; i++)
		TRY(try_create(c, b, new, &verdict));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, new->path);
}

/* Is anything live in it?  Own rows are judged by the unit itself, under the
 * branch's lock (EXPECT_EMPTY); this is for the answer that names it. */
static enum err
check_empty(struct call *c, const struct branch *b, struct str path)
{
	static const struct {
		enum space space;
		enum kind kind;
	} inside[] = {
		{ SPACE_RELATION, KIND_TABLE },
		{ SPACE_RELATION, KIND_VIEW },
		{ SPACE_NAMESPACE, KIND_NAMESPACE },
	};
	struct listing found;

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		TRY(page_list(c, b, inside[i].space, path, inside[i].kind,
		    (struct page){ .size = 1 }, &found));
		if (found.count == 0)
			continue;

		struct str shown = path_shown(c->arena, path);

		return fail(c->error, ERR_NAMESPACE_NOT_EMPTY,
		    "Namespace is not empty: " STR_FMT " holds " STR_FMT,
		    STR_ARG(shown), STR_ARG(found.at[0].key.name));
	}
	return OK;
}

static enum err
try_drop(
    struct call *c, const struct branch *b, struct str path, enum verdict *ret)
{
	struct key key = path_key(path);
	struct version read;

	TRY(branch_read(c, b, &key, 1, &read));
	if (!version_is_live(&read))
		return namespace_missing(c, path);
	TRY(check_empty(c, b, path));

	const struct expect expects[] = { expect_unchanged(b, key, &read),
		{ EXPECT_EMPTY, { SPACE_NAMESPACE, path, STR("") }, 0 } };
	struct version put = read;
	struct str shown = path_shown(c->arena, path);
	struct unit unit = { .message = arena_printf(c->arena,
				 "drop namespace " STR_FMT, STR_ARG(shown)),
		.expects = expects,
		.expect_count = 2,
		.puts = &put,
		.put_count = 1 };

	put.deleted = true;
	put.origin = (struct point){ 0 };
	return branch_apply(c, b, &unit, ret);
}

enum err
namespaces_drop(struct call *c, const struct branch *b, struct str path)
{
	enum verdict verdict = VERDICT_CONFLICT;

	for (int i = 0; i < BRANCH_TRIES && verdict == VERDICT_CONFLICT; i++)
		TRY(try_drop(c, b, path, &verdict));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, path);
}

/* ---- properties */
static bool
is_removed(const struct property_changes *changes, struct str name)
{
	for (size_t i = 0; i < changes->removal_count; i++)
		if (str_eq(changes->removals[i], name))
			return true;
	return false;
}

static enum err
check_overlap(struct call *c, const struct property_changes *changes)
{
	for (size_t i = 0; i < changes->updates.count; i++)
		if (is_removed(changes, changes->updates.at[i].name))
			return fail(c->error, ERR_UNPROCESSABLE,
			    "Property is in both removals and "
			    "updates: " STR_FMT,
			    STR_ARG(changes->updates.at[i].name));
	return OK;
}

/* `old` without what is removed, with what is set: in its place or behind. */
static struct pairs
changed_pairs(struct arena *a, struct pairs old, struct property_changes *ch)
{
	struct pairs new = {
		ARENA_NEW(a, struct pair, old.count + ch->updates.count + 1), 0
	};

	for (size_t i = 0; i < old.count; i++) {
		struct str name = old.at[i].name;
		struct str set = pairs_get(ch->updates, name);

		if (set.ptr != NULL)
			new.at[new.count++] = (struct pair){ name, set };
		else if (!is_removed(ch, name))
			new.at[new.count++] = old.at[i];
	}
	for (size_t i = 0; i < ch->updates.count; i++)
		if (pairs_get(old, ch->updates.at[i].name).ptr == NULL)
			new.at[new.count++] = ch->updates.at[i];

	ch->removed = ARENA_NEW(a, struct str, ch->removal_count + 1);
	ch->missing = ARENA_NEW(a, struct str, ch->removal_count + 1);
	ch->removed_count = ch->missing_count = 0;
	for (size_t i = 0; i < ch->removal_count; i++)
		if (pairs_get(old, ch->removals[i]).ptr != NULL)
			ch->removed[ch->removed_count++] = ch->removals[i];
		else
			ch->missing[ch->missing_count++] = ch->removals[i];
	return new;
}

static enum err
try_update(struct call *c, const struct branch *b, struct str path,
    struct property_changes *changes, enum verdict *ret)
{
	struct key key = path_key(path);
	struct version read;
	struct pairs old;

	TRY(branch_read(c, b, &key, 1, &read));
	if (!version_is_live(&read))
		return namespace_missing(c, path);
	TRY(json_to_pairs(c->arena, read.body, &old, c->error));

	struct expect unchanged = expect_unchanged(b, key, &read);
	struct version put = read;
	struct str shown = path_shown(c->arena, path);
	struct unit unit = { .message = arena_printf(c->arena,
				 "change namespace " STR_FMT, STR_ARG(shown)),
		.expects = &unchanged,
		.expect_count = 1,
		.puts = &put,
		.put_count = 1 };

	put.body =
	    json_of_pairs(c->arena, changed_pairs(c->arena, old, changes));
	put.origin = (struct point){ 0 };
	if (str_eq(put.body, read.body)) {
		*ret =
		    VERDICT_APPLIED; /* what changes nothing writes nothing */
		return OK;
	}
	return branch_apply(c, b, &unit, ret);
}

enum err
namespaces_update(struct call *c, const struct branch *b, struct str path,
    struct property_changes *changes)
{
	enum verdict verdict = VERDICT_CONFLICT;

	TRY(check_overlap(c, changes));
	for (int i = 0; i < BRANCH_TRIES && verdict == VERDICT_CONFLICT; i++)
		TRY(try_update(c, b, path, changes, &verdict));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, path);
}

enum err
namespaces_update_again(struct call *c, struct point commit, struct str path,
    struct property_changes *changes)
{
	const struct point before = { commit.branch, commit.seq - 1 };
	const struct key key = path_key(path);
	struct version read;
	struct pairs old;

	TRY(store_read(c, (struct chain){ &before, 1 }, &key, 1, &read));
	if (read.kind == 0) /* pruned */
		return namespace_missing(c, path);
	TRY(json_to_pairs(c->arena, read.body, &old, c->error));
	(void)changed_pairs(c->arena, old, changes);
	return OK;
}
