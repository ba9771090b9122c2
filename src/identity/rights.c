/*
 * rights.c - a packed table:
 *
 *	struct head, then `count` of struct entry sorted by key, then bytes
 *
 * Keys begin with the catalog's id and the kind of the place; numbers are those
 * of this machine, since nothing but its own caches holds them.
 */
#include "identity/rights.h"

#include <stdlib.h>

#include "base/buf.h"
#include "cache/read_cache.h"
#include "calls/usage.h"
#include "catalog/names.h"
#include "identity/asset_metadata.h"
#include "identity/permissions.h"
#include "identity/roles.h"
#include "record/control.h"

#define ID_BYTES sizeof(struct id)
#define KEY_MAX (ID_BYTES + 1 + PATH_MAX_BYTES)

/* Of an entry, beside the actions: a list shows the place. */
#define SHOWN (1u << 31)

enum place { PLACE_ASSET = 'a', PLACE_CATALOG = 'c', PLACE_NAMESPACE = 'n' };

struct head {
	uint32_t in_tenant; /* actions */
	uint32_t count;
};

struct entry {
	uint32_t key, key_len; /* where its bytes are */
	uint32_t actions;
	uint32_t refs; /* where its patterns are: their count, then each with
			* its length; 0: all refs */
};

/* ---- packing */
struct line {
	struct str key;
	unsigned actions;
	const struct grant *grant;
};

struct lines {
	struct arena *arena;
	struct line *at;
	size_t count;
};

static void
key_begin(struct buf *b, struct id catalog, enum place place)
{
	buf_add(b, (struct str){ (const char *)catalog.b, ID_BYTES });
	buf_add_char(b, (char)place);
}

static struct str
key_of(struct arena *a, const struct grant *g, enum place place)
{
	struct buf b = buf_in(a);

	key_begin(&b, g->catalog, place);
	if (place == PLACE_NAMESPACE && g->ns.ptr != NULL)
		buf_add(&b, g->ns);
	if (place == PLACE_ASSET)
		buf_add(&b, (struct str){ (const char *)g->asset.b, ID_BYTES });
	return buf_str(&b);
}

static void
add_line(
    struct lines *l, const struct grant *g, enum place place, unsigned actions)
{
	l->at[l->count++] =
	    (struct line){ key_of(l->arena, g, place), actions, g };
}

/* An asset is shown where it was when it was granted. */
static void
add_grant(struct lines *l, const struct grant *g)
{
	unsigned actions = grant_implied(g->actions);
	unsigned shown = (actions & GRANT_LIST) != 0 ? SHOWN : 0;

	if (g->scope == GRANT_IN_CATALOG)
		add_line(l, g, PLACE_CATALOG, actions | shown);
	if (g->scope == GRANT_IN_NAMESPACE)
		add_line(l, g, PLACE_NAMESPACE, actions | shown);
	if (g->scope == GRANT_ON_ASSET) {
		add_line(l, g, PLACE_ASSET, actions);
		add_line(l, g, PLACE_NAMESPACE, shown);
	}
}

/* Of one place those for all refs come first. */
static int
by_key(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = str_cmp(x->key, y->key);

	if (order != 0)
		return order;
	return (x->grant->ref_count != 0) - (y->grant->ref_count != 0);
}

/* Makes one line of all of a place that hold on all refs: a namespace has one
 * for each of its tables that is granted. */
static void
join_lines(struct lines *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct line *before = &l->at[n != 0 ? n - 1 : 0];

		if (n != 0 && l->at[i].grant->ref_count == 0 &&
		    str_eq(before->key, l->at[i].key))
			before->actions |= l->at[i].actions;
		else
			l->at[n++] = l->at[i];
	}
	l->count = n;
}

static uint32_t
add_refs(struct buf *b, const struct grant *g)
{
	uint32_t at = (uint32_t)b->len;

	if (g->ref_count == 0)
		return 0;
	buf_add_char(b, (char)g->ref_count);
	for (size_t i = 0; i < g->ref_count; i++) {
		buf_add_char(b, (char)g->refs[i].len);
		buf_add(b, g->refs[i]);
	}
	return at;
}

static struct str
write_table(struct lines *l, unsigned in_tenant)
{
	size_t fixed = sizeof(struct head) + l->count * sizeof(struct entry);
	struct head head = { in_tenant, (uint32_t)l->count };
	struct buf b = buf_in(l->arena);
	struct entry *entries = ARENA_NEW(l->arena, struct entry, l->count);

	for (size_t i = 0; i < fixed; i++)
		buf_add_char(&b, 0);
	for (size_t i = 0; i < l->count; i++) {
		entries[i] = (struct entry){ (uint32_t)b.len,
			(uint32_t)l->at[i].key.len, l->at[i].actions, 0 };
		buf_add(&b, l->at[i].key);
		entries[i].refs = add_refs(&b, l->at[i].grant);
	}

	struct str table = buf_str(&b);
	char *bytes = ARENA_NEW(l->arena, char, table.len);

	memcpy(bytes, table.ptr, table.len);
	memcpy(bytes, &head, sizeof(head));
	if (l->count != 0)
		memcpy(
		    bytes + sizeof(head), entries, l->count * sizeof(*entries));
	return (struct str){ bytes, table.len };
}

struct str
rights_pack(struct arena *a, struct grants grants)
{
	struct lines l = { a, ARENA_NEW(a, struct line, 2 * grants.count), 0 };
	unsigned in_tenant = 0;

	for (size_t i = 0; i < grants.count; i++) {
		if (grants.at[i].scope == GRANT_IN_TENANT)
			in_tenant |= grant_implied(grants.at[i].actions);
		else
			add_grant(&l, &grants.at[i]);
	}
	if (l.count != 0)
		qsort(l.at, l.count, sizeof(*l.at), by_key);
	join_lines(&l);
	return write_table(&l, in_tenant);
}

/* ---- questions */
static struct head
head_of(struct str packed)
{
	struct head head = { 0 };

	if (packed.len >= sizeof(head))
		memcpy(&head, packed.ptr, sizeof(head));
	return head;
}

static struct entry
entry_at(struct str packed, size_t i)
{
	struct entry e;

	memcpy(&e, packed.ptr + sizeof(struct head) + i * sizeof(e), sizeof(e));
	return e;
}

static struct str
key_at(struct str packed, const struct entry *e)
{
	return (struct str){ packed.ptr + e->key, e->key_len };
}

/* The first entry whose key is not before this one. */
static size_t
lower_bound(struct str packed, struct str key)
{
	size_t from = 0, to = head_of(packed).count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		struct entry e = entry_at(packed, middle);

		if (str_cmp(key_at(packed, &e), key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool
has_ref(struct str packed, const struct entry *e, struct str ref)
{
	const char *at = packed.ptr + e->refs;

	if (e->refs == 0 || ref.ptr == NULL)
		return true;
	for (unsigned left = (unsigned char)*at++; left != 0; left--) {
		struct str pattern = { at + 1, (unsigned char)*at };

		if (ref_pattern_matches(pattern, ref))
			return true;
		at += 1 + pattern.len;
	}
	return false;
}

static unsigned
allowed_by(struct str packed, struct str key, struct str ref)
{
	size_t count = head_of(packed).count;
	unsigned allowed = 0;

	for (size_t i = lower_bound(packed, key); i < count; i++) {
		struct entry e = entry_at(packed, i);

		if (!str_eq(key_at(packed, &e), key))
			break;
		if (has_ref(packed, &e, ref))
			allowed |= e.actions;
	}
	return allowed & GRANT_EVERYTHING;
}

struct question {
	char key[KEY_MAX];
	size_t len;
};

/* A path that is too long to be one is at no place. */
static void
ask(struct question *q, struct id catalog, enum place place, struct str rest)
{
	bool fits = rest.len <= PATH_MAX_BYTES;

	memcpy(q->key, catalog.b, ID_BYTES);
	q->key[ID_BYTES] = fits ? (char)place : 'x';
	q->len = ID_BYTES + 1;
	if (fits && rest.len != 0) {
		memcpy(q->key + q->len, rest.ptr, rest.len);
		q->len += rest.len;
	}
}

static struct str
key_asked(const struct question *q)
{
	return (struct str){ q->key, q->len };
}

/* Of a namespace and of all above it. */
static unsigned
allowed_by_levels(struct str packed, const struct grant_target *t)
{
	unsigned allowed = 0;
	struct question q;

	ask(&q, t->catalog, PLACE_NAMESPACE, t->ns);

	struct str key = key_asked(&q);

	for (size_t i = ID_BYTES + 1; i <= key.len; i++)
		if (i == key.len || key.ptr[i] == LEVEL_SEPARATOR)
			allowed |= allowed_by(
			    packed, (struct str){ key.ptr, i }, t->ref);
	return allowed;
}

unsigned
rights_allow_object(struct str packed, const struct grant_target *t)
{
	struct question q;

	ask(&q, t->catalog, PLACE_ASSET,
	    (struct str){ (const char *)t->object.b, ID_BYTES });
	return allowed_by(packed, key_asked(&q), t->ref);
}

unsigned
rights_allow(struct str packed, const struct grant_target *t)
{
	struct head head = head_of(packed);
	unsigned allowed = head.in_tenant;
	struct question q;

	if (head.count == 0 || id_is_nil(t->catalog))
		return allowed;
	ask(&q, t->catalog, PLACE_CATALOG, STR(""));
	allowed |= allowed_by(packed, key_asked(&q), t->ref);
	if (t->ns.len != 0)
		allowed |= allowed_by_levels(packed, t);
	if (!id_is_nil(t->object))
		allowed |= rights_allow_object(packed, t);
	return allowed;
}

/* An entry of the catalog, or of this namespace and those below it. */
static bool
sees_below(struct str packed, struct str key, struct str ref)
{
	size_t count = head_of(packed).count;

	for (size_t i = lower_bound(packed, key); i < count; i++) {
		struct entry e = entry_at(packed, i);
		struct str found = key_at(packed, &e);

		if (!str_starts_with(found, key))
			break;
		if ((e.actions & SHOWN) == 0 || !has_ref(packed, &e, ref))
			continue;
		if (key.len == ID_BYTES || found.len == key.len ||
		    found.ptr[key.len] == LEVEL_SEPARATOR)
			return true;
	}
	return false;
}

bool
rights_see(struct str packed, const struct grant_target *t)
{
	struct question q;

	if ((rights_allow(packed, t) & GRANT_LIST) != 0)
		return true;
	ask(&q, t->catalog, PLACE_NAMESPACE, t->ns);
	if (t->ns.len == 0)
		q.len = ID_BYTES;
	return head_of(packed).count != 0 &&
	       sees_below(packed, key_asked(&q), t->ref);
}

bool
rights_touch(struct str packed, struct id catalog, struct str ref)
{
	struct str key = { (const char *)catalog.b, ID_BYTES };
	struct head head = head_of(packed);

	if (head.in_tenant != 0)
		return true;
	for (size_t i = lower_bound(packed, key); i < head.count; i++) {
		struct entry e = entry_at(packed, i);

		if (!str_starts_with(key_at(packed, &e), key))
			break;
		if (has_ref(packed, &e, ref))
			return true;
	}
	return false;
}

bool
rights_have_assets(struct str packed, struct id catalog)
{
	struct question q;
	struct entry e;
	size_t i;

	ask(&q, catalog, PLACE_ASSET, STR(""));
	i = lower_bound(packed, key_asked(&q));
	if (i >= head_of(packed).count)
		return false;
	e = entry_at(packed, i);
	return str_starts_with(key_at(packed, &e), key_asked(&q));
}

bool
rights_have_refs(struct str packed, struct id catalog)
{
	struct str key = { (const char *)catalog.b, ID_BYTES };
	size_t count = head_of(packed).count;

	for (size_t i = lower_bound(packed, key); i < count; i++) {
		struct entry e = entry_at(packed, i);

		if (!str_starts_with(key_at(packed, &e), key))
			break;
		if (e.refs != 0)
			return true;
	}
	return false;
}

/* ---- of a principal */
static enum err
gather(struct call *c, const struct principal *p, struct grants *ret)
{
	struct permission_list own;
	struct tagged_set tagged;
	struct role_list roles;
	size_t count;

	TRY(roles_of(c, p, p->id, &roles));
	TRY(permissions_list(
	    c, p, p->id, PERMISSIONS_OF_PRINCIPAL_MAX, 0, &own));
	count = own.count;
	for (size_t i = 0; i < roles.count; i++)
		count += roles.at[i].grants.count;
	*ret = (struct grants){ ARENA_NEW(c->arena, struct grant, count), 0 };
	for (size_t i = 0; i < own.count; i++)
		ret->at[ret->count++] = own.at[i].grant;
	for (size_t i = 0; i < roles.count; i++)
		for (size_t k = 0; k < roles.at[i].grants.count; k++)
			ret->at[ret->count++] = roles.at[i].grants.at[k];
	if (grants_name_tags(*ret)) {
		TRY(tagged_of_tenant(c, p->acts_in, &tagged));
		*ret = grants_of_tags(c->arena, *ret, tagged);
	}
	return arena_check(c->arena, c->error);
}

enum err
rights_of(struct call *c, const struct principal *p, struct rights *ret)
{
	struct str name = { (const char *)p->id.b, ID_BYTES };
	struct cached_text cached;
	struct grants grants;

	*ret = (struct rights){ 0 };
	read_cache_find_in_place(
	    c, control_log(p->acts_in), "rights", name, &cached, &ret->pin);
	if (cached.read.value.ptr != NULL) {
		ret->levels = c->usage->levels;
		ret->packed = cached.read.value;
		return OK;
	}
	TRY(gather(c, p, &grants));
	ret->packed = rights_pack(c->arena, grants);
	if (ret->packed.len <= RIGHTS_CACHED_MAX)
		read_cache_put(c, &cached.read, &cached.key, ret->packed);
	return OK;
}

void
rights_release(const struct rights *r)
{
	if (r->levels != NULL)
		cache_release(r->levels, &r->pin);
}
