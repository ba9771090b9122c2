#include "versions/dropped.h"

#include "base/list.h"
#include "calls/store_call.h"
#include "catalog/moved.h"
#include "versions/commits.h"

#define PAGE 500     /* versions that are looked at together */
#define PAGES_MAX 20 /* for one page of an answer */

static bool
may_be_back(const struct version *v)
{
	return v->deleted && version_is_shown(v) && !id_is_nil(v->object) &&
	       !version_has_moved(v);
}

/* Those of a page that the branch still shows as deleted. */
static enum err
take_page(struct call *c, const struct branch *b, const struct versions *page,
    struct dropped_page *io, size_t *io_room)
{
	struct key *keys = ARENA_NEW(c->arena, struct key, page->count);
	struct version *seen = ARENA_NEW(c->arena, struct version, page->count);
	size_t *from = ARENA_NEW(c->arena, size_t, page->count);
	size_t count = 0;

	for (size_t i = 0; i < page->count; i++)
		if (may_be_back(&page->at[i])) {
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

	if (link == b->chain.count)
		return fail(c->error, ERR_BAD_REQUEST,
		    "What is behind the branch was folded since the first "
		    "page: begin again without page_token");
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
