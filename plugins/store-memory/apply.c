/*
 * apply.c - the only write, under the mutex: each unit is written as it is
 * judged, and what it has written is taken back when it fails.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "memory.h"
#include "plugins/contract/check.h"

/* A row that was replaced; NULL: there was, or is, none. */
struct change {
	struct table *table;
	struct value *old, *fresh;
};

struct apply {
	const struct call *call;
	struct memory *memory;
	int64_t branch;
	struct unit *unit; /* the one being judged */
	struct change *changes;
	size_t change_count, change_room;
};

static void
judge(struct apply *a, enum verdict verdict, size_t failed)
{
	a->unit->verdict = verdict;
	a->unit->failed = failed;
}

static bool
decided(const struct apply *a)
{
	return a->unit->verdict != VERDICT_NONE;
}

static void
change_row(
    struct apply *a, struct table *t, struct value *old, struct value *fresh)
{
	if (a->change_count == a->change_room) {
		size_t room = a->change_room < 16 ? 16 : a->change_room * 2;

		a->changes = arena_grow(a->call->arena, a->changes,
		    a->change_room * sizeof(*a->changes),
		    room * sizeof(*a->changes));
		a->change_room = room;
	}
	a->changes[a->change_count++] = (struct change){ t, old, fresh };
	table_replace(t, old, fresh);
}

static void
keep_changes(struct apply *a)
{
	while (a->change_count != 0)
		free(a->changes[--a->change_count].old);
}

static void
undo_changes(struct apply *a)
{
	while (a->change_count != 0) {
		struct change *x = &a->changes[--a->change_count];

		table_replace(x->table, x->fresh, x->old);
		free(x->fresh);
	}
}

/* ADD counts NULL as 0; false: the sum does not fit. */
static bool
set_field(const struct write *w, uint16_t field, struct value *row)
{
	int64_t sum = row[field].type == VALUE_INT ? row[field].as.i : 0;

	if (w->op == WRITE_PUT) {
		row[field] = w->row[field];
		return true;
	}
	if (__builtin_add_overflow(sum, w->row[field].as.i, &sum))
		return false;
	row[field] = (struct value){ VALUE_INT, { .i = sum } };
	return true;
}

static void
put_row(struct apply *a, struct table *t, struct value *old,
    const struct write *w, size_t number)
{
	const struct entity *e = t->entity;
	struct value row[ENTITY_FIELDS_MAX] = { 0 };

	memcpy(row, old != NULL ? old : w->row,
	    (old != NULL ? e->field_count : e->key_count) * sizeof(*row));
	for (uint16_t i = e->key_count; i < e->field_count; i++)
		if ((w->set >> i & 1) != 0 && !set_field(w, i, row)) {
			judge(a, VERDICT_INVALID, 0);
			return;
		}
	if (table_clashes(t, old, row))
		judge(a, VERDICT_CONFLICT, number);
	else
		change_row(a, t, old, row_new(e, row));
}

struct doomed {
	struct arena *arena;
	const struct value **row;
	size_t count, limit;
};

static bool
doom(void *arg, const struct value *row)
{
	struct doomed *d = arg;
	size_t size = d->count * sizeof(*d->row);

	d->row = arena_grow(d->arena, d->row, size, size + sizeof(*d->row));
	d->row[d->count++] = row;
	return d->count < d->limit;
}

static void
purge(struct apply *a, struct table *t, const struct write *w)
{
	struct doomed d = { .arena = a->call->arena, .limit = w->limit };
	const struct scan by_key = { .index = INDEX_KEY,
		.where = w->when,
		.where_count = w->when_count };

	table_scan(t, &by_key, NULL, doom, &d);
	for (size_t i = 0; i < d.count; i++)
		change_row(a, t, table_find(t, d.row[i]), NULL);
}

static void
apply_write(struct apply *a, const struct write *w, size_t number)
{
	struct table *t = &a->memory->tables[w->entity];
	struct value *old = w->op == WRITE_PURGE ? NULL : table_find(t, w->row);
	bool passes = w->op == WRITE_PURGE ||
		      tests_pass(w->when, w->when_count, old) ||
		      (w->op == WRITE_DELETE && old == NULL);

	if (!passes || (w->op == WRITE_ADD && old == NULL)) {
		judge(a, VERDICT_CONFLICT, number);
		return;
	}
	switch (w->op) {
	case WRITE_PUT:
	case WRITE_ADD:
		put_row(a, t, old, w, number);
		break;
	case WRITE_DELETE:
		if (old != NULL)
			change_row(a, t, old, NULL);
		break;
	case WRITE_PURGE:
		purge(a, t, w);
		break;
	case WRITE_TEST:
		break;
	}
}

static bool
holds(const struct apply *a, const struct expect *x)
{
	const struct log *log = &a->memory->log;
	const struct version *own;

	if (x->op == EXPECT_EMPTY)
		return !log_has_live(log, a->branch, x->key.ns);
	own = log_newest(log, (struct point){ a->branch, INT64_MAX }, &x->key);
	return (own != NULL ? own->at.seq : 0) == x->seq ||
	       (x->op == EXPECT_LIVE && own != NULL && !own->deleted);
}

/* EMPTY is judged when the unit's own versions are written. */
static void
test_expects(struct apply *a, bool empty)
{
	const struct unit *u = a->unit;

	for (size_t i = 0; i < u->expect_count && !decided(a); i++)
		if ((u->expects[i].op == EXPECT_EMPTY) == empty &&
		    !holds(a, &u->expects[i]))
			judge(a, VERDICT_CONFLICT, i);
}

static struct value
text_or_null(enum value_type type, struct str s)
{
	struct value v = { .type = VALUE_NULL };

	if (s.ptr != NULL)
		v = (struct value){ type, { .s = s } };
	return v;
}

static struct value
int_or_null(bool present, int64_t n)
{
	return (struct value){ present ? VALUE_INT : VALUE_NULL, { .i = n } };
}

/* The first commit of a fork continues where the parent was left. */
static void
put_commit(struct apply *a, const struct value *ref)
{
	struct unit *u = a->unit;
	struct table *t = &a->memory->tables[ENTITY_COMMITS];
	const struct value *last = last_commit(a->memory, a->branch);
	const struct value *at =
	    last != NULL ? &last[COMMIT_AT_US] : &ref[REF_FORK_US];
	int64_t now = clock_now_us();
	bool merged = u->merged.branch != 0;

	u->seq = (last != NULL ? last[COMMIT_SEQ].as.i : 0) + 1;
	if (at->type == VALUE_INT && now <= at->as.i)
		now = at->as.i + 1;

	struct value row[ENTITY_FIELDS_MAX] = {
		[COMMIT_BRANCH] = int_or_null(true, a->branch),
		[COMMIT_SEQ] = int_or_null(true, u->seq),
		[COMMIT_ID] = { VALUE_ID, { .id = u->id } },
		[COMMIT_PARENT] =
		    last != NULL ? last[COMMIT_ID] : ref[REF_FORK_COMMIT],
		[COMMIT_MERGED_BRANCH] = int_or_null(merged, u->merged.branch),
		[COMMIT_MERGED_SEQ] = int_or_null(merged, u->merged.seq),
		[COMMIT_AUTHOR] = text_or_null(VALUE_TEXT, u->author),
		[COMMIT_MESSAGE] = text_or_null(VALUE_TEXT, u->message),
		[COMMIT_AT_US] = int_or_null(true, now),
		[COMMIT_HASH] = text_or_null(VALUE_BYTES, u->request_hash),
	};

	change_row(a, t, NULL, row_new(t->entity, row));
}

static void
put_versions(struct apply *a)
{
	const struct unit *u = a->unit;

	for (size_t i = 0; i < u->put_count && !decided(a); i++) {
		struct version v = u->puts[i];

		v.at = (struct point){ a->branch, u->seq };
		if (v.origin.branch == 0)
			v.origin = v.at;
		if (!log_add(&a->memory->log, &v))
			judge(a, VERDICT_INVALID, 0); /* twice in one unit */
	}
}

static bool
first_row(void *arg, const struct value *row)
{
	*(const struct value **)arg = row;
	return false;
}

/* Is a commit of this id in the log? */
static bool
was_applied(struct apply *a)
{
	struct unit *u = a->unit;
	const struct test same_id = { .field = COMMIT_ID,
		.op = TEST_EQ,
		.value = { VALUE_ID, { .id = u->id } } };
	const struct scan by_id = { .index = a->memory->commit_by_id,
		.where = &same_id,
		.where_count = 1 };
	const struct value *first = NULL;

	if (u->put_count == 0)
		return false;
	table_scan(&a->memory->tables[ENTITY_COMMITS], &by_id, NULL, first_row,
	    &first);
	if (first == NULL)
		return false;
	u->seq = first[COMMIT_SEQ].as.i;
	if (first[COMMIT_HASH].type == VALUE_BYTES)
		u->first_hash =
		    arena_copy(a->call->arena, first[COMMIT_HASH].as.s);
	judge(a, VERDICT_ALREADY, 0);
	return true;
}

static void
apply_log(struct apply *a)
{
	const struct value key = int_or_null(true, a->branch);
	const struct value *ref =
	    table_find(&a->memory->tables[ENTITY_REFS], &key);

	if (was_applied(a))
		return;
	if (ref == NULL || ref[REF_STATE].type != VALUE_INT ||
	    ref[REF_STATE].as.i != REF_LIVE) {
		judge(a, VERDICT_GONE, 0);
		return;
	}
	test_expects(a, false);
	if (a->unit->put_count != 0 && !decided(a)) {
		put_commit(a, ref);
		put_versions(a);
	}
	test_expects(a, true);
}

static void
apply_unit(struct apply *a)
{
	struct unit *u = a->unit;

	u->verdict = VERDICT_NONE;
	u->failed = 0;
	u->seq = 0;
	u->first_hash = (struct str){ 0 };
	if (!unit_is_storable(a->memory->schema, u))
		judge(a, VERDICT_INVALID, 0);
	else if (a->branch != 0)
		apply_log(a);
	for (size_t i = 0; i < u->write_count && !decided(a); i++)
		apply_write(a, &u->writes[i], u->expect_count + i);
	if (!decided(a))
		judge(a, VERDICT_APPLIED, 0);
}

static void
settle_unit(struct apply *a)
{
	struct unit *u = a->unit;

	if (u->verdict == VERDICT_APPLIED) {
		keep_changes(a);
		return;
	}
	undo_changes(a);
	if (u->verdict == VERDICT_ALREADY || u->seq == 0)
		return;
	log_drop(&a->memory->log, (struct point){ a->branch, u->seq });
	u->seq = 0;
}

enum err
memory_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct apply a = {
		.call = c, .memory = memory_of(c), .branch = branch
	};

	TRY(check_units(a.memory->schema, branch, units, count, c->error));
	TRY(memory_lock(c));
	for (size_t i = 0; i < count; i++) {
		a.unit = &units[i];
		apply_unit(&a);
		settle_unit(&a);
	}
	memory_unlock(c);
	return OK;
}
