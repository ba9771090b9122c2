/*
 * table_commit.c - a commit: read, check, apply, write, move the pointer.
 *
 * The compare-and-swap is the expectation of the unit that entry_put() hands
 * to the store.  A try that lost its race starts again on what is there now,
 * as long as the requirements hold and it is still the same table.  Commits of
 * one node take turns at a table, so the race is with other nodes, and with
 * what is no commit.
 */
#include "base/clock.h"
#include "catalog/entry.h"
#include "catalog/table_file.h"
#include "catalog/tables.h"
#include "iceberg/requirements.h"
#include "iceberg/updates.h"

/* One try, and what it found. */
struct attempt {
	struct ident ident;
	const struct table_changes *changes;
	struct version read[2]; /* the entry, its namespace */
	struct id first_object; /* of the first try; nil: this is it */
	enum verdict verdict;
};

/* ---- on a table that is there */
static enum err
read_base(struct call *c, struct attempt *t, struct str *ret_text,
    struct metadata *ret)
{
	if (!version_is_live(&t->read[0]) || t->read[0].kind != KIND_TABLE)
		return entry_missing(c, KIND_TABLE, t->ident);
	if (!id_is_nil(t->first_object) &&
	    !id_eq(t->first_object, t->read[0].object))
		return fail(c->error, ERR_COMMIT_FAILED,
		    "Table was replaced by another one: " STR_FMT,
		    STR_ARG(t->ident.name));
	t->first_object = t->read[0].object;
	TRY(table_file_read(c, t->read[0].location, ret_text));
	if (metadata_parse(c->arena, *ret_text, ret, c->error) == OK)
		return OK;
	return fail(c->error, ERR_INTERNAL, /* it is not the request's fault */
	    "Metadata file is damaged: " STR_FMT, STR_ARG(t->read[0].location));
}

static enum err
try_update(struct call *c, const struct branch *b, struct attempt *t,
    struct relation *ret)
{
	struct str text, base_file = t->read[0].location;
	struct update_result result;
	struct metadata m;

	TRY(read_base(c, t, &text, &m));
	TRY(requirements_check(
	    c->arena, t->changes->requirements, &m, c->error));

	struct table_places before = table_places_of(&m);
	char uuid[ID_TEXT];

	id_format(id_v4(), uuid);

	struct update_context context = { .now_ms = clock_now_us() / CLOCK_MS,
		.base_file = base_file,
		.uuid = str_from(uuid) };

	TRY(updates_apply(
	    &m, t->changes->updates, &context, &result, c->error));
	*ret = (struct relation){ KIND_TABLE, t->ident, t->read[0].object,
		base_file, text };
	t->verdict = VERDICT_APPLIED;
	if (!result.changed)
		return OK;
	TRY(table_places_guard(c, b, &before, &m));
	return entry_put(c, b, "change", t->read, &m, ret, &t->verdict);
}

/* ---- with assert-create: the second half of a staged creation */
static enum err
try_create(struct call *c, const struct branch *b, struct attempt *t,
    struct relation *ret)
{
	struct metadata m;

	if (version_is_live(&t->read[0]) && t->read[0].kind == KIND_TABLE)
		return fail(c->error, ERR_COMMIT_FAILED,
		    "Requirement failed: table already exists");
	TRY(entry_place_check(c, KIND_TABLE, t->ident, t->read));

	struct table_seed seed = entry_seed(c, b, t->ident, &t->read[1]);

	TRY(create_from_updates(
	    c->arena, t->changes->updates, &seed, &m, c->error));
	TRY(table_places_guard(c, b, NULL, &m));
	*ret = (struct relation){ .kind = KIND_TABLE,
		.ident = t->ident,
		.object = entry_object(metadata_uuid(&m)) };
	return entry_put(c, b, "create", t->read, &m, ret, &t->verdict);
}

static enum err
try_often(struct call *c, const struct branch *b, struct ident ident,
    const struct table_changes *changes, struct relation *ret)
{
	const struct key keys[] = { ident_key(ident), path_key(ident.ns) };
	struct attempt t = { .ident = ident, .changes = changes };
	bool create;

	TRY(requirements_has_create(changes->requirements, &create, c->error));
	for (int i = 0; i < BRANCH_TRIES; i++) {
		TRY(branch_read(c, b, keys, 2, t.read));
		TRY(create ? try_create(c, b, &t, ret)
			   : try_update(c, b, &t, ret));
		if (t.verdict == VERDICT_APPLIED)
			return OK;
	}
	return entry_races_lost(c, KIND_TABLE, ident);
}

enum err
tables_commit(struct call *c, const struct branch *b, struct ident ident,
    const struct table_changes *changes, struct relation *ret)
{
	const struct key key = ident_key(ident);
	struct turn *turn;

	TRY(committer_turn(b->committer, c, b->id, &key, &turn));

	enum err err = try_often(c, b, ident, changes, ret);

	committer_turn_end(b->committer, turn);
	return err;
}
