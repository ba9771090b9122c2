/*
 * unit_code.c - numbers of eight bytes, texts behind their length.
 *
 * Reader and writer are one program, so the bytes have no version; they are
 * read in exactly the order in which they were written.  The reader looks at
 * every length all the same: it leads for all workers, and shall not fall over
 * what one that went astray has left.
 */
#include "catalog/unit_code.h"

#include "record/entities.h"

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

static void
put_value(struct writer *w, const struct value *v)
{
	put_int(w, v->type);
	switch (v->type) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		put_int(w, v->as.i);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		put_str(w, v->as.s);
		break;
	case VALUE_ID:
		put_id(w, v->as.id);
		break;
	}
}

/* The fields of a row that are of any use to a write. */
static bool
is_used(const struct write *w, uint16_t field)
{
	return field < record_schema.entities[w->entity].key_count ||
	       (w->set >> field & 1) != 0;
}

static void
put_write(struct writer *w, const struct write *x)
{
	const struct entity *t = &record_schema.entities[x->entity];

	put_int(w, x->entity);
	put_int(w, x->op);
	put_int(w, (int64_t)x->set);
	for (uint16_t i = 0; i < t->field_count; i++)
		if (is_used(x, i))
			put_value(w, &x->row[i]);
	put_int(w, (int64_t)x->when_count);
	for (size_t i = 0; i < x->when_count; i++) {
		put_int(w, x->when[i].field);
		put_int(w, x->when[i].op);
		put_value(w, &x->when[i].value);
	}
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
	put_int(&w, (int64_t)unit->write_count);
	for (size_t i = 0; i < unit->write_count; i++)
		put_write(&w, &unit->writes[i]);
	return w.used <= room ? w.used : 0;
}

/* ---- reading; too few bytes are noticed once, at the end */
struct reader {
	struct arena *arena;
	const char *at;
	size_t left;
	bool is_wrong;
};

/* NULL: there are not so many. */
static const char *
take(struct reader *r, size_t size)
{
	const char *at = r->at;

	if (size > r->left) {
		r->is_wrong = true;
		return NULL;
	}
	r->at += size;
	r->left -= size;
	return at;
}

static int64_t
get_int(struct reader *r)
{
	const char *at = take(r, sizeof(int64_t));
	int64_t n = 0;

	if (at != NULL)
		memcpy(&n, at, sizeof(n));
	return n;
}

/* A number from 0 to `most`. */
static uint64_t
get_upto(struct reader *r, uint64_t most)
{
	uint64_t n = (uint64_t)get_int(r);

	if (n <= most)
		return n;
	r->is_wrong = true;
	return 0;
}

/* Of a list: each of its members takes bytes. */
static size_t
get_count(struct reader *r)
{
	return get_upto(r, r->left / sizeof(int64_t));
}

static struct str
get_str(struct reader *r)
{
	int64_t len = get_int(r);
	struct str s = { NULL, (size_t)len };

	if (len != ABSENT)
		s.ptr = take(r, s.len);
	return s.ptr != NULL ? s : (struct str){ 0 };
}

static struct id
get_id(struct reader *r)
{
	struct id id = { { 0 } };
	const char *at = take(r, sizeof(id.b));

	if (at != NULL)
		memcpy(id.b, at, sizeof(id.b));
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

	k.space = (enum space)get_upto(r, SPACE_RELATION);
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

static struct value
get_value(struct reader *r)
{
	struct value v = { .type = (enum value_type)get_upto(r, VALUE_ID) };

	switch (v.type) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		v.as.i = get_int(r);
		break;
	case VALUE_TEXT:
	case VALUE_BYTES:
		v.as.s = get_str(r);
		break;
	case VALUE_ID:
		v.as.id = get_id(r);
		break;
	}
	return v;
}

static struct test *
get_tests(struct reader *r, size_t *ret_count)
{
	size_t count = get_count(r);
	struct test *tests = ARENA_NEW(r->arena, struct test, count + 1);

	for (size_t i = 0; i < count; i++) {
		tests[i].field = (uint16_t)get_upto(r, ENTITY_FIELDS_MAX - 1);
		tests[i].op = (enum test_op)get_upto(r, TEST_ABSENT);
		tests[i].value = get_value(r);
	}
	*ret_count = count;
	return tests;
}

static struct write
get_write(struct reader *r)
{
	struct write w = { .entity = (uint16_t)get_upto(
			       r, record_schema.count - 1U) };
	const struct entity *t = &record_schema.entities[w.entity];
	struct value *row = ARENA_NEW(r->arena, struct value, t->field_count);

	w.op = (enum write_op)get_upto(r, WRITE_TEST);
	w.set = (uint64_t)get_int(r);
	for (uint16_t i = 0; i < t->field_count; i++)
		if (is_used(&w, i))
			row[i] = get_value(r);
	w.row = row;
	w.when = get_tests(r, &w.when_count);
	return w;
}

static struct expect *
get_expects(struct reader *r, size_t *ret_count)
{
	size_t count = get_count(r);
	struct expect *expects = ARENA_NEW(r->arena, struct expect, count + 1);

	for (size_t i = 0; i < count; i++) {
		expects[i].op = (enum expect_op)get_upto(r, EXPECT_EMPTY);
		expects[i].key = get_key(r);
		expects[i].seq = get_int(r);
	}
	*ret_count = count;
	return expects;
}

static struct version *
get_puts(struct reader *r, size_t *ret_count)
{
	size_t count = get_count(r);
	struct version *puts = ARENA_NEW(r->arena, struct version, count + 1);

	for (size_t i = 0; i < count; i++)
		puts[i] = get_version(r);
	*ret_count = count;
	return puts;
}

static struct write *
get_writes(struct reader *r, size_t *ret_count)
{
	size_t count = get_count(r);
	struct write *writes = ARENA_NEW(r->arena, struct write, count + 1);

	for (size_t i = 0; i < count && !r->is_wrong; i++)
		writes[i] = get_write(r);
	*ret_count = count;
	return writes;
}

bool
unit_unpack(struct arena *a, const char *bytes, size_t size, struct unit *ret)
{
	struct reader r = { a, bytes, size, false };
	struct unit unit = { .id = get_id(&r) };

	unit.author = get_str(&r);
	unit.message = get_str(&r);
	unit.request_hash = get_str(&r);
	unit.merged = get_point(&r);
	unit.is_merge = get_int(&r) != 0;
	unit.expects = get_expects(&r, &unit.expect_count);
	unit.puts = get_puts(&r, &unit.put_count);
	unit.writes = get_writes(&r, &unit.write_count);
	if (r.is_wrong || r.left != 0)
		return false;
	*ret = unit;
	return true;
}
