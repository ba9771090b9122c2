#include "versions/purge_check.h"

#include "base/list.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "versions/knowledge.h"

#define PAGE 500         /* versions, or names, that are looked at together */
#define REQUEST_PAGES 20 /* of versions that a request looks at */

struct search {
	struct call *call;
	const struct catalog *catalog;
	enum err (*beat)(void *);
	void *arg;
	struct ref_list refs;
	struct str_map subjects; /* by object */
	struct key *names;       /* under which any of them lived, each once */
	size_t count, room;
	struct str_map known;
	size_t pages; /* of versions that may still be read */
	bool is_cut;  /* there would be more */
};

static struct str
object_text(struct arena *a, struct id object)
{
	char text[ID_TEXT];

	id_format(object, text);
	return arena_copy(a, str_from(text));
}

static enum err
go_on(struct search *s)
{
	if (s->beat != NULL)
		TRY(s->beat(s->arg));
	return arena_check(s->call->arena, s->call->error);
}

/* ---- names */
static void
add_name(struct search *s, struct call *pages, const struct version *v)
{
	struct arena *a = s->call->arena;
	struct str name = arena_printf(pages->arena, STR_FMT "%c" STR_FMT,
	    STR_ARG(v->key.ns), LEVEL_SEPARATOR, STR_ARG(v->key.name));

	if (str_map_find(&s->known, name) != NULL)
		return;
	*str_map_slot(&s->known, arena_copy(a, name)) = s;
	LIST_RESERVE(a, s->names, s->count, s->room, 1);
	s->names[s->count++] = (struct key){ .space = SPACE_RELATION,
		.ns = arena_copy(a, v->key.ns),
		.name = arena_copy(a, v->key.name) };
}

static void
see(struct search *s, struct call *pages, const struct version *v)
{
	struct purge_subject *subject;

	if (v->kind != KIND_TABLE && v->kind != KIND_VIEW)
		return;
	subject =
	    str_map_find(&s->subjects, object_text(pages->arena, v->object));
	if (subject == NULL)
		return;
	subject->is_known = true;
	add_name(s, pages, v);
}

/* Of a log that is too long the end, where most drops are. */
static enum err
search_log(struct search *s, struct call *pages, int64_t branch)
{
	struct point above = { branch, -1 }, head = { branch, 0 };
	struct versions page = { .more = true };

	TRY(store_heads(s->call, &head, 1));
	if ((uint64_t)head.seq / PAGE > s->pages) {
		above.seq = head.seq - (int64_t)s->pages * PAGE;
		s->is_cut = true;
	}
	for (; page.more && s->pages != 0; s->pages--) {
		pages->deadline_us = s->call->deadline_us;
		TRY(store_changes(pages, above, head.seq, PAGE, &page));
		for (size_t i = 0; i < page.count; i++)
			see(s, pages, &page.at[i]);
		if (page.more)
			above.seq = page.at[page.count - 1].at.seq;
		arena_reset(pages->arena);
		TRY(go_on(s));
	}
	s->is_cut |= page.more;
	return OK;
}

/* The pages are in an arena of their own.  One branch is the first. */
static enum err
search_logs(struct search *s, int64_t first)
{
	struct call pages = *s->call;
	enum err err;

	pages.arena = arena_new();
	err = search_log(s, &pages, first);
	for (size_t i = 0; i < s->refs.count && err == OK; i++)
		if (s->refs.at[i].kind == REF_BRANCH &&
		    s->refs.at[i].horizon != HORIZON_NONE &&
		    s->refs.at[i].id != first)
			err = search_log(s, &pages, s->refs.at[i].id);
	arena_free(pages.arena);
	return err;
}

/* ---- what is live */
static void
note_shown(struct search *s, const struct ref *r, const struct version *v)
{
	struct purge_subject *subject;

	if (!version_is_live(v))
		return;
	subject =
	    str_map_find(&s->subjects, object_text(s->call->arena, v->object));
	if (subject == NULL || subject->shown_by != NULL)
		return;
	subject->shown_by = r;
	subject->shown_as = (struct ident){ v->key.ns, v->key.name };
}

static enum err
look_at(struct search *s, const struct ref *r)
{
	struct call *c = s->call;
	struct point at =
	    r->kind == REF_TAG ? r->forked : (struct point){ r->id, SEQ_HEAD };
	struct version *read = ARENA_NEW(c->arena, struct version, PAGE);
	struct chain chain;

	TRY(chain_of(c, s->catalog, at, &chain));
	for (size_t from = 0; from < s->count; from += PAGE) {
		size_t some = s->count - from < PAGE ? s->count - from : PAGE;

		TRY(store_read(c, chain, s->names + from, some, read));
		for (size_t i = 0; i < some; i++)
			note_shown(s, r, &read[i]);
		TRY(go_on(s));
	}
	return OK;
}

static enum err
find_shown(struct search *s, struct purge_subject *subjects, size_t count,
    int64_t first)
{
	struct arena *a = s->call->arena;

	s->subjects = str_map_in(a);
	s->known = str_map_in(a);
	for (size_t i = 0; i < count; i++)
		*str_map_slot(&s->subjects,
		    object_text(a, subjects[i].object)) = &subjects[i];
	TRY(refs_all(s->call, s->catalog, &s->refs));
	TRY(search_logs(s, first));
	for (size_t i = 0; i < s->refs.count && s->count != 0; i++)
		if (s->refs.at[i].state == REF_LIVE &&
		    s->refs.at[i].kind != REF_CONTROL)
			TRY(look_at(s, &s->refs.at[i]));
	return OK;
}

enum err
purge_find_shown(struct call *c, const struct catalog *catalog,
    struct purge_subject *subjects, size_t count, enum err (*beat)(void *),
    void *arg)
{
	struct search s = { .call = c,
		.catalog = catalog,
		.beat = beat,
		.arg = arg,
		.pages = SIZE_MAX };

	return find_shown(&s, subjects, count, catalog->main_branch);
}

enum err
purge_check(struct call *c, const struct catalog *catalog, int64_t branch,
    struct id object, bool *ret_whole)
{
	struct search s = {
		.call = c, .catalog = catalog, .pages = REQUEST_PAGES
	};
	struct purge_subject subject = { .object = object };
	const struct ref *r;

	if (!id_is_nil(object))
		TRY(find_shown(&s, &subject, 1, branch));
	*ret_whole = !s.is_cut;
	if (!subject.is_known && !s.is_cut)
		return fail(c->error, ERR_NOT_FOUND,
		    "The history of catalog '" STR_FMT
		    "' knows no table or view of the id " STR_FMT,
		    STR_ARG(catalog->name),
		    STR_ARG(object_text(c->arena, object)));
	r = subject.shown_by;
	if (r == NULL)
		return OK;
	return fail(c->error, ERR_CONFLICT,
	    "%s '" STR_FMT "' still shows it, as " STR_FMT ": %s first",
	    r->kind == REF_TAG ? "Tag" : "Branch", STR_ARG(r->name),
	    STR_ARG(ident_shown(c->arena, subject.shown_as)),
	    r->kind == REF_TAG ? "delete the tag" : "drop it there");
}
