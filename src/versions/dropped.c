#include "versions/dropped.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/garbage.h"
#include "catalog/location_claims.h"
#include "catalog/namespaces.h"
#include "catalog/relation_write.h"
#include "catalog/table_file.h"
#include "record/pairs.h"
#include "record/retry.h"
#include "versions/commits.h"

#define PAGE 500     /* versions that are looked at together */
#define PAGES_MAX 20 /* for one page of an answer */

/* ---- looking */

static struct str
object_at(struct arena *a, const struct version *v)
{
	char id[ID_TEXT];

	id_format(v->object, id);
	return arena_printf(a, "%s/%" PRId64, id, v->at.seq);
}

/* What lives behind a commit is renamed there, if it is dropped there too. */
static struct str_map
live_in(struct arena *a, const struct versions *page)
{
	struct str_map live = str_map_in(a);

	for (size_t i = 0; i < page->count; i++)
		if (!page->at[i].deleted && !id_is_nil(page->at[i].object))
			*str_map_slot(&live, object_at(a, &page->at[i])) =
			    a; /* whatever is not NULL */
	return live;
}

static bool
may_be_back(
    struct arena *a, const struct str_map *live, const struct version *v)
{
	return v->deleted && version_is_shown(v) && !id_is_nil(v->object) &&
	       str_map_find(live, object_at(a, v)) == NULL;
}

/* Those of a page that the branch still shows as deleted. */
static enum err
take_page(struct call *c, const struct branch *b, const struct versions *page,
    struct dropped_page *io, size_t *io_room)
{
	struct key *keys = ARENA_NEW(c->arena, struct key, page->count);
	struct version *seen = ARENA_NEW(c->arena, struct version, page->count);
	size_t *from = ARENA_NEW(c->arena, size_t, page->count);
	struct str_map live = live_in(c->arena, page);
	size_t count = 0;

	for (size_t i = 0; i < page->count; i++)
		if (may_be_back(c->arena, &live, &page->at[i])) {
			keys[count] = page->at[i].key;
			from[count++] = i;
		}
	if (count == 0)
		return OK;
	TRY(branch_read(c, b, keys, count, seen));
	LIST_RESERVE(c->arena, io->at, io->count, *io_room, count);
	for (size_t i = 0; i < count; i++) {
		const struct version *v = &page->at[from[i]];

		if (seen[i].deleted && seen[i].at.branch == v->at.branch &&
		    seen[i].at.seq == v->at.seq)
			io->at[io->count++] = *v;
	}
	return OK;
}

/* The link that a point is on, or the first. */
static size_t
link_of(const struct branch *b, struct point above)
{
	for (size_t i = 0; i < b->chain.count; i++)
		if (b->chain.link[i].branch == above.branch)
			return i;
	return above.branch == 0 ? 0 : b->chain.count;
}

static enum err
end_of_link(struct call *c, struct point link, int64_t *ret)
{
	struct point head = { link.branch, 0 };

	TRY(store_heads(c, &head, 1));
	*ret = head.seq < link.seq ? head.seq : link.seq;
	return OK;
}

enum err
dropped_list(struct call *c, const struct branch *b, struct point above,
    int64_t limit, struct dropped_page *ret)
{
	struct dropped_page found = { 0 };
	size_t link = link_of(b, above), room = 0;
	int pages = 0;

	if (above.branch == 0)
		above = (struct point){ b->chain.link[0].branch, -1 };
	while (link < b->chain.count && (int64_t)found.count < limit &&
	       pages++ < PAGES_MAX) {
		struct versions page;
		int64_t upto;

		TRY(end_of_link(c, b->chain.link[link], &upto));
		TRY(store_changes(c, above, upto, PAGE, &page));
		TRY(take_page(c, b, &page, &found, &room));
		TRY(arena_check(c->arena, c->error));
		if (page.more) {
			above.seq = page.at[page.count - 1].at.seq;
		} else if (++link < b->chain.count) {
			above =
			    (struct point){ b->chain.link[link].branch, -1 };
		}
	}
	if (link < b->chain.count)
		found.next = above;
	*ret = found;
	return OK;
}

static enum err
find(struct call *c, const struct branch *b, struct id object,
    struct version *ret)
{
	struct dropped_page page = { 0 };
	char text[ID_TEXT];
	bool any = false;

	do {
		TRY(dropped_list(c, b, page.next, DROPPED_PAGE_MAX, &page));
		for (size_t i = 0; i < page.count && !any; i++)
			if (id_eq(page.at[i].object, object)) {
				*ret = page.at[i];
				any = true;
			}
	} while (!any && page.next.branch != 0);
	if (any)
		return OK;
	id_format(object, text);
	return fail(c->error, ERR_NOT_FOUND,
	    "Nothing that was dropped on the branch has the id %s", text);
}

/* ---- bringing back */
struct undrop {
	const struct branch *branch;
	struct version old; /* as it was dropped */
	struct version put;
	struct version read[2]; /* of its key now, and of its namespace */
	struct str message;
};

/* The places that it had are its own again, if nobody has taken them. */
static enum err
claim(struct call *c, struct undrop *u, struct draft *d)
{
	struct str places = u->old.body, own = STR("");

	while (places.len != 0) {
		struct str path = str_cut(&places, '\n');
		const struct location_move move = {
			.location = arena_printf(
			    c->arena, "file://" STR_FMT, STR_ARG(path)),
			.ident = { u->put.key.ns, u->put.key.name },
			.object = u->put.object,
			.own = own,
			.taken = ERR_ALREADY_EXISTS,
		};

		TRY(location_claims_move(c, u->branch, d, &move, &own));
	}
	d->puts[0].body = own;
	return OK;
}

/* What the tombstone of a namespace no longer says stands before it. */
static enum err
properties_before(struct call *c, struct undrop *u)
{
	struct chain chain;
	struct version before;

	TRY(chain_of(c, &u->branch->catalog,
	    (struct point){ u->old.at.branch, u->old.at.seq - 1 }, &chain));
	TRY(store_read(c, chain, &u->old.key, 1, &before));
	if (version_is_live(&before))
		u->put.body = before.body;
	return OK;
}

static enum err
check_place(struct call *c, const struct undrop *u, const struct key *parent)
{
	struct ident ident = { u->put.key.ns, u->put.key.name };

	if (parent != NULL && !version_is_live(&u->read[1]))
		return namespace_missing(c, u->put.key.ns);
	if (!version_is_live(&u->read[0]))
		return OK;
	return fail(c->error, ERR_ALREADY_EXISTS,
	    "There is something of this name already: " STR_FMT,
	    STR_ARG(ident_shown(c->arena, ident)));
}

static enum err
try_undrop(struct call *c, struct undrop *u, enum verdict *ret)
{
	const struct branch *b = u->branch;
	struct key keys[2] = { u->put.key };
	struct draft draft = draft_in(c->arena);
	bool has_parent = u->put.key.ns.len != 0;
	bool renamed = !str_eq(u->put.key.name, u->old.key.name);

	if (has_parent)
		keys[1] = path_key(u->put.key.ns);
	TRY(branch_read(c, b, keys, has_parent ? 2 : 1, u->read));
	TRY(check_place(c, u, has_parent ? &keys[1] : NULL));
	draft_expect(&draft, expect_unchanged(b, keys[0], &u->read[0]));
	if (has_parent)
		draft_expect(&draft, expect_live(b, keys[1], &u->read[1]));
	(void)draft_put(&draft, &u->put);
	if (renamed) {
		/* it is no more what could come back */
		struct version left = u->old;

		left.object = (struct id){ 0 };
		left.origin = (struct point){ 0 };
		draft_expect(&draft, expect_unchanged(b, left.key, &u->old));
		(void)draft_put(&draft, &left);
	}
	if (u->put.kind == KIND_TABLE)
		TRY(claim(c, u, &draft));
	if (u->put.kind != KIND_NAMESPACE)
		garbage_rescue(&draft, u->put.location);

	struct unit unit = draft_unit(&draft, u->message);

	return branch_apply(c, b, &unit, ret);
}

static enum err
prepare(struct call *c, struct undrop *u, struct str name)
{
	struct ident ident;
	struct str ignored;

	u->put = u->old;
	u->put.deleted = false;
	u->put.origin = (struct point){ 0 };
	if (name.ptr != NULL)
		u->put.key.name = name;
	TRY(relation_name_check(u->put.key.name, "New", c->error));
	TRY(key_fits(u->branch->limits, u->put.key, c->error));
	ident = (struct ident){ u->put.key.ns, u->put.key.name };
	if (u->put.kind == KIND_NAMESPACE) {
		u->message = arena_printf(c->arena, "undrop namespace " STR_FMT,
		    STR_ARG(path_shown(
			c->arena, path_join(c->arena, ident.ns, ident.name))));
		return properties_before(c, u);
	}
	u->message =
	    relation_message(c, "undrop", (enum kind)u->put.kind, ident);
	return table_file_read(c, u->put.location, &ignored);
}

enum err
undrop(struct call *c, const struct branch *b, struct id object,
    struct str name, struct version *ret)
{
	struct undrop u = { .branch = b };
	struct retry retry = retry_of(c);
	enum verdict verdict;

	TRY(branch_may_write(c, b));
	do {
		TRY(find(c, b, object, &u.old));
		TRY(prepare(c, &u, name));
		TRY(try_undrop(c, &u, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT,
		    "The branch is being changed by others, try again");
	*ret = u.put;
	return OK;
}
