#include "versions/drop_history.h"

#include "base/list.h"
#include "base/str_map.h"
#include "calls/store_call.h"
#include "catalog/moved.h"
#include "versions/commits.h"

#define PAGE 500 /* versions that are looked at together */

/* ---- history, the oldest commit first */
struct replay {
	struct call *call;
	const struct branch *branch;
	/* Takes the versions of one commit. */
	enum err (*take)(void *, const struct version *, size_t count);
	void *arg;
};

static enum err
replay_page(const struct replay *r, const struct versions *page)
{
	for (size_t from = 0, end; from < page->count; from = end) {
		end = from + 1;
		while (end < page->count &&
		       page->at[end].at.seq == page->at[from].at.seq)
			end++;
		TRY(r->take(r->arg, page->at + from, end - from));
	}
	return OK;
}

static enum err
replay_link(const struct replay *r, struct call *c, struct point link)
{
	struct point above = { link.branch, -1 }, head = { link.branch, 0 };
	struct versions page = { .more = true };

	TRY(store_heads(c, &head, 1));
	if (head.seq > link.seq)
		head.seq = link.seq;
	while (page.more) {
		struct arena_mark mark = arena_mark(c->arena);

		TRY(store_changes(c, above, head.seq, PAGE, &page));
		TRY(replay_page(r, &page));
		if (page.more)
			above.seq = page.at[page.count - 1].at.seq;
		arena_cut(c->arena, mark);
	}
	return OK;
}

static enum err
replay(const struct replay *r)
{
	struct call pages = *r->call;
	enum err err = OK;

	pages.arena = arena_new();
	for (size_t i = r->branch->chain.count; i-- > 0 && err == OK;)
		err = replay_link(r, &pages, r->branch->chain.link[i]);
	arena_free(pages.arena);
	return err;
}

/* ---- one object */
struct search {
	struct arena *arena;
	struct id object;
	struct version last; /* of it; kind 0: none */
};

static struct version
kept_version(struct arena *a, const struct version *v)
{
	struct version kept = *v;

	kept.key.ns = arena_copy(a, v->key.ns);
	kept.key.name = arena_copy(a, v->key.name);
	kept.location = arena_copy(a, v->location);
	kept.body = arena_copy(a, v->body);
	return kept;
}

/* A live version is the last, beside the tombstone of the name that it left. */
static enum err
search_commit(void *arg, const struct version *at, size_t count)
{
	const struct version *last = NULL;
	struct search *s = arg;

	for (size_t i = 0; i < count; i++)
		if (version_is_shown(&at[i]) &&
		    id_eq(at[i].object, s->object) &&
		    !version_has_moved(&at[i]) &&
		    (last == NULL || last->deleted))
			last = &at[i];
	if (last != NULL)
		s->last = last->deleted ? kept_version(s->arena, last)
					: (struct version){ 0 };
	return OK;
}

enum err
drop_find(struct call *c, const struct branch *b, struct id object,
    struct version *ret)
{
	struct search s = { .arena = c->arena, .object = object };
	char text[ID_TEXT];

	if (!id_is_nil(object))
		TRY(replay(&(struct replay){ c, b, search_commit, &s }));
	TRY(arena_check(c->arena, c->error));
	if (s.last.deleted) {
		*ret = s.last;
		return OK;
	}
	id_format(object, text);
	return fail(c->error, ERR_NOT_FOUND,
	    "Nothing that was dropped on the branch has the id %s", text);
}

/* ---- what lay in a namespace */
struct lost { /* a tombstone, until its object or its name lives again */
	struct version version;
	bool back;
};

struct space_seen { /* a namespace, as it last lived */
	struct id object;
	struct str properties;
};

struct contents {
	struct call *call;
	const struct version *root;
	struct str path; /* of the namespace */
	bool over;       /* it has been dropped: nothing is added any more */
	struct lost **at;
	size_t count, room;
	struct str_map by_object, by_key; /* struct lost */
	struct str_map spaces;            /* struct space_seen, by path */
};

static struct str
object_text(struct arena *a, struct id object)
{
	char text[ID_TEXT];

	id_format(object, text);
	return arena_copy(a, str_from(text));
}

/* A namespace and a table may have one name. */
static struct str
key_text(struct arena *a, const struct key *key)
{
	return arena_printf(a, "%d" STR_FMT "%c" STR_FMT, (int)key->space,
	    STR_ARG(key->ns), LEVEL_SEPARATOR, STR_ARG(key->name));
}

static struct str
path_of(struct arena *a, const struct version *v)
{
	return path_join(a, v->key.ns, v->key.name);
}

static bool
is_at_or_below(struct str path, struct str other)
{
	return str_starts_with(path, other) &&
	       (path.len == other.len ||
		   path.ptr[other.len] == LEVEL_SEPARATOR);
}

static void
forget(struct lost *l)
{
	if (l != NULL)
		l->back = true;
}

/* Objects that were dropped from an earlier namespace of this path lay in that
 * one. */
static void
forget_below(struct contents *t, struct str path)
{
	for (size_t i = 0; i < t->count; i++)
		if (is_at_or_below(t->at[i]->version.key.ns, path))
			t->at[i]->back = true;
}

static void
see_space(struct contents *t, const struct version *v)
{
	struct arena *a = t->call->arena;
	struct str path = path_of(a, v);
	void **slot = str_map_slot(&t->spaces, path);
	struct space_seen *seen = *slot;

	if (seen == NULL)
		*slot = seen = ARENA_NEW(a, struct space_seen, 1);
	else if (!id_eq(seen->object, v->object))
		forget_below(t, path);
	*seen = (struct space_seen){ v->object, arena_copy(a, v->body) };
}

static void
add(struct contents *t, const struct version *v)
{
	struct arena *a = t->call->arena;
	struct lost *new = ARENA_NEW(a, struct lost, 1);
	struct str object = object_text(a, v->object);
	struct str key = key_text(a, &v->key);

	new->version = kept_version(a, v);
	if (v->kind == KIND_NAMESPACE) {
		const struct space_seen *seen =
		    str_map_find(&t->spaces, path_of(a, v));

		if (seen != NULL && id_eq(seen->object, v->object))
			new->version.body = seen->properties;
	}
	forget(str_map_find(&t->by_object, object));
	forget(str_map_find(&t->by_key, key));
	*str_map_slot(&t->by_object, object) = new;
	*str_map_slot(&t->by_key, key) = new;
	LIST_RESERVE(a, t->at, t->count, t->room, 1);
	t->at[t->count++] = new;
}

static bool
concerns(const struct contents *t, const struct version *v)
{
	return is_at_or_below(v->key.ns, t->path) ||
	       (v->kind == KIND_NAMESPACE &&
		   str_eq(v->key.ns, t->root->key.ns) &&
		   str_eq(v->key.name, t->root->key.name));
}

static void
see_live(struct contents *t, const struct version *v)
{
	struct arena *a = t->call->arena;
	struct arena_mark mark = arena_mark(a);

	forget(str_map_find(&t->by_object, object_text(a, v->object)));
	arena_cut(a, mark);
	if (t->over || !concerns(t, v))
		return;
	forget(str_map_find(&t->by_key, key_text(a, &v->key)));
	arena_cut(a, mark);
	if (v->kind == KIND_NAMESPACE)
		see_space(t, v);
}

/* Tombstones first: what is renamed lives in the same commit. */
static enum err
contents_commit(void *arg, const struct version *at, size_t count)
{
	struct contents *t = arg;
	bool over = t->over;

	for (size_t i = 0; i < count && !t->over; i++) {
		if (!version_is_shown(&at[i]) || !at[i].deleted ||
		    version_has_moved(&at[i]) || id_is_nil(at[i].object) ||
		    !concerns(t, &at[i]))
			continue;
		add(t, &at[i]);
		over |= at[i].at.branch == t->root->at.branch &&
			at[i].at.seq == t->root->at.seq;
	}
	for (size_t i = 0; i < count; i++)
		if (version_is_shown(&at[i]) && !at[i].deleted)
			see_live(t, &at[i]);
	t->over = over;
	return arena_check(t->call->arena, t->call->error);
}

/* Whether all namespaces between the root and this come back, too. */
static bool
has_parents(const struct contents *t, const struct version *v)
{
	struct str ns = v->key.ns;

	while (ns.len >= t->path.len) {
		struct key key = path_key(ns);
		const struct lost *parent =
		    str_map_find(&t->by_key, key_text(t->call->arena, &key));

		if (parent == NULL || parent->back)
			return false;
		ns = key.ns;
	}
	return true;
}

enum err
drop_contents(struct call *c, const struct branch *b,
    const struct version *namespace, struct tombstones *ret)
{
	struct contents t = { .call = c,
		.root = namespace,
		.path = path_of(c->arena, namespace),
		.by_object = str_map_in(c->arena),
		.by_key = str_map_in(c->arena),
		.spaces = str_map_in(c->arena) };
	struct tombstones found = { 0 };

	TRY(replay(&(struct replay){ c, b, contents_commit, &t }));
	LIST_RESERVE(c->arena, found.at, found.count, found.room, t.count + 1);
	found.at[found.count++] = *namespace;
	for (size_t i = 0; i < t.count; i++) {
		const struct version *v = &t.at[i]->version;

		if (t.at[i]->back)
			continue;
		if (id_eq(v->object, namespace->object))
			found.at[0] = *v;
		else if (has_parents(&t, v))
			found.at[found.count++] = *v;
	}
	*ret = found;
	return arena_check(c->arena, c->error);
}
