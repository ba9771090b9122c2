/* log.c - versions of keys, found by key and by position. */
#include <stdlib.h>

#include "memory.h"
#include "plugins/contract/check.h"

static int
compare_int(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_key(const struct key *a, const struct key *b)
{
	int order = compare_int(a->space, b->space);

	if (order == 0)
		order = str_cmp(a->ns, b->ns);
	return order != 0 ? order : str_cmp(a->name, b->name);
}

static int
compare_by_key(const void *place, const void *item)
{
	const struct version *a = place, *b = item;
	int order = compare_int(a->at.branch, b->at.branch);

	if (order == 0)
		order = compare_key(&a->key, &b->key);
	return order != 0 ? order : compare_int(a->at.seq, b->at.seq);
}

static int
compare_by_seq(const void *place, const void *item)
{
	const struct version *a = place, *b = item;
	int order = compare_int(a->at.branch, b->at.branch);

	if (order == 0)
		order = compare_int(a->at.seq, b->at.seq);
	return order != 0 ? order : compare_key(&a->key, &b->key);
}

static const struct version *
item(const struct sorted *s, size_t at)
{
	return at < s->count ? s->at[at] : NULL;
}

/* One block: the strings stand behind the struct. */
static struct version *
version_new(const struct version *from)
{
	struct version *v =
	    malloc(sizeof(*v) + from->key.ns.len + from->key.name.len +
		   from->location.len + from->body.len);

	if (v == NULL)
		abort(); /* as the arena does */
	*v = *from;

	struct str *part[] = { &v->key.ns, &v->key.name, &v->location,
		&v->body };
	char *bytes = (char *)(v + 1);

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (part[i]->len != 0)
			memcpy(bytes, part[i]->ptr, part[i]->len);
		if (part[i]->ptr != NULL)
			part[i]->ptr = bytes;
		bytes += part[i]->len;
	}
	return v;
}

bool
log_add(struct log *log, const struct version *from)
{
	size_t at = sorted_find(&log->by_key, compare_by_key, from);
	const struct version *next = item(&log->by_key, at);

	if (next != NULL && compare_by_key(from, next) == 0)
		return false;

	struct version *v = version_new(from);

	sorted_insert(&log->by_key, at, v);
	sorted_insert(
	    &log->by_seq, sorted_find(&log->by_seq, compare_by_seq, v), v);
	return true;
}

/* The first version above a position, in the order of the log. */
static size_t
behind_seq(const struct log *log, struct point p)
{
	const struct version first = { .at = { p.branch, p.seq + 1 } };

	return sorted_find(&log->by_seq, compare_by_seq, &first);
}

void
log_drop(struct log *log, struct point p)
{
	size_t at = behind_seq(log, (struct point){ p.branch, p.seq - 1 });

	while (at < log->by_seq.count) {
		struct version *v = log->by_seq.at[at];

		if (v->at.branch != p.branch || v->at.seq != p.seq)
			break;
		sorted_remove(&log->by_seq, at);
		sorted_remove(
		    &log->by_key, sorted_find(&log->by_key, compare_by_key, v));
		free(v);
	}
}

/* The first version of a key above a position, or what follows the key. */
static size_t
behind_key(const struct log *log, struct point p, const struct key *k)
{
	struct version place = { .key = *k, .at = p };
	size_t at = sorted_find(&log->by_key, compare_by_key, &place);
	const struct version *v = item(&log->by_key, at);

	return v != NULL && compare_by_key(&place, v) == 0 ? at + 1 : at;
}

const struct version *
log_newest(const struct log *log, struct point p, const struct key *k)
{
	size_t at = behind_key(log, p, k);
	const struct version *v = at != 0 ? log->by_key.at[at - 1] : NULL;

	if (v == NULL || v->at.branch != p.branch ||
	    compare_key(&v->key, k) != 0)
		return NULL;
	return v;
}

/* Of the names of a namespace on a branch the next behind k->name. */
static bool
next_name(const struct log *log, int64_t branch, struct key *k)
{
	const struct version *v = item(&log->by_key,
	    behind_key(log, (struct point){ branch, INT64_MAX }, k));

	if (v == NULL || v->at.branch != branch || v->key.space != k->space ||
	    !str_eq(v->key.ns, k->ns))
		return false;
	k->name = v->key.name;
	return true;
}

bool
log_has_live(const struct log *log, int64_t branch, struct str ns)
{
	static const enum space spaces[] = { SPACE_NAMESPACE, SPACE_RELATION };

	for (size_t i = 0; i < 2; i++) {
		struct key k = { .space = spaces[i], .ns = ns };

		while (next_name(log, branch, &k))
			if (!log_newest(
				log, (struct point){ branch, INT64_MAX }, &k)
				 ->deleted)
				return true;
	}
	return false;
}

void
log_free(struct log *log)
{
	for (size_t i = 0; i < log->by_key.count; i++)
		free(log->by_key.at[i]);
	free(log->by_key.at);
	free(log->by_seq.at);
}

static struct version
copy(struct arena *a, const struct version *from)
{
	struct version v = *from;

	v.key.ns = arena_copy(a, v.key.ns);
	v.key.name = arena_copy(a, v.key.name);
	v.location = arena_copy(a, v.location);
	v.body = arena_copy(a, v.body);
	return v;
}

enum err
memory_tails(struct call *c, struct point *io, size_t count)
{
	TRY(memory_lock(c));
	for (size_t i = 0; i < count; i++) {
		const struct value *last =
		    last_commit(memory_of(c), io[i].branch);

		io[i].seq = last != NULL ? last[COMMIT_SEQ].as.i : 0;
	}
	memory_unlock(c);
	return OK;
}

static struct version
read_key(const struct call *c, struct chain chain, const struct key *k)
{
	const struct version *v = NULL;

	for (size_t i = 0; i < chain.count && v == NULL; i++)
		v = log_newest(&memory_of(c)->log, chain.link[i], k);
	return v != NULL ? copy(c->arena, v) : (struct version){ .key = *k };
}

enum err
memory_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	TRY(check_chain(&chain, 1, c->error));
	TRY(memory_lock(c));
	for (size_t i = 0; i < count; i++)
		ret[i] = read_key(c, chain, &keys[i]);
	memory_unlock(c);
	return OK;
}

/* A list of versions that grows in the arena of the call. */
struct found {
	struct arena *arena;
	struct version *at;
	size_t count, room;
};

static void
found_add(struct found *f, const struct version *v)
{
	if (f->count == f->room) {
		size_t room = f->room < 16 ? 16 : f->room * 2;

		f->at = arena_grow(f->arena, f->at, f->room * sizeof(*f->at),
		    room * sizeof(*f->at));
		f->room = room;
	}
	f->at[f->count++] = copy(f->arena, v);
}

/* Was the limit reached? */
static bool
list_link(const struct log *log, struct point link, struct key k,
    uint32_t limit, struct found *f)
{
	size_t full = f->count + limit;

	while (f->count < full && next_name(log, link.branch, &k)) {
		const struct version *v = log_newest(log, link, &k);

		if (v != NULL)
			found_add(f, v);
	}
	return f->count == full;
}

enum err
memory_list(struct call *c, struct chain chain, struct key after,
    uint32_t limit, struct versions *ret)
{
	struct found f = { .arena = c->arena };
	bool more = false;

	TRY(check_chain(&chain, limit, c->error));
	TRY(memory_lock(c));
	for (size_t i = 0; i < chain.count; i++)
		if (list_link(
			&memory_of(c)->log, chain.link[i], after, limit, &f))
			more = true;
	memory_unlock(c);
	*ret = (struct versions){ f.at, f.count, more };
	return OK;
}

/* The end of the commit that begins at `at`. */
static size_t
commit_end(const struct sorted *s, size_t at)
{
	const struct version *first = item(s, at), *v = first;

	while (v != NULL && v->at.branch == first->at.branch &&
	       v->at.seq == first->at.seq)
		v = item(s, ++at);
	return at;
}

/* Whole commits: a reader that goes on behind a position must not miss the
 * rest of it. */
static bool
list_changes(const struct log *log, struct point above, int64_t upto,
    uint32_t limit, struct found *f)
{
	const struct sorted *s = &log->by_seq;
	size_t at = behind_seq(log, above);
	const struct version *v;

	while ((v = item(s, at)) != NULL && v->at.branch == above.branch &&
	       v->at.seq <= upto) {
		size_t end = commit_end(s, at);

		if (f->count != 0 && f->count + (end - at) > limit)
			return true;
		while (at < end)
			found_add(f, item(s, at++));
	}
	return false;
}

enum err
memory_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	const struct chain link = { &above, 1 };
	struct found f = { .arena = c->arena };

	TRY(check_chain(&link, limit, c->error));
	TRY(memory_lock(c));

	bool more = list_changes(&memory_of(c)->log, above, upto, limit, &f);

	memory_unlock(c);
	*ret = (struct versions){ f.at, f.count, more };
	return OK;
}
