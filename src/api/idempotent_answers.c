#include "api/idempotent_answers.h"

#include "api/relation_answer.h"
#include "api/request_target.h"
#include "calls/store_call.h"
#include "catalog/table_file.h"

static const struct version *
relation_in(const struct versions *commit)
{
	for (size_t i = 0; i < commit->count; i++)
		if (commit->at[i].kind == KIND_TABLE ||
		    commit->at[i].kind == KIND_VIEW)
			return &commit->at[i];
	return NULL;
}

/* A table or view as it was: its own metadata file never changes. */
static enum err
get_relation(struct call *c, const struct answer *first, struct relation *ret)
{
	struct point above = first->commit;
	struct versions commit;

	*ret = (struct relation){ .metadata_location = first->location,
		.at = first->commit };
	if (above.branch != 0) {
		above.seq--;
		TRY(store_changes(c, above, first->commit.seq, 1, &commit));

		const struct version *v = relation_in(&commit);

		if (v == NULL)
			return fail(c->error, ERR_NOT_FOUND,
			    "What was committed with this Idempotency-Key is "
			    "not kept any more");
		ret->kind = (enum kind)v->kind;
		ret->ident = (struct ident){ v->key.ns, v->key.name };
		ret->object = v->object;
		ret->metadata_location = v->location;
	}
	return table_file_read(c, ret->metadata_location, &ret->metadata);
}

/* Of a catalog that is not there any more nothing may be deleted. */
static enum err
table_again(
    struct request *r, struct call *c, const struct answer *first, bool config)
{
	struct catalog catalog;
	struct relation relation;
	struct str name, ref;

	branch_prefix_cut(r->arg[ARG_PREFIX], &name, &ref);
	if (catalogs_get_to_read(c, request_tenant(r), name, &catalog) != OK)
		catalog = (struct catalog){ .is_shared = true };
	TRY(get_relation(c, first, &relation));
	return table_answer(r, c, &catalog, &relation,
	    config ? ANSWER_LOADED : ANSWER_COMMITTED);
}

enum err
table_made_again(
    struct request *r, struct call *call, const struct answer *first)
{
	return table_again(r, call, first, true);
}

enum err
table_changed_again(
    struct request *r, struct call *call, const struct answer *first)
{
	return table_again(r, call, first, false);
}

enum err
unregistered_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct relation relation;

	TRY(get_relation(call, first, &relation));
	relation_answer(r, &relation, false);
	return OK;
}

enum err
view_made_again(
    struct request *r, struct call *call, const struct answer *first)
{
	struct relation relation;

	TRY(get_relation(call, first, &relation));
	relation_answer(r, &relation, true);
	return OK;
}

/* 204 */
enum err
answer_nothing_again(
    struct request *r, struct call *call, const struct answer *first)
{
	(void)r;
	(void)call;
	(void)first;
	return OK;
}
