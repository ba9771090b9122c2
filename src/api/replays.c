#include "api/replays.h"

#include "api/handlers.h"
#include "api/relation_answer.h"
#include "catalog/table_file.h"
#include "plugin/store_call.h"

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
find_relation(struct call *c, const struct answer *first, struct relation *ret)
{
	struct point above = first->commit;
	struct versions commit;

	*ret = (struct relation){ .metadata_location = first->location };
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

static enum err
table_made(struct request *r, struct call *call, const struct answer *first)
{
	struct relation relation;

	TRY(find_relation(call, first, &relation));
	table_answer(r, &relation, true);
	return OK;
}

static enum err
table_changed(struct request *r, struct call *call, const struct answer *first)
{
	struct relation relation;

	TRY(find_relation(call, first, &relation));
	table_answer(r, &relation, false);
	return OK;
}

static enum err
unregistered(struct request *r, struct call *call, const struct answer *first)
{
	struct relation relation;

	TRY(find_relation(call, first, &relation));
	relation_answer(r, &relation, false);
	return OK;
}

static enum err
view_made(struct request *r, struct call *call, const struct answer *first)
{
	struct relation relation;

	TRY(find_relation(call, first, &relation));
	relation_answer(r, &relation, true);
	return OK;
}

/* 204 */
static enum err
done(struct request *r, struct call *call, const struct answer *first)
{
	(void)r;
	(void)call;
	(void)first;
	return OK;
}

/* clang-format off */
static const struct replay replays[] = {
	{ namespace_create_post,     namespace_create_again },
	{ namespace_delete,          done },
	{ namespace_properties_post, namespace_properties_again },
	{ table_create_post,         table_made },
	{ table_register_post,       table_made },
	{ table_commit_post,         table_changed },
	{ table_delete,              done },
	{ table_unregister_post,     unregistered },
	{ table_rename_post,         done },
	{ transaction_commit_post,   done },
	{ view_create_post,          view_made },
	{ view_replace_post,         view_made },
	{ view_delete,               done },
	{ view_rename_post,          done },
	{ view_register_post,        view_made },
};
/* clang-format on */

const struct replay *
replay_of(const struct route *route)
{
	for (size_t i = 0; i < sizeof(replays) / sizeof(replays[0]); i++)
		if (replays[i].handle == route->handle)
			return &replays[i];
	return NULL;
}
