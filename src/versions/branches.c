#include "versions/branches.h"

#include "base/clock.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "catalog/names.h"
#include "record/retry.h"
#include "versions/fold.h"
#include "versions/merge_operations.h"
#include "versions/partial.h"

/* A request folds no more than this: the task does. */
#define FOLD_STEPS 20

#define LOST_RACES "Branch '" STR_FMT "' is being changed by others: try again"

enum err
branches_get(struct call *c, const struct catalog *catalog, struct str name,
    struct ref *ret)
{
	struct ref found;

	TRY(ref_get(c, catalog, name, &found));
	if (found.kind != REF_BRANCH)
		return fail(c->error, ERR_NO_SUCH_REF,
		    "'" STR_FMT "' is a tag, not a branch", STR_ARG(name));
	*ret = found;
	return OK;
}

/* ---- creating */
static enum err
chain_has_room(struct call *c, const struct catalog *catalog, struct point at)
{
	struct chain chain;

	TRY(chain_of(c, catalog, at, &chain));
	if (chain.count < CHAIN_LINKS_MAX)
		return OK;
	return fail(c->error, ERR_CONFLICT,
	    "Too many branches stand behind this one: run a task of kind "
	    "'fold' for catalog '" STR_FMT "' first",
	    STR_ARG(catalog->name));
}

/* The base image of a partial branch comes before its row: what a failure
 * leaves of it belongs to a number that nobody has. */
static enum err
begin_at(struct call *c, const struct catalog *catalog,
    const struct branch_new *new, struct point at, struct ref *io)
{
	struct chain from;

	io->forked = at;
	io->is_partial = new->asset_count != 0;
	if (!io->is_partial) {
		io->parent = at;
		return chain_has_room(c, catalog, at);
	}
	TRY(chain_of(c, catalog, at, &from));
	return partial_load(c, from, new->assets, new->asset_count, io->id);
}

static enum err
try_create(struct call *c, const struct catalog *catalog,
    const struct branch_new *new, const struct ref_author *author,
    struct ref *io, enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct fork_point at;

	TRY(ref_name_is_free(c, catalog, new->name));
	TRY(fork_point_of(c, catalog, &new->from, &at));
	io->id = branch_number();
	io->fork_commit = at.mark.id;
	io->fork_us = at.mark.at_us;
	TRY(begin_at(c, catalog, new, at.mark.point, io));
	fork_point_expect(&b, catalog, &at);
	ref_insert(&b, catalog, io);
	b.message = arena_printf(
	    c->arena, "create branch " STR_FMT, STR_ARG(new->name));
	return ref_unit_apply(&b, catalog, new->name, author, ret);
}

/* The branch is there and right: a chain that stays long costs reads only,
 * and the task folds it. */
static void
fold_if_long(struct call *c, const struct catalog *catalog, int64_t branch)
{
	struct call quiet = *c;
	struct error ignored = { 0 };
	struct key after = { .name = STR("") };
	bool done;

	quiet.error = &ignored;
	if (fold_branch(&quiet, catalog, branch, FOLD_STEPS, &after, &done) !=
	    OK)
		return;
}

enum err
branches_create(struct call *c, const struct catalog *catalog,
    const struct branch_new *new, const struct ref_author *author,
    struct ref *ret)
{
	struct retry retry = retry_of(c);
	struct ref branch = { .catalog = catalog->id,
		.name = new->name,
		.kind = REF_BRANCH,
		.state = REF_LIVE,
		.type = new->type,
		.is_protected = new->is_protected,
		.created_us = clock_now_us(),
		.created_by = author->id };
	enum verdict verdict;

	TRY(ref_name_check(new->name, c->error));
	do
		TRY(try_create(c, catalog, new, author, &branch, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(
		    c->error, ERR_CONFLICT, LOST_RACES, STR_ARG(new->name));
	fold_if_long(c, catalog, branch.id);
	*ret = branch;
	return OK;
}

/* ---- changing */
static enum err
check_change(struct call *c, const struct catalog *catalog,
    const struct ref *branch, const struct branch_change *change)
{
	if (change->name.ptr == NULL || str_eq(change->name, branch->name))
		return OK;
	TRY(ref_name_check(change->name, c->error));
	if (branch->id == catalog->main_branch)
		return fail(c->error, ERR_BAD_REQUEST,
		    "/name: the default branch keeps its name");
	if (branch->is_protected && change->is_protected != 0)
		return fail(c->error, ERR_CONFLICT,
		    "Branch '" STR_FMT "' is protected: it is not renamed "
		    "before that is taken back",
		    STR_ARG(branch->name));
	return ref_name_is_free(c, catalog, change->name);
}

static void
expect_open(struct batch *b, int64_t branch)
{
	batch_expect(b, ENTITY_REFS, value_int(branch),
	    (struct test){ REF_PROTECTED, TEST_NE, value_int(REF_CLOSED) });
}

static enum err
try_update(struct call *c, const struct catalog *catalog, struct str name,
    const struct branch_change *change, const struct ref_author *author,
    struct ref *io, enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct str new_name = change->name;
	struct update u;

	TRY(branches_get(c, catalog, name, io));
	TRY(check_change(c, catalog, io, change));
	if (str_eq(new_name, io->name))
		new_name = (struct str){ 0 };
	if (change->is_protected == (int)io->is_protected ||
	    change->is_protected < 0) {
		*ret = VERDICT_APPLIED;
		if (new_name.ptr == NULL)
			return OK; /* what changes nothing writes nothing */
	}
	if (new_name.ptr != NULL && change->is_protected != 0)
		expect_open(&b, io->id);
	u = ref_update(&b, io, new_name,
	    (struct test){ REF_NAME, TEST_EQ, value_text(io->name) });
	if (change->is_protected >= 0) {
		io->is_protected = change->is_protected != 0;
		update_set(u, REF_PROTECTED,
		    value_int(io->is_protected ? REF_CLOSED : 0));
		/* main of a time before branches: see refs.c */
		update_set(u, REF_TYPE, value_int(io->type));
	}
	b.message =
	    arena_printf(c->arena, "change branch " STR_FMT, STR_ARG(io->name));
	if (new_name.ptr != NULL)
		io->name = new_name;
	return ref_unit_apply(&b, catalog, name, author, ret);
}

enum err
branches_update(struct call *c, const struct catalog *catalog, struct str name,
    const struct branch_change *change, const struct ref_author *author,
    struct ref *ret)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;
	struct ref branch;

	do
		TRY(try_update(
		    c, catalog, name, change, author, &branch, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT, LOST_RACES, STR_ARG(name));
	*ret = branch;
	return OK;
}

/* ---- deleting */
static enum err
check_delete(struct call *c, const struct catalog *catalog,
    const struct ref *branch, struct id head, int64_t *ret_seq)
{
	struct branch_head now;
	struct id operation;
	char text[ID_TEXT];

	if (branch->id == catalog->main_branch)
		return fail(c->error, ERR_BAD_REQUEST,
		    "The default branch cannot be deleted");
	if (branch->is_protected)
		return fail(c->error, ERR_CONFLICT,
		    "Branch '" STR_FMT "' is protected: it is not deleted "
		    "before that is taken back",
		    STR_ARG(branch->name));
	TRY(operations_use(c, catalog, branch->id, &operation));
	if (!id_is_nil(operation)) {
		id_format(operation, text);
		return fail(c->error, ERR_CONFLICT,
		    "Merge operation %s uses branch '" STR_FMT
		    "': complete or abort it first",
		    text, STR_ARG(branch->name));
	}
	TRY(branch_heads(c, branch, 1, &now));
	*ret_seq = now.seq;
	if (id_is_nil(head) || id_eq(head, now.commit))
		return OK;
	return fail(c->error, ERR_CONFLICT,
	    "Branch '" STR_FMT "' has moved: its newest commit is another",
	    STR_ARG(branch->name));
}

/* No commit has come behind the position. */
static void
expect_head(struct batch *b, int64_t branch, int64_t seq)
{
	struct value *next = ARENA_NEW(b->call->arena, struct value, 2);

	next[0] = value_int(branch);
	next[1] = value_int(seq + 1);
	batch_expect_absent(b, ENTITY_COMMITS, next);
}

static enum err
try_delete(struct call *c, const struct catalog *catalog, struct str name,
    struct id head, const struct ref_author *author, enum verdict *ret)
{
	struct batch b = batch_of(c);
	struct ref branch;
	int64_t seq = 0;

	TRY(branches_get(c, catalog, name, &branch));
	TRY(check_delete(c, catalog, &branch, head, &seq));
	expect_open(&b, branch.id);
	if (!id_is_nil(head))
		expect_head(&b, branch.id, seq);
	ref_delete(&b, &branch,
	    (struct test){ REF_NAME, TEST_EQ, value_text(branch.name) });
	b.message = arena_printf(
	    c->arena, "delete branch " STR_FMT, STR_ARG(branch.name));
	return ref_unit_apply(&b, catalog, name, author, ret);
}

enum err
branches_delete(struct call *c, const struct catalog *catalog, struct str name,
    struct id head, const struct ref_author *author)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	do
		TRY(try_delete(c, catalog, name, head, author, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT, LOST_RACES, STR_ARG(name));
	return OK;
}

/* ---- what is told of them */
enum err
branch_heads(struct call *c, const struct ref *refs, size_t count,
    struct branch_head *ret)
{
	struct point *head = ARENA_NEW(c->arena, struct point, count + 1);
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, count + 1);
	struct rows rows;

	for (size_t i = 0; i < count; i++)
		head[i].branch = refs[i].id;
	TRY(store_heads(c, head, count));
	for (size_t i = 0; i < count; i++) {
		struct value *key = ARENA_NEW(c->arena, struct value, 2);

		key[0] = value_int(head[i].branch);
		key[1] = value_int(head[i].seq);
		keys[i] = key;
	}
	TRY(store_get(c, ENTITY_COMMITS, keys, count, &rows));
	for (size_t i = 0; i < count; i++)
		ret[i] = (struct branch_head){ rows.row[i] != NULL
						   ? value_id_or_nil(
							 rows.row[i][COMMIT_ID])
						   : refs[i].fork_commit,
			head[i].seq };
	return OK;
}

enum err
branch_assets(struct call *c, const struct ref *branch, struct asset_names *ret)
{
	const struct point all = { branch->id, -1 };
	struct versions image = { 0 };

	*ret = (struct asset_names){ 0 };
	if (!branch->is_partial)
		return OK;
	TRY(store_changes(c, all, 0, PARTIAL_ASSETS_MAX, &image));
	ret->at = ARENA_NEW(c->arena, struct str, image.count + 1);
	for (size_t i = 0; i < image.count; i++) {
		const struct version *v = &image.at[i];

		if (v->kind == KIND_TABLE || v->kind == KIND_VIEW)
			ret->at[ret->count++] = ident_shown(
			    c->arena, (struct ident){ v->key.ns, v->key.name });
	}
	return OK;
}
