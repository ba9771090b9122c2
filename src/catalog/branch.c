#include "catalog/branch.h"

#include "cache/entries.h"

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

enum err
branch_apply(struct call *c, const struct branch *b, struct unit *unit,
    enum verdict *ret)
{
	unit->id = id_v7();
	unit->author = b->author;
	TRY(committer_apply(b->committer, c, b->id, unit));
	if (unit->verdict == VERDICT_GONE)
		return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
		    "Catalog does not exist: " STR_FMT,
		    STR_ARG(b->catalog.name));
	if (unit->verdict == VERDICT_INVALID)
		return fail(
		    c->error, ERR_BAD_REQUEST, "The store refuses this data");
	*ret = unit->verdict == VERDICT_CONFLICT ? VERDICT_CONFLICT
						 : VERDICT_APPLIED;
	return OK;
}
