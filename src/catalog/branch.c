#include "catalog/branch.h"

#include "base/fault.h"
#include "cache/entries.h"
#include "catalog/once.h"
#include "plugin/store_call.h"

static struct branch
main_of(const struct catalog *catalog, struct str author)
{
	return (struct branch){ .catalog = *catalog,
		.id = catalog->main_branch,
		.head = { catalog->main_branch, INT64_MAX },
		.author = author };
}

enum err
branch_open(struct call *c, struct id tenant, struct str prefix,
    struct str author, struct branch *ret)
{
	struct catalog catalog;

	TRY(catalogs_get(c, tenant, prefix, &catalog));
	*ret = main_of(&catalog, author);
	return OK;
}

enum err
branch_open_to_read(
    struct call *c, struct id tenant, struct str prefix, struct branch *ret)
{
	struct catalog catalog;

	TRY(catalogs_find(c, tenant, prefix, &catalog));
	*ret = main_of(&catalog, (struct str){ 0 });
	return OK;
}

enum err
branch_read(struct call *c, const struct branch *b, const struct key *keys,
    size_t count, struct version *ret)
{
	return entries_read(
	    c, b->id, (struct chain){ &b->head, 1 }, keys, count, ret);
}

/* Where the branch itself last wrote the key; 0: what shows is inherited. */
static int64_t
own_position(const struct branch *b, const struct version *read)
{
	return read->kind != 0 && read->at.branch == b->id ? read->at.seq : 0;
}

struct expect
expect_unchanged(
    const struct branch *b, struct key key, const struct version *read)
{
	return (struct expect){ EXPECT_SEQ, key, own_position(b, read) };
}

struct expect
expect_live(const struct branch *b, struct key key, const struct version *read)
{
	return (struct expect){ EXPECT_LIVE, key, own_position(b, read) };
}

/* Did the commit at the unit's position put what the unit puts?  Only the name
 * of a file tells: no two units write the same. */
static bool
is_in(const struct versions *commit, const struct unit *unit)
{
	struct str file = unit->puts[0].location;

	for (size_t i = 0; i < commit->count; i++)
		if (file.len != 0 && str_eq(commit->at[i].location, file))
			return true;
	return false;
}

/*
 * The id of the request's key is in the log: by this unit, whose answer was
 * lost, or by a request before this one.  While that is not known the unit's
 * files must stay.
 */
static enum err
judge_again(
    struct call *c, struct once *once, int64_t branch, const struct unit *unit)
{
	const struct point above = { branch, unit->seq - 1 };
	struct versions commit;

	TRY(once_check(once, unit->first_hash, c->error));
	if (store_changes(c, above, unit->seq, 1, &commit) != OK)
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store does not tell what was committed with this "
		    "Idempotency-Key: send the request again");
	if (!is_in(&commit, unit))
		return fail(
		    c->error, ERR_ANSWERED, "This request was answered before");
	return OK;
}

enum err
branch_apply(struct call *c, const struct branch *b, struct unit *unit,
    enum verdict *ret)
{
	unit->id = b->once != NULL ? b->once->id : id_v7();
	if (b->once != NULL)
		unit->request_hash = once_hash(b->once);
	unit->author = b->author;
	FAULT_POINT("before_unit");
	TRY(committer_apply(b->committer, c, b->id, unit));
	FAULT_POINT("unit_answered");
	if (unit->verdict == VERDICT_GONE)
		return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
		    "Catalog does not exist: " STR_FMT,
		    STR_ARG(b->catalog.name));
	if (unit->verdict == VERDICT_INVALID)
		return fail(
		    c->error, ERR_BAD_REQUEST, "The store refuses this data");
	*ret = unit->verdict == VERDICT_CONFLICT ? VERDICT_CONFLICT
						 : VERDICT_APPLIED;
	if (b->once == NULL || *ret == VERDICT_CONFLICT)
		return OK;
	if (unit->verdict == VERDICT_ALREADY)
		TRY(judge_again(c, b->once, b->id, unit));
	b->once->committed = true;
	return OK;
}
