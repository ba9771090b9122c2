#include "versions/purge_check.h"

#include "base/list.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "versions/knowledge.h"

#define PAGE 500       /* versions that are looked at together */
#define NAMES_MAX 1000 /* of one object */

struct search {
	struct call *call;
	const struct catalog *catalog;
	struct id object;
	struct ref_list refs;
	struct key *names; /* under which it lived, each once */
	size_t count, room;
	struct str_map known;
	bool is_there; /* in any version */
};

static void
add_name(struct search *s, const struct version *v)
{
	struct arena *a = s->call->arena;
	struct str name = arena_printf(a, STR_FMT "%c" STR_FMT,
	    STR_ARG(v->key.ns), LEVEL_SEPARATOR, STR_ARG(v->key.name));
	void **slot = str_map_slot(&s->known, name);

	if (*slot != NULL)
		return;
	*slot = s;
	LIST_RESERVE(a, s->names, s->count, s->room, 1);
	s->names[s->count++] = (struct key){ .space = SPACE_RELATION,
		.ns = arena_copy(a, v->key.ns),
		.name = arena_copy(a, v->key.name) };
}

/* The pages of a log are in an arena of their own. */
static enum err
search_log(struct search *s, struct call *pages, int64_t branch)
{
	struct point above = { branch, -1 }, head = { branch, 0 };
	struct versions page = { .more = true };

	TRY(store_heads(s->call, &head, 1));
	while (page.more && s->count <= NAMES_MAX) {
		TRY(store_changes(pages, above, head.seq, PAGE, &page));
		for (size_t i = 0; i < page.count; i++) {
			const struct version *v = &page.at[i];

			if (!id_eq(v->object, s->object) ||
			    (v->kind != KIND_TABLE && v->kind != KIND_VIEW))
				continue;
			s->is_there = true;
			if (!v->deleted)
				add_name(s, v);
		}
		if (page.more)
			above.seq = page.at[page.count - 1].at.seq;
		TRY(arena_check(s->call->arena, s->call->error));
		arena_reset(pages->arena);
	}
	return OK;
}

static enum err
search_logs(struct search *s)
{
	struct call pages = *s->call;
	enum err err = OK;

	pages.arena = arena_new();
	for (size_t i = 0; i < s->refs.count && err == OK; i++)
		if (s->refs.at[i].kind == REF_BRANCH &&
		    s->refs.at[i].horizon != HORIZON_NONE)
			err = search_log(s, &pages, s->refs.at[i].id);
	arena_free(pages.arena);
	return err;
}

static enum err
shows(struct search *s, const struct ref *r, const struct version *v)
{
	struct str name = ident_shown(
	    s->call->arena, (struct ident){ v->key.ns, v->key.name });

	return fail(s->call->error, ERR_CONFLICT,
	    "%s '" STR_FMT "' still shows it, as " STR_FMT ": %s first",
	    r->kind == REF_TAG ? "Tag" : "Branch", STR_ARG(r->name),
	    STR_ARG(name),
	    r->kind == REF_TAG ? "delete the tag" : "drop it there");
}

static enum err
look_at(struct search *s, const struct ref *r)
{
	struct call *c = s->call;
	struct point at =
	    r->kind == REF_TAG ? r->forked : (struct point){ r->id, SEQ_HEAD };
	struct version *read = ARENA_NEW(c->arena, struct version, s->count);
	struct chain chain;

	TRY(chain_of(c, s->catalog, at, &chain));
	TRY(store_read(c, chain, s->names, s->count, read));
	for (size_t i = 0; i < s->count; i++)
		if (version_is_live(&read[i]) &&
		    id_eq(read[i].object, s->object))
			return shows(s, r, &read[i]);
	return arena_check(c->arena, c->error);
}

enum err
purge_check(struct call *c, const struct catalog *catalog, struct id object)
{
	struct search s = { .call = c,
		.catalog = catalog,
		.object = object,
		.known = str_map_in(c->arena) };
	char text[ID_TEXT];

	id_format(object, text);
	if (!id_is_nil(object)) {
		TRY(refs_all(c, catalog, &s.refs));
		TRY(search_logs(&s));
	}
	if (!s.is_there)
		return fail(c->error, ERR_NOT_FOUND,
		    "The history of catalog '" STR_FMT
		    "' knows no table or view of the id %s",
		    STR_ARG(catalog->name), text);
	if (s.count > NAMES_MAX)
		return fail(c->error, ERR_CONFLICT,
		    "The object %s had more than %d names: it goes when the "
		    "history that has them is forgotten",
		    text, NAMES_MAX);
	for (size_t i = 0; i < s.refs.count; i++)
		if (s.count != 0 && s.refs.at[i].state == REF_LIVE &&
		    s.refs.at[i].kind != REF_CONTROL)
			TRY(look_at(&s, &s.refs.at[i]));
	return OK;
}
