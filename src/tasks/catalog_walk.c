#include "tasks/catalog_walk.h"

#include "catalog/chain_list.h"

#define PAGE 100

enum err
walk_begin(struct call *c, const struct branch *b, struct walk *ret)
{
	*ret = (struct walk){ b->chain, b->chain.link[0], STR(""), STR(""),
		false };
	return b->is_history ? OK : store_heads(c, &ret->at, 1);
}

static enum err
list(struct call *c, const struct walk *w, struct key after,
    struct versions *ret)
{
	struct point link[CHAIN_LINKS_MAX];

	memcpy(link, w->chain.link, w->chain.count * sizeof(*link));
	link[0] = w->at;
	return chain_list(
	    c, (struct chain){ link, w->chain.count }, after, PAGE, ret);
}

/* The first live namespace of a parent whose level is behind `after`; its ptr
 * is NULL when there is none. */
static enum err
next_child(struct call *c, const struct walk *w, struct str parent,
    struct str after, struct str *ret)
{
	struct key key = { SPACE_NAMESPACE, parent, after };
	struct versions found = { .more = true };

	while (found.more) {
		TRY(list(c, w, key, &found));
		for (size_t i = 0; i < found.count; i++) {
			key.name = found.at[i].key.name;
			if (version_is_live(&found.at[i])) {
				*ret = path_join(c->arena, parent, key.name);
				return OK;
			}
		}
	}
	*ret = (struct str){ 0 };
	return OK;
}

/* Children come before siblings; behind the last of all, ns is absent. */
static enum err
next_namespace(struct call *c, struct walk *w)
{
	struct str ns = w->ns, next;

	TRY(next_child(c, w, ns, STR(""), &next));
	while (next.ptr == NULL && ns.len != 0) {
		struct key key = path_key(ns);

		TRY(next_child(c, w, key.ns, key.name, &next));
		ns = key.ns;
	}
	w->ns = next;
	w->name = STR("");
	return OK;
}

static bool
is_wanted(const struct walk *w, const struct version *v)
{
	return version_is_live(v) &&
	       (v->kind == KIND_TABLE ||
		   (v->kind == KIND_VIEW && w->with_views));
}

/* Some tables of the namespace it stands in; none: they are all done. */
static enum err
tables_here(struct call *c, struct walk *w, struct versions *ret)
{
	struct versions found = { .more = true };
	struct version *live;

	ret->count = 0;
	while (found.more && ret->count == 0) {
		TRY(list(c, w, (struct key){ SPACE_RELATION, w->ns, w->name },
		    &found));
		live = ARENA_NEW(c->arena, struct version, found.count);
		for (size_t i = 0; i < found.count; i++)
			if (is_wanted(w, &found.at[i]))
				live[ret->count++] = found.at[i];
		ret->at = live;
		if (ret->count == 0 && found.count != 0)
			w->name = found.at[found.count - 1].key.name;
	}
	return OK;
}

enum err
walk_page(struct call *c, struct walk *w, struct versions *ret)
{
	*ret = (struct versions){ 0 };
	while (w->ns.ptr != NULL) {
		if (w->ns.len != 0)
			TRY(tables_here(c, w, ret));
		if (ret->count != 0)
			return OK;
		TRY(next_namespace(c, w));
	}
	return OK;
}

struct str
walk_write(struct arena *a, const struct walk *w)
{
	return arena_printf(a, "%lld:%lld:%zu:" STR_FMT STR_FMT,
	    (long long)w->at.branch, (long long)w->at.seq, w->ns.len,
	    STR_ARG(w->ns), STR_ARG(w->name));
}

bool
walk_read(struct str text, const struct branch *b, struct walk *ret)
{
	int64_t len;

	ret->chain = b->chain;
	if (!str_to_int(str_cut(&text, ':'), &ret->at.branch) ||
	    !str_to_int(str_cut(&text, ':'), &ret->at.seq) ||
	    !str_to_int(str_cut(&text, ':'), &len) || text.ptr == NULL ||
	    len < 0 || (uint64_t)len > text.len)
		return false;
	ret->ns = (struct str){ text.ptr, (size_t)len };
	ret->name = str_skip(text, (size_t)len);
	return true;
}
