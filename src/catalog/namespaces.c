#include "catalog/namespaces.h"

#include "catalog/protection.h"

#include "base/str_map.h"
#include "catalog/property_limits.h"
#include "record/pairs.h"
#include "record/retry.h"

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
    struct listing *io)
{
	if (parent.len != 0)
		TRY(namespaces_check(c, b, parent));
	return page_list(c, b, SPACE_NAMESPACE, parent, KIND_NAMESPACE, io);
}

enum err
namespaces_check(struct call *c, const struct branch *b, struct str path)
{
	struct key key = path_key(path);
	struct version v;

	TRY(branch_read(c, b, &key, 1, &v));
	return version_is_live(&v) ? OK : namespace_missing(c, path);
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
	return pairs_parse(c, v.body, &ret->properties);
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
	struct retry retry = retry_of(c);
	enum verdict verdict;

	TRY(key_fits(b->limits, path_key(new->path), c->error));
	TRY(properties_fit(new->properties, "properties", c->error));
	do
		TRY(try_create(c, b, new, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, new->path);
}

struct first {
	struct arena *arena;
	struct str name;
};

static void
take_first(void *arg, struct str name)
{
	struct first *first = arg;

	first->name = arena_copy(first->arena, name);
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
	struct first first = { .arena = c->arena };
	struct listing found = {
		.page = { .size = 1 }, .take = take_first, .arg = &first
	};

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		TRY(page_list(
		    c, b, inside[i].space, path, inside[i].kind, &found));
		if (found.count == 0)
			continue;

		struct str shown = path_shown(c->arena, path);

		return fail(c->error, ERR_NAMESPACE_NOT_EMPTY,
		    "Namespace is not empty: " STR_FMT " holds " STR_FMT,
		    STR_ARG(shown), STR_ARG(first.name));
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
	TRY(protection_check_namespace(c, &read, path));
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
	put.body = json_of_pairs(c->arena, (struct pairs){ 0 });
	put.origin = (struct point){ 0 };
	return branch_apply(c, b, &unit, ret);
}

enum err
namespaces_drop(struct call *c, const struct branch *b, struct str path)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do
		TRY(try_drop(c, b, path, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, path);
}

/* ---- properties */
static struct str_map
map_of(struct arena *a, struct pairs pairs)
{
	struct str_map map = str_map_in(a);

	for (size_t i = 0; i < pairs.count; i++)
		*str_map_slot(&map, pairs.at[i].name) = &pairs.at[i];
	return map;
}

static enum err
check_overlap(struct call *c, const struct property_changes *changes)
{
	struct str_map updates = map_of(c->arena, changes->updates);

	for (size_t i = 0; i < changes->removal_count; i++)
		if (str_map_find(&updates, changes->removals[i]) != NULL)
			return fail(c->error, ERR_UNPROCESSABLE,
			    "Property is in both removals and "
			    "updates: " STR_FMT,
			    STR_ARG(changes->removals[i]));
	return OK;
}

/* Takes what is removed out of `io`: its value becomes absent. */
static void
remove_pairs(
    struct arena *a, const struct str_map *io, struct property_changes *ch)
{
	ch->removed = ARENA_NEW(a, struct str, ch->removal_count + 1);
	ch->missing = ARENA_NEW(a, struct str, ch->removal_count + 1);
	ch->removed_count = ch->missing_count = 0;
	for (size_t i = 0; i < ch->removal_count; i++) {
		struct pair *pair = str_map_find(io, ch->removals[i]);

		if (pair == NULL) {
			ch->missing[ch->missing_count++] = ch->removals[i];
			continue;
		}
		pair->value = (struct str){ 0 };
		ch->removed[ch->removed_count++] = ch->removals[i];
	}
}

/* `old` without what is removed, with what is set: in its place or behind. */
static struct pairs
changed_pairs(struct arena *a, struct pairs old, struct property_changes *ch)
{
	struct pairs new = {
		ARENA_NEW(a, struct pair, old.count + ch->updates.count + 1), 0
	};
	struct str_map known = map_of(a, old);

	remove_pairs(a, &known, ch);
	for (size_t i = 0; i < ch->updates.count; i++) {
		struct pair *pair =
		    str_map_find(&known, ch->updates.at[i].name);

		if (pair != NULL)
			pair->value = ch->updates.at[i].value;
	}
	for (size_t i = 0; i < old.count; i++)
		if (old.at[i].value.ptr != NULL)
			new.at[new.count++] = old.at[i];
	for (size_t i = 0; i < ch->updates.count; i++)
		if (str_map_find(&known, ch->updates.at[i].name) == NULL)
			new.at[new.count++] = ch->updates.at[i];
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
	TRY(pairs_parse(c, read.body, &old));

	struct expect unchanged = expect_unchanged(b, key, &read);
	struct version put = read;
	struct str shown = path_shown(c->arena, path);
	struct unit unit = { .message = arena_printf(c->arena,
				 "change namespace " STR_FMT, STR_ARG(shown)),
		.expects = &unchanged,
		.expect_count = 1,
		.puts = &put,
		.put_count = 1 };

	struct pairs new = changed_pairs(c->arena, old, changes);

	TRY(properties_fit(new, "properties", c->error));
	put.body = json_of_pairs(c->arena, new);
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
	struct retry retry = retry_of(c);
	enum verdict verdict;

	TRY(properties_fit(changes->updates, "updates", c->error));
	TRY(check_overlap(c, changes));
	do
		TRY(try_update(c, b, path, changes, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK : lost_races(c, path);
}

enum err
namespaces_update_again(struct call *c, const struct catalog *catalog,
    struct point commit, struct str path, struct property_changes *changes)
{
	const struct point before = { commit.branch, commit.seq - 1 };
	const struct key key = path_key(path);
	struct version read;
	struct chain chain;
	struct pairs old;

	TRY(chain_of(c, catalog, before, &chain));
	TRY(store_read(c, chain, &key, 1, &read));
	if (read.kind == 0) /* pruned */
		return namespace_missing(c, path);
	TRY(pairs_parse(c, read.body, &old));
	(void)changed_pairs(c->arena, old, changes);
	return OK;
}
