#include "versions/ref_units.h"

#include "base/fault.h"
#include "record/audit.h"
#include "record/control.h"

/* Does the branch show something at its position 0? */
static bool
has_base_image(const struct ref *r)
{
	return r->is_partial || r->parent.branch != r->forked.branch ||
	       r->parent.seq != r->forked.seq;
}

/* A branch with a base image is not skipped while it has no commit. */
static enum err
mark_of(struct call *c, const struct catalog *catalog, struct point p,
    struct commit_mark *ret)
{
	struct ref holder;

	TRY(ref_get_by_id(c, catalog, p.branch, &holder));
	if (has_base_image(&holder)) {
		if (p.seq == SEQ_HEAD)
			TRY(store_heads(c, &p, 1));
		if (p.seq == 0) {
			*ret = (struct commit_mark){ p, holder.fork_commit,
				holder.fork_us };
			return OK;
		}
	}
	return point_commit(c, catalog, p, ret);
}

static bool
holds(const struct ref *r, struct point p)
{
	bool forked = r->forked.branch == p.branch && r->forked.seq == p.seq;
	bool parent = r->parent.branch == p.branch && r->parent.seq == p.seq;

	return r->state == REF_LIVE && (forked || parent);
}

/* Commits of a deleted branch stay while somebody needs just these. */
static enum err
find_holder(struct call *c, const struct catalog *catalog,
    const struct ref *named, struct fork_point *io)
{
	TRY(ref_get_by_id(c, catalog, io->mark.point.branch, &io->holder));
	if (io->holder.state == REF_LIVE &&
	    io->mark.point.seq >= io->holder.horizon)
		return OK;
	if (named != NULL && holds(named, io->mark.point)) {
		io->pin = *named;
		return OK;
	}
	if (io->holder.state == REF_LIVE)
		return fail(c->error, ERR_NO_SUCH_REF,
		    "Branch '" STR_FMT "' has no history that old any more",
		    STR_ARG(io->holder.name));
	return fail(c->error, ERR_CONFLICT,
	    "The commit is on branch '" STR_FMT "', which was deleted: only "
	    "what a tag or the fork of a branch names can be used",
	    STR_ARG(io->holder.name));
}

enum err
fork_point_of(struct call *c, const struct catalog *catalog,
    const struct ref_spec *spec, struct fork_point *ret)
{
	struct fork_point at = { 0 };
	struct position position;

	TRY(ref_resolve(c, catalog, spec, &position));
	TRY(mark_of(c, catalog, position.point, &at.mark));
	TRY(find_holder(c, catalog, &position.ref, &at));
	*ret = at;
	return OK;
}

enum err
fork_point_of_commit(struct call *c, const struct catalog *catalog,
    struct id commit, struct fork_point *ret)
{
	struct fork_point at = { 0 };
	struct point point;

	TRY(commit_position(c, catalog, commit, &point));
	TRY(point_commit(c, catalog, point, &at.mark));
	TRY(find_holder(c, catalog, NULL, &at));
	*ret = at;
	return OK;
}

enum err
fork_point_check(
    struct call *c, const struct catalog *catalog, const struct fork_point *at)
{
	struct fork_point now = { .mark = at->mark };
	struct ref pin;

	if (at->pin.id != 0)
		TRY(ref_get_by_id(c, catalog, at->pin.id, &pin));
	TRY(find_holder(c, catalog, at->pin.id != 0 ? &pin : NULL, &now));
	/* what a pin holds stays, below the horizon too */
	if (at->pin.id != 0 || now.holder.horizon <= at->mark.point.seq)
		return OK;
	return fail(c->error, ERR_NO_SUCH_REF,
	    "Branch '" STR_FMT "' has no history that old any more",
	    STR_ARG(now.holder.name));
}

static void
expect_same_point(struct batch *b, const struct ref *r)
{
	const struct value key = value_int(r->id);

	batch_expect(b, ENTITY_REFS, key,
	    (struct test){ REF_STATE, TEST_EQ, value_int(REF_LIVE) });
	batch_expect(b, ENTITY_REFS, key,
	    (struct test){ REF_FORKED_SEQ, TEST_EQ, value_int(r->forked.seq) });
	batch_expect(b, ENTITY_REFS, key,
	    (struct test){
		REF_FORKED_FROM, TEST_EQ, value_int(r->forked.branch) });
}

void
fork_point_expect(
    struct batch *b, const struct catalog *catalog, const struct fork_point *at)
{
	const struct value key = value_int(at->holder.id);

	catalog_share(b, catalog);
	if (at->pin.id != 0) {
		expect_same_point(b, &at->pin);
		return;
	}
	batch_expect(b, ENTITY_REFS, key,
	    (struct test){ REF_STATE, TEST_EQ, value_int(REF_LIVE) });
	batch_expect(b, ENTITY_REFS, key,
	    (struct test){
		REF_HORIZON, TEST_LE, value_int(at->mark.point.seq) });
}

enum err
ref_name_is_free(struct call *c, const struct catalog *catalog, struct str name)
{
	const struct ref *other;

	TRY(ref_find(c, catalog, name, &other));
	if (other == NULL)
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Catalog '" STR_FMT "' has a %s '" STR_FMT "' already",
	    STR_ARG(catalog->name), other->kind == REF_TAG ? "tag" : "branch",
	    STR_ARG(name));
}

enum err
ref_unit_apply(struct batch *b, const struct catalog *catalog, struct str name,
    const struct ref_author *author, enum verdict *ret)
{
	struct idempotency_key *key = author->key;
	size_t failed;

	b->author = author->name;
	if (author->message.ptr != NULL)
		b->message = author->message;
	if (key != NULL) {
		b->id = key->id;
		b->request_hash = idempotency_hash(key);
	}
	audit_add(b, catalog->tenant, (struct id){ 0 },
	    arena_printf(b->call->arena, STR_FMT "/" STR_FMT,
		STR_ARG(catalog->name), STR_ARG(name)));
	FAULT_POINT("before_ref_unit");
	TRY(control_apply(b, catalog->tenant, ret, &failed));
	FAULT_POINT("ref_unit_applied");
	if (key == NULL || *ret != VERDICT_APPLIED)
		return OK;
	if (b->was_there) {
		TRY(idempotency_check(key, b->first_hash, b->call->error));
		return fail(b->call->error, ERR_ANSWERED,
		    "This request was answered before");
	}
	key->committed = true;
	return OK;
}

enum err
ref_of_unit(struct call *c, const struct catalog *catalog, struct point commit,
    struct ref *ret)
{
	const struct point above = { commit.branch, commit.seq - 1 };
	struct versions made;
	int64_t number;

	TRY(store_changes(c, above, commit.seq, 1, &made));
	for (size_t i = 0; i < made.count; i++)
		if (control_ref_number(&made.at[i], &number))
			return ref_get_by_id(c, catalog, number, ret);
	return fail(c->error, ERR_NOT_FOUND,
	    "What was made with this Idempotency-Key is not kept any more");
}
