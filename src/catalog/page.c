#include "catalog/page.h"

#include "plugin/store_call.h"

/* How many versions are asked for at once when all are wanted. */
#define CHUNK 1000

struct gathered {
	struct version *at;
	size_t count, room;
};

static void
gather(struct arena *a, struct gathered *g, const struct version *v)
{
	if (g->count == g->room) {
		size_t room = g->room == 0 ? 64 : g->room * 2;

		g->at = arena_grow(
		    a, g->at, g->room * sizeof(*g->at), room * sizeof(*g->at));
		g->room = room;
	}
	g->at[g->count++] = *v;
}

enum err
page_list(struct call *c, const struct branch *b, enum space space,
    struct str ns, enum kind kind, struct page page, struct listing *ret)
{
	struct key after = { space, ns, page.after.name };
	struct gathered found = { 0 };
	struct versions some = { .more = true };
	struct point at = { b->id, page.after.seq };

	if (page.after.name.ptr == NULL) {
		after.name = STR("");
		TRY(store_tails(c, &at, 1));
	}
	while (some.more) {
		size_t want = page.size == PAGE_ALL
				  ? CHUNK
				  : (size_t)page.size - found.count;

		TRY(store_list(c, (struct chain){ &at, 1 }, after,
		    (uint32_t)(want < CHUNK ? want : CHUNK), &some));
		for (size_t i = 0; i < some.count; i++) {
			if (version_is_live(&some.at[i]) &&
			    some.at[i].kind == (int)kind)
				gather(c->arena, &found, &some.at[i]);
			after.name = some.at[i].key.name;
		}
		if (page.size != PAGE_ALL && (int64_t)found.count == page.size)
			break;
	}
	ret->at = found.at;
	ret->count = found.count;
	ret->next = some.more ? (struct cursor){ at.seq, after.name }
			      : (struct cursor){ 0 };
	return OK;
}
