/* writing.c - commits: made by a store, and copied as they stand in its log. */
#include <stdio.h>
#include <unistd.h>

#include "calls/store_call.h"
#include "catalog/moved.h"
#include "catalog/purges.h"
#include "model.h"
#include "record/value.h"
#include "versions/dropped.h"
#include "versions/undrop.h"

struct branch
open_branch(int branch)
{
	struct str prefix = arena_printf(m.call.arena, STR_FMT "@%s",
	    STR_ARG(m.catalog.name), m.branch[branch].name);
	struct branch b;

	GOOD(branch_open(&m.call, m.catalog.tenant, prefix, &b));
	return b;
}

/* ---- copying */
void
check_sound(const struct state *s)
{
	for (int k = NAMESPACES; k < KEYS; k++) {
		if (s->value[k] == 0)
			continue;
		if (s->value[k % NAMESPACES] == 0)
			STOP("key %d lives in no namespace", k);
		for (int i = NAMESPACES; i < k; i++)
			if (s->value[i] != 0 &&
			    id_eq(s->object[i], s->object[k]))
				STOP("keys %d and %d show one object", i, k);
	}
}

static int
serial_of(struct point origin)
{
	for (int b = 0; b < m.branches; b++)
		if (m.branch[b].log == origin.branch && origin.seq > 0 &&
		    origin.seq <= m.branch[b].count)
			return m.branch[b].own[origin.seq - 1].serial;
	STOP("a version was made where nobody was");
}

static void
copy_versions(struct naive_commit *io, struct point at)
{
	struct point above = { at.branch, at.seq - 1 };
	struct versions found;

	GOOD(store_changes(&m.call, above, at.seq, 1000, &found));
	for (size_t i = 0; i < found.count; i++) {
		const struct version *v = &found.at[i];
		bool here =
		    v->origin.branch == at.branch && v->origin.seq == at.seq;
		int k = key_number(v->key);

		EQUAL(k >= 0, true);
		io->touched[k] = true;
		io->state.value[k] = number_of(v);
		io->state.object[k] = v->object;
		io->state.moved[k] = version_has_moved(v);
		io->state.made[k] = here ? -1 : serial_of(v->origin);
	}
}

static void
copy_row(struct naive_commit *io, struct point at)
{
	const struct value key[] = { value_int(at.branch), value_int(at.seq) };
	const struct value *keys[] = { key };
	struct rows rows;

	GOOD(store_get(&m.call, ENTITY_COMMITS, keys, 1, &rows));
	EQUAL(rows.row[0] != NULL, true);
	io->id = value_id_or_nil(rows.row[0][COMMIT_ID]);
	io->at_us = rows.row[0][COMMIT_AT_US].as.i;
}

bool
has_new_commit(int branch)
{
	struct point head = { m.branch[branch].log, 0 };

	GOOD(store_heads(&m.call, &head, 1));
	EQUAL(head.seq - m.branch[branch].count <= 1, true);
	return head.seq > m.branch[branch].count;
}

/* A tombstone may be there where nothing was, of an object that has moved. */
static bool
is_left_name(const struct state *now, const struct state *expected, int k)
{
	return expected->made[k] == 0 && expected->moved[k] &&
	       now->value[k] == 0 && now->moved[k];
}

void
adopt_commit(int branch, const struct state *expected)
{
	const struct naive_commit *last = record_at(head_of(branch));
	struct naive_commit c = { .state = last->state, .known = last->known };
	const struct point at = { m.branch[branch].log,
		m.branch[branch].count + 1 };

	EQUAL(has_new_commit(branch), true);
	copy_versions(&c, at);
	copy_row(&c, at);
	for (int k = 0; expected != NULL && k < KEYS; k++) {
		if (is_left_name(&c.state, expected, k))
			continue;
		if (c.state.value[k] != expected->value[k] ||
		    c.state.made[k] != expected->made[k] ||
		    (k >= NAMESPACES && c.state.value[k] != 0 &&
			!id_eq(c.state.object[k], expected->object[k])))
			STOP("%s, key %d: %d of %d, not %d of %d",
			    m.branch[branch].name, k, c.state.value[k],
			    c.state.made[k], expected->value[k],
			    expected->made[k]);
	}
	check_sound(&c.state);
	add_commit(branch, &c);
}

/* ---- writes */
struct writing {
	struct branch branch;
	struct version read[KEYS], put[KEYS];
	struct expect expect[KEYS];
	size_t count;
	struct state state;
	bool touched[KEYS];
};

static void
put(struct writing *w, int k, int number, struct id object)
{
	struct arena *a = m.call.arena;
	struct version v = w->read[k];

	v.key = key_of(k);
	v.kind = k < NAMESPACES ? KIND_NAMESPACE : KIND_TABLE;
	v.object = object;
	v.at = v.origin = (struct point){ 0 };
	v.deleted = number == 0;
	if (k >= NAMESPACES && number != 0)
		v.location = arena_printf(a, "file://%s/%d", m.dir, number);
	if (v.body.ptr == NULL || k >= NAMESPACES)
		v.body = STR("");
	if (k < NAMESPACES && number != 0)
		v.body = arena_printf(a, "{\"n\":\"%d\"}", number);
	w->expect[w->count] = expect_unchanged(&w->branch, v.key, &w->read[k]);
	w->put[w->count++] = v;
	w->state.value[k] = number;
	w->state.made[k] = -1;
	w->state.object[k] = object;
	w->touched[k] = true;
	tell("  key %d = %d", k, number);
}

static void
put_namespace(struct writing *w, int k)
{
	bool used = false, live = w->state.value[k] != 0;

	for (int i = NAMESPACES; i < KEYS; i++)
		used |= i % NAMESPACES == k && w->state.value[i] != 0;
	if (live && !used && draw(2) == 0)
		put(w, k, 0, w->read[k].object);
	else
		put(w, k, ++m.numbers, live ? w->read[k].object : id_v4());
}

static void
put_table(struct writing *w, int k, int to)
{
	bool live = w->state.value[k] != 0;
	struct id object = live ? w->state.object[k] : id_v4();
	bool free = to >= NAMESPACES && to != k && !w->touched[to] &&
		    w->state.value[to] == 0 &&
		    w->state.value[to % NAMESPACES] != 0;

	if (!live && w->state.value[k % NAMESPACES] == 0) {
		/* its namespace first */
		if (!w->touched[k % NAMESPACES])
			put_namespace(w, k % NAMESPACES);
		return;
	}
	if (live && draw(3) == 0) {
		put(w, k, 0, object);
		if (draw(3) == 0)
			w->put[w->count - 1].body =
			    purge_mark(m.call.arena, STR(""));
	} else if (live && free && draw(3) == 0) {
		put(w, to, w->state.value[k], object);
		put(w, k, 0, object);
		version_move_away(&w->put[w->count - 1]);
	} else
		put(w, k, ++m.numbers, object);
}

static void
put_something(struct writing *w)
{
	int k = (int)draw(KEYS), to = (int)draw(KEYS);

	if (w->touched[k])
		return;
	if (k < NAMESPACES)
		put_namespace(w, k);
	else
		put_table(w, k, to);
}

void
write_some(void)
{
	write_on(live_branch());
}

void
write_on(int b)
{
	struct writing w = { .count = 0 };
	struct key keys[KEYS];
	enum verdict verdict;

	tell("write on %s", m.branch[b].name);
	w.branch = open_branch(b);
	w.state = *state_at(head_of(b));
	for (int k = 0; k < KEYS; k++)
		keys[k] = key_of(k);
	GOOD(branch_read(&m.call, &w.branch, keys, KEYS, w.read));
	for (unsigned n = draw(4) == 0 ? draw(4) + 1 : 1; n != 0; n--)
		put_something(&w);
	if (w.count == 0)
		return;

	struct unit unit = { .message = STR("write"),
		.expects = w.expect,
		.expect_count = w.count,
		.puts = w.put,
		.put_count = w.count };

	GOOD(branch_apply(&m.call, &w.branch, &unit, &verdict));
	EQUAL(verdict, VERDICT_APPLIED);
	EQUAL(unit.seq, m.branch[b].count + 1);
	adopt_commit(b, &w.state);
}

/* ---- undrops */
static bool
is_listed(const struct dropped_page *page, int key)
{
	for (size_t i = 0; i < page->count; i++)
		if (key_number(page->at[i].key) == key)
			return true;
	return false;
}

/* What is listed lives nowhere, and nothing is listed twice. */
static void
check_listed(const struct state *s, const struct dropped_page *page, int key)
{
	for (int k = NAMESPACES; k < KEYS; k++) {
		if (k == key || !id_eq(s->object[k], s->object[key]))
			continue;
		EQUAL(s->value[k], 0);
		EQUAL(is_listed(page, k), false);
	}
}

static void
check_dropped(int branch, const struct dropped_page *page)
{
	const struct state *s = state_at(head_of(branch));
	size_t count = 0;

	for (int k = 0; k < KEYS; k++) {
		bool dropped = s->made[k] != 0 && s->value[k] == 0 &&
			       !id_is_nil(s->object[k]) && !s->moved[k];

		if (is_listed(page, k) != dropped)
			STOP("%s, key %d: dropped or not",
			    m.branch[branch].name, k);
		if (dropped && k >= NAMESPACES)
			check_listed(s, page, k);
		count += dropped;
	}
	EQUAL(page->count, count);
}

/* It had another name before, or lives under that: which one comes back, and
 * whether, is not for its key to say. */
static bool
had_other_name(const struct state *s, int key)
{
	for (int k = NAMESPACES; k < KEYS; k++)
		if (k != key && s->made[k] != 0 &&
		    id_eq(s->object[k], s->object[key]))
			return true;
	return false;
}

static enum err
undrop_with_file(
    const struct branch *b, const struct version *v, struct version *ret)
{
	struct str path = v->location;
	FILE *file = NULL;
	enum err err;

	if (path.len != 0) {
		path = (struct str){ path.ptr + 7, path.len - 7 };
		path = arena_printf(m.call.arena, STR_FMT, STR_ARG(path));
		file = fopen(path.ptr, "w");
		EQUAL(file != NULL, true);
		(void)fclose(file);
	}
	err = undrop(&m.call, b, v->object, (struct str){ 0 }, true, ret);
	if (file != NULL)
		(void)unlink(path.ptr);
	return err;
}

void
undrop_something(void)
{
	int branch = live_branch();
	const struct state *s = state_at(head_of(branch));
	struct branch b = open_branch(branch);
	struct dropped_page page;
	struct version back;
	int64_t purge;
	enum err err;

	GOOD(dropped_list(
	    &m.call, &b, (struct point){ 0 }, DROPPED_PAGE_MAX, &page));
	EQUAL(page.next.branch, 0);
	check_dropped(branch, &page);
	if (page.count == 0)
		return;

	const struct version *v = &page.at[draw((unsigned)page.count)];
	int k = key_number(v->key);

	tell("undrop key %d on %s", k, m.branch[branch].name);
	err = undrop_with_file(&b, v, &back);
	GOOD(purge_state_of(&m.call, m.catalog.id, v->object, &purge));
	if (purge == PURGE_NOW) {
		EQUAL(err, ERR_CONFLICT);
		return;
	}
	if (k >= NAMESPACES && s->value[k % NAMESPACES] == 0 &&
	    !had_other_name(s, k)) {
		EQUAL(err, ERR_NO_SUCH_NAMESPACE);
		return;
	}
	if (err != OK && had_other_name(s, k))
		return;
	GOOD(err);
	counts.undropped++;
	EQUAL(id_eq(back.object, v->object), true);
	adopt_commit(branch, NULL);
	EQUAL(
	    state_at(head_of(branch))->value[key_number(back.key)] != 0, true);
}
