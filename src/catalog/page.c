#include "catalog/page.h"

#include "calls/store_call.h"
#include "catalog/chain_list.h"

/*
 * How many versions are asked for at once.  A store answers whole versions:
 * those of namespaces have properties, which may be 256 KiB each.
 */
static uint32_t
step_of(const struct call *c, enum space space)
{
	if (space == SPACE_NAMESPACE)
		return c->nowait ? 16 : 50;
	return c->nowait ? 100 : 1000;
}

struct walk {
	struct chain chain; /* its own link at a position that does not move */
	struct point *at;   /* that link */
	struct key after;
	char name[PATH_MAX_BYTES]; /* after.name */
	char last[PATH_MAX_BYTES]; /* of a filtered list: the last one shown */
	size_t last_len;
	bool more_shown; /* of a full page of one: there is more to show */
};

static void
go_behind(struct walk *w, struct str name)
{
	memcpy(w->name, name.ptr, name.len);
	w->after.name = (struct str){ w->name, name.len };
}

static void
take_one(struct listing *io, struct str name)
{
	if (io->take != NULL)
		io->take(io->arg, name);
	io->count++;
}

/* Takes the answer of one call of the store, in an arena of its own. */
static enum err
take_some(struct call *c, struct walk *w, enum kind kind, struct listing *io,
    bool *ret_more)
{
	uint32_t step = step_of(c, w->after.space);
	int64_t left = io->page.size - io->count;
	struct versions some;

	if (io->page.size != PAGE_ALL && left < step)
		step = (uint32_t)left;
	TRY(chain_list(c, w->chain, w->after, step, &some));
	for (size_t i = 0; i < some.count; i++) {
		if (version_is_live(&some.at[i]) &&
		    some.at[i].kind == (int)kind)
			take_one(io, some.at[i].key.name);
	}
	if (some.count != 0)
		go_behind(w, some.at[some.count - 1].key.name);
	*ret_more = some.more;
	return OK;
}

static bool
is_full(const struct listing *io)
{
	return io->page.size != PAGE_ALL && io->count == io->page.size;
}

/* The same of a filtered list: a page ends with its last name, and says that
 * there is more when there is more to show, so it tells nothing of the rest. */
static enum err
take_shown(struct call *c, struct walk *w, enum kind kind, struct listing *io,
    bool *ret_more)
{
	struct versions some;

	TRY(chain_list(
	    c, w->chain, w->after, step_of(c, w->after.space), &some));
	*ret_more = some.more;
	for (size_t i = 0; i < some.count; i++) {
		const struct version *v = &some.at[i];

		if (!version_is_live(v) || v->kind != (int)kind ||
		    !io->shows(io->shows_arg, v))
			continue;
		if (is_full(io)) {
			w->more_shown = true;
			*ret_more = false;
			return OK;
		}
		take_one(io, v->key.name);
		memcpy(w->last, v->key.name.ptr, v->key.name.len);
		w->last_len = v->key.name.len;
	}
	if (some.count != 0)
		go_behind(w, some.at[some.count - 1].key.name);
	return OK;
}

static enum err
take_all(struct call *c, struct arena *scratch, struct walk *w, enum kind kind,
    struct listing *io)
{
	struct call part = *c;
	bool more = true, filtered = io->shows != NULL;

	part.arena = scratch;
	while (more && (filtered || !is_full(io))) {
		TRY((filtered ? take_shown : take_some)(
		    &part, w, kind, io, &more));
		TRY(arena_check(scratch, c->error));
		TRY(arena_check(c->arena, c->error));
		if (c->nowait && more && (filtered || !is_full(io)))
			return usage_would_block(c, "The list is long.");
		arena_reset(scratch);
	}
	io->next = (struct cursor){ 0 };
	if (w->more_shown)
		go_behind(w, (struct str){ w->last, w->last_len });
	if (more || w->more_shown)
		io->next = (struct cursor){ w->at->seq,
			arena_copy(c->arena, w->after.name) };
	return OK;
}

static void
copy_chain(struct arena *a, struct chain chain, struct walk *w)
{
	w->at = ARENA_NEW(a, struct point, chain.count);
	memcpy(w->at, chain.link, chain.count * sizeof(*w->at));
	w->chain = (struct chain){ w->at, chain.count };
}

enum err
page_list(struct call *c, const struct branch *b, enum space space,
    struct str ns, enum kind kind, struct listing *io)
{
	struct walk w = { .after = { space, ns, STR("") } };

	io->count = 0;
	copy_chain(c->arena, b->chain, &w);
	if (io->page.after.name.ptr != NULL)
		go_behind(&w, io->page.after.name);
	if (io->page.after.name.ptr != NULL) /* a tag may have moved since */
		w.at->seq = io->page.after.seq;
	else if (!b->is_history)
		TRY(store_heads(c, w.at, 1));

	struct arena *scratch = arena_new();

	arena_set_ceiling(scratch, arena_room(c->arena));

	enum err err = take_all(c, scratch, &w, kind, io);

	arena_free(scratch);
	return err;
}

#define BRANCHES 100 /* at once */

enum err
catalog_holds_namespaces(
    struct call *c, const struct catalog *catalog, bool *ret)
{
	struct listing found = { .page.size = 1 };
	struct branch b = { .catalog = *catalog };
	struct ref_list refs = { .more = true };

	for (int64_t n = 0; refs.more && found.count == 0; n += BRANCHES) {
		TRY(refs_list(c, catalog, REF_BRANCH, BRANCHES, n, &refs));
		for (size_t i = 0; i < refs.count && found.count == 0; i++) {
			TRY(branch_switch(c, &b, refs.at[i].name));
			TRY(page_list(c, &b, SPACE_NAMESPACE, STR(""),
			    KIND_NAMESPACE, &found));
		}
	}
	*ret = found.count != 0;
	return OK;
}
