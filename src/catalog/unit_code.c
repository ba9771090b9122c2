/*
 * unit_code.c - numbers of eight bytes, texts behind their length.
 *
 * Reader and writer are one program, so the bytes are trusted and have no
 * version; they are read in exactly the order in which they were written.
 */
#include "catalog/unit_code.h"

#define ABSENT (-1) /* the length of a text whose ptr is NULL */

/* ---- writing; too little room is noticed once, at the end */
struct writer {
	char *bytes;
	size_t used, room;
};

static void
put(struct writer *w, const void *from, size_t size)
{
	if (from != NULL && w->used <= w->room && size <= w->room - w->used)
		memcpy(w->bytes + w->used, from, size);
	w->used += size;
}

static void
put_int(struct writer *w, int64_t n)
{
	put(w, &n, sizeof(n));
}

static void
put_str(struct writer *w, struct str s)
{
	put_int(w, s.ptr == NULL ? ABSENT : (int64_t)s.len);
	put(w, s.ptr, s.len);
}

static void
put_id(struct writer *w, struct id id)
{
	put(w, id.b, sizeof(id.b));
}

static void
put_point(struct writer *w, struct point p)
{
	put_int(w, p.branch);
	put_int(w, p.seq);
}

static void
put_key(struct writer *w, const struct key *k)
{
	put_int(w, k->space);
	put_str(w, k->ns);
	put_str(w, k->name);
}

static void
put_version(struct writer *w, const struct version *v)
{
	put_key(w, &v->key);
	put_point(w, v->origin);
	put_int(w, v->kind);
	put_int(w, v->deleted);
	put_id(w, v->object);
	put_str(w, v->location);
	put_str(w, v->body);
}

size_t
unit_pack(const struct unit *unit, char *bytes, size_t room)
{
	struct writer w = { .bytes = bytes, .room = room };

	put_id(&w, unit->id);
	put_str(&w, unit->author);
	put_str(&w, unit->message);
	put_str(&w, unit->request_hash);
	put_point(&w, unit->merged);
	put_int(&w, unit->is_merge);
	put_int(&w, (int64_t)unit->expect_count);
	for (size_t i = 0; i < unit->expect_count; i++) {
		put_int(&w, unit->expects[i].op);
		put_key(&w, &unit->expects[i].key);
		put_int(&w, unit->expects[i].seq);
	}
	put_int(&w, (int64_t)unit->put_count);
	for (size_t i = 0; i < unit->put_count; i++)
		put_version(&w, &unit->puts[i]);
	return w.used <= room ? w.used : 0;
}

/* ---- reading */
struct reader {
	const char *at;
};

static int64_t
get_int(struct reader *r)
{
	int64_t n;

	memcpy(&n, r->at, sizeof(n));
	r->at += sizeof(n);
	return n;
}

static struct str
get_str(struct reader *r)
{
	int64_t len = get_int(r);
	struct str s = { r->at, (size_t)len };

	if (len == ABSENT)
		return (struct str){ 0 };
	r->at += s.len;
	return s;
}

static struct id
get_id(struct reader *r)
{
	struct id id;

	memcpy(id.b, r->at, sizeof(id.b));
	r->at += sizeof(id.b);
	return id;
}

static struct point
get_point(struct reader *r)
{
	int64_t branch = get_int(r);

	return (struct point){ branch, get_int(r) };
}

static struct key
get_key(struct reader *r)
{
	struct key k;

	k.space = (enum space)get_int(r);
	k.ns = get_str(r);
	k.name = get_str(r);
	return k;
}

static struct version
get_version(struct reader *r)
{
	struct version v = { .key = get_key(r) };

	v.origin = get_point(r);
	v.kind = (int)get_int(r);
	v.deleted = get_int(r) != 0;
	v.object = get_id(r);
	v.location = get_str(r);
	v.body = get_str(r);
	return v;
}

struct unit
unit_unpack(struct arena *a, const char *bytes)
{
	struct reader r = { bytes };
	struct unit unit = { .id = get_id(&r) };

	unit.author = get_str(&r);
	unit.message = get_str(&r);
	unit.request_hash = get_str(&r);
	unit.merged = get_point(&r);
	unit.is_merge = get_int(&r) != 0;
	unit.expect_count = (size_t)get_int(&r);

	struct expect *expects =
	    ARENA_NEW(a, struct expect, unit.expect_count + 1);

	for (size_t i = 0; i < unit.expect_count; i++) {
		expects[i].op = (enum expect_op)get_int(&r);
		expects[i].key = get_key(&r);
		expects[i].seq = get_int(&r);
	}
	unit.expects = expects;
	unit.put_count = (size_t)get_int(&r);

	struct version *puts = ARENA_NEW(a, struct version, unit.put_count + 1);

	for (size_t i = 0; i < unit.put_count; i++)
		puts[i] = get_version(&r);
	unit.puts = puts;
	return unit;
}
