#include "versions/tags.h"

#include "base/clock.h"
#include "record/control.h"
#include "record/retry.h"

#define LOST_RACES "Tag '" STR_FMT "' is being changed by others: try again"

enum err
tags_get(struct call *c, const struct catalog *catalog, struct str name,
    struct ref *ret)
{
	struct ref found;

	TRY(ref_get(c, catalog, name, &found));
	if (found.kind != REF_TAG)
		return fail(c->error, ERR_NO_SUCH_REF,
		    "'" STR_FMT "' is a branch, not a tag", STR_ARG(name));
	*ret = found;
	return OK;
}

static struct str
message_of(struct call *c, const char *verb, struct str name)
{
	return arena_printf(c->arena, "%s tag " STR_FMT, verb, STR_ARG(name));
}

/* ---- creating */
static void
point_at(struct ref *io, const struct commit_mark *mark)
{
	io->forked = mark->point;
	io->fork_commit = mark->id;
	io->fork_us = mark->at_us;
}

enum err
tags_create(struct call *c, const struct catalog *catalog, struct str name,
    const struct fork_point *at, const struct ref_author *author,
    struct ref *ret)
{
	struct retry retry = retry_of(c);
	struct ref tag = { .catalog = catalog->id,
		.name = name,
		.kind = REF_TAG,
		.state = REF_LIVE,
		.type = BRANCH_INGEST,
		.created_us = clock_now_us(),
		.created_by = author->id };
	enum verdict verdict;

	TRY(ref_name_check(name, c->error));
	point_at(&tag, &at->mark);
	do {
		struct batch b = batch_of(c);

		TRY(ref_name_is_free(c, catalog, name));
		TRY(fork_point_check(c, catalog, at));
		tag.id = branch_number();
		fork_point_expect(&b, catalog, at);
		ref_insert(&b, catalog, &tag);
		b.message = message_of(c, "create", name);
		TRY(ref_unit_apply(&b, catalog, name, author, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT, LOST_RACES, STR_ARG(name));
	*ret = tag;
	return OK;
}

/* ---- moving */

/* A part of a branch begins at the commit that the whole shows, too. */
static bool
is_at(const struct ref *tag, const struct commit_mark *mark)
{
	return id_eq(tag->fork_commit, mark->id) &&
	       tag->forked.branch == mark->point.branch &&
	       tag->forked.seq == mark->point.seq;
}

static enum err
get_expected(struct call *c, const struct catalog *catalog, struct str name,
    struct id expected, struct ref *ret)
{
	char text[ID_TEXT];

	TRY(tags_get(c, catalog, name, ret));
	if (id_is_nil(expected) || id_eq(expected, ret->fork_commit))
		return OK;
	id_format(ret->fork_commit, text);
	return fail(c->error, ERR_COMMIT_FAILED,
	    "Tag '" STR_FMT "' names another commit than the expected one: %s",
	    STR_ARG(name), text);
}

static enum err
try_move(struct call *c, const struct catalog *catalog, struct ref *io,
    const struct fork_point *at, const struct ref_author *author,
    enum verdict *ret)
{
	const struct test same = { REF_FORK_COMMIT, TEST_EQ,
		value_id_or_null(io->fork_commit) };
	struct batch b = batch_of(c);
	struct update u;

	point_at(io, &at->mark);
	io->created_us = clock_now_us();
	io->created_by = author->id;
	fork_point_expect(&b, catalog, at);
	u = ref_update(&b, io, (struct str){ 0 }, same);
	update_set(u, REF_FORKED_FROM, value_int(io->forked.branch));
	update_set(u, REF_FORKED_SEQ, value_int(io->forked.seq));
	update_set(u, REF_FORK_COMMIT, value_id_or_null(io->fork_commit));
	update_set(u, REF_FORK_US, value_int(io->fork_us));
	update_set(u, REF_CREATED_US, value_int(io->created_us));
	update_set(u, REF_CREATED_BY, value_id_or_null(io->created_by));
	b.message = message_of(c, "move", io->name);
	return ref_unit_apply(&b, catalog, io->name, author, ret);
}

enum err
tags_move(struct call *c, const struct catalog *catalog, struct str name,
    struct id expected, const struct fork_point *at,
    const struct ref_author *author, struct ref *ret)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;
	struct ref tag;

	do {
		TRY(get_expected(c, catalog, name, expected, &tag));
		if (is_at(&tag, &at->mark)) {
			*ret = tag; /* what changes nothing writes nothing */
			return OK;
		}
		TRY(fork_point_check(c, catalog, at));
		TRY(try_move(c, catalog, &tag, at, author, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT, LOST_RACES, STR_ARG(name));
	*ret = tag;
	return OK;
}

/* ---- deleting */
enum err
tags_delete(struct call *c, const struct catalog *catalog, struct str name,
    struct id expected, const struct ref_author *author)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;
	struct ref tag;

	do {
		struct batch b = batch_of(c);

		TRY(get_expected(c, catalog, name, expected, &tag));
		batch_expect(&b, ENTITY_REFS, value_int(tag.id),
		    (struct test){ REF_FORK_COMMIT, TEST_EQ,
			value_id_or_null(tag.fork_commit) });
		ref_delete(&b, &tag,
		    (struct test){ REF_NAME, TEST_EQ, value_text(name) });
		b.message = message_of(c, "delete", name);
		TRY(ref_unit_apply(&b, catalog, name, author, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT, LOST_RACES, STR_ARG(name));
	return OK;
}
