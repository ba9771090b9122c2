#include "versions/changed_keys.h"

#include "base/list.h"
#include "catalog/branch.h"

#define CHANGES_PAGE 1000

/* Namespaces hold no byte below 0x1F, names none below 0x20. */
struct str
key_text(struct arena *a, struct key k)
{
	return arena_printf(a, "%c" STR_FMT "\x1e" STR_FMT,
	    k.space == SPACE_NAMESPACE ? 'n' : 'r', STR_ARG(k.ns),
	    STR_ARG(k.name));
}

struct str
object_text(struct arena *a, struct id object)
{
	return arena_copy(
	    a, (struct str){ (const char *)object.b, sizeof(object.b) });
}

bool
key_set_add(struct key_set *s, struct key k)
{
	struct str text = key_text(s->arena, k);
	void **slot;

	if (str_map_find(&s->map, text) != NULL)
		return false;
	slot = str_map_slot(&s->map, text);
	*slot = s; /* whatever is not NULL */
	LIST_RESERVE(s->arena, s->at, s->count, s->room, 1);
	s->at[s->count++] = (struct key){ k.space, arena_copy(s->arena, k.ns),
		arena_copy(s->arena, k.name) };
	return true;
}

static enum err
link_each(struct call *c, struct point above, int64_t upto, changed_fn *told,
    void *arg)
{
	struct versions found = { .more = true };

	while (found.more) {
		TRY(store_changes(c, above, upto, CHANGES_PAGE, &found));
		for (size_t i = 0; i < found.count; i++) {
			above.seq = found.at[i].at.seq;
			if (found.at[i].kind <= KIND_VIEW)
				TRY(told(arg, &found.at[i]));
		}
		TRY(arena_check(c->arena, c->error));
		if (found.count == 0)
			break;
	}
	return OK;
}

enum err
changed_each(struct call *c, struct chain chain, const struct knowledge *known,
    changed_fn *told, void *arg)
{
	for (size_t i = 0; i < chain.count; i++) {
		struct point link = chain.link[i];
		struct point above = { link.branch,
			known_upto(known, link.branch) };

		if (above.seq < link.seq)
			TRY(link_each(c, above, link.seq, told, arg));
	}
	return OK;
}

struct collect {
	struct call *call;
	struct key_set *keys;
};

static enum err
collect_key(void *arg, const struct version *v)
{
	struct collect *collect = arg;
	struct key_set *keys = collect->keys;

	if (key_set_add(keys, v->key) && keys->count > MERGE_KEYS_MAX)
		return fail(collect->call->error, ERR_BAD_REQUEST,
		    "More than %d tables, views and namespaces have changed: "
		    "merge an earlier commit of the branch first",
		    MERGE_KEYS_MAX);
	return OK;
}

enum err
changed_keys(struct call *c, struct chain chain, const struct knowledge *known,
    struct key_set *io)
{
	struct collect collect = { c, io };

	return changed_each(c, chain, known, collect_key, &collect);
}
