#include "catalog/relations.h"

#include "catalog/location_claims.h"
#include "catalog/moved.h"
#include "catalog/namespaces.h"
#include "catalog/protection.h"
#include "catalog/purges.h"
#include "catalog/relation_write.h"
#include "catalog/table_file.h"
#include "record/retry.h"

const char *
kind_title(enum kind kind)
{
	return kind == KIND_VIEW ? "View" : "Table";
}

enum err
relations_list(struct call *c, const struct branch *b, enum kind kind,
    struct str ns, struct listing *io)
{
	struct key key = path_key(ns);
	struct version read;

	TRY(branch_read(c, b, &key, 1, &read));
	if (!version_is_live(&read))
		return namespace_missing(c, ns);
	return page_list(c, b, SPACE_RELATION, ns, kind, io);
}

static bool
is_live(const struct version *read, enum kind kind)
{
	return version_is_live(read) && read->kind == (int)kind;
}

enum err
relation_get(struct call *c, const struct branch *b, enum kind kind,
    struct ident ident, struct version *ret)
{
	struct key key = ident_key(ident);
	struct version read;

	TRY(branch_read(c, b, &key, 1, &read));
	if (!is_live(&read, kind))
		return relation_missing(c, kind, ident);
	*ret = read;
	return OK;
}

static enum err
load(struct call *c, const struct version *read, struct ident ident,
    struct relation *ret)
{
	*ret = (struct relation){ .kind = (enum kind)read->kind,
		.ident = ident,
		.object = read->object,
		.metadata_location = read->location };
	return table_file_base(c, read->location, &ret->metadata);
}

/* ---- drop */
static enum err
try_drop(struct call *c, const struct branch *b, const char *verb,
    struct ident ident, const struct version *read, bool purge,
    enum verdict *ret)
{
	struct draft draft = draft_in(c->arena);
	struct version put = *read;

	TRY(protection_check_relation(c, read, ident));
	put.deleted = true;
	put.origin = (struct point){ 0 };
	if (purge)
		put.body = purge_mark(c->arena, read->body);
	draft_expect(&draft, expect_unchanged(b, ident_key(ident), read));
	(void)draft_put(&draft, &put);
	location_claims_release(&draft, read->body);

	struct unit unit = draft_unit(
	    &draft, relation_message(c, verb, (enum kind)read->kind, ident));

	return branch_apply(c, b, &unit, ret);
}

enum err
relation_drop(struct call *c, const struct branch *b, enum kind kind,
    struct ident ident, bool purge)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;
	struct version read;

	do {
		TRY(relation_get(c, b, kind, ident, &read));
		TRY(try_drop(c, b, "drop", ident, &read, purge, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK
					  : relation_races_lost(c, kind, ident);
}

enum err
relation_unregister(struct call *c, const struct branch *b, enum kind kind,
    struct ident ident, struct relation *ret)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;
	struct version read;

	do {
		TRY(relation_get(c, b, kind, ident, &read));
		TRY(load(c, &read, ident, ret));
		TRY(try_drop(
		    c, b, "unregister", ident, &read, false, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK
					  : relation_races_lost(c, kind, ident);
}

/* ---- rename */
struct renaming {
	enum kind kind;
	struct ident from, to;
	struct version read[3]; /* source, target, the target's namespace */
};

static enum err
read_renaming(struct call *c, const struct branch *b, struct renaming *r)
{
	const struct key keys[] = { ident_key(r->from), ident_key(r->to),
		path_key(r->to.ns) };
	struct str from = ident_shown(c->arena, r->from);
	struct str to = ident_shown(c->arena, r->to);

	TRY(branch_read(c, b, keys, 3, r->read));
	if (!is_live(&r->read[0], r->kind))
		return relation_missing(c, r->kind, r->from);
	TRY(protection_check_relation(c, &r->read[0], r->from));
	if (!version_is_live(&r->read[2]))
		return namespace_missing(c, r->to.ns);
	if (!version_is_live(&r->read[1]))
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "Cannot rename " STR_FMT " to " STR_FMT ". %s already exists",
	    STR_ARG(from), STR_ARG(to), kind_title((enum kind)r->read[1].kind));
}

static enum err
try_rename(struct call *c, const struct branch *b, struct renaming *r,
    enum verdict *ret)
{
	TRY(read_renaming(c, b, r));

	struct key from = ident_key(r->from), to = ident_key(r->to);
	const struct expect expects[] = {
		expect_unchanged(b, from, &r->read[0]),
		expect_unchanged(b, to, &r->read[1]),
		expect_live(b, path_key(r->to.ns), &r->read[2]),
	};
	struct version puts[] = { r->read[0], r->read[0] };
	struct unit unit = { .message = relation_message(
				 c, "rename", r->kind, r->from),
		.expects = expects,
		.expect_count = 3,
		.puts = puts,
		.put_count = 2 };

	version_move_away(&puts[0]);
	puts[1].key = to;
	puts[0].origin = puts[1].origin = (struct point){ 0 };
	return branch_apply(c, b, &unit, ret);
}

enum err
relation_rename(struct call *c, const struct branch *b, enum kind kind,
    struct ident from, struct ident to)
{
	struct renaming r = { .kind = kind, .from = from, .to = to };
	struct retry retry = retry_of(c);
	enum verdict verdict;

	TRY(key_fits(b->limits, ident_key(to), c->error));
	do
		TRY(try_rename(c, b, &r, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED ? OK
					  : relation_races_lost(c, kind, from);
}
