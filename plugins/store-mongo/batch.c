/*
 * batch.c - many units in one transaction: it reads what they need, judges them
 * in their order, and writes the result at once.
 *
 * The commits are inserted first.  Their positions are the fence: a transaction
 * that claims a position that is taken meanwhile is refused, and judges again.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "plugins/contract/check.h"
#include "rows.h"

#define KEYS_AT_ONCE 500

/* The newest own version of a key, as the units so far leave it. */
struct slot {
	const struct key *key;
	int64_t seq; /* 0: none */
	bool deleted;
	bool changed;
	size_t put_by; /* the last unit that puts it, counted from 1 */
};

struct batch {
	struct engine *engine;
	struct run *run;
	struct slot *slots; /* sorted by key */
	size_t slot_count;
	const struct value *ref; /* of the branch; NULL: there is none */
	struct rows done;        /* commits that have the units' ids */
	int64_t head;
	struct value head_id, head_us;
	struct bulk *commits;
};

bool
batch_takes(const struct unit *u)
{
	for (size_t i = 0; i < u->expect_count; i++)
		if (u->expects[i].op == EXPECT_EMPTY)
			return false;
	return unit_may_join(u);
}

static int
compare_keys(const struct key *a, const struct key *b)
{
	int order = (a->space > b->space) - (a->space < b->space);

	if (order == 0)
		order = str_cmp(a->ns, b->ns);
	return order != 0 ? order : str_cmp(a->name, b->name);
}

static int
compare_slots(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;

	return compare_keys(x->key, y->key);
}

static struct slot *
slot_of(struct batch *b, const struct key *key)
{
	const struct slot wanted = { .key = key };

	return bsearch(
	    &wanted, b->slots, b->slot_count, sizeof(wanted), compare_slots);
}

/* One slot for each key that a unit expects something of, or puts. */
static void
make_slots(struct batch *b)
{
	const struct run *run = b->run;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < run->count; i++)
		count += run->unit[i].expect_count + run->unit[i].put_count;
	b->slots = ARENA_NEW(b->engine->arena, struct slot, count);
	count = 0;
	for (size_t i = 0; i < run->count; i++) {
		const struct unit *u = &run->unit[i];

		if (!unit_is_storable(b->engine->schema, u))
			continue;
		for (size_t k = 0; k < u->expect_count; k++)
			b->slots[count++].key = &u->expects[k].key;
		for (size_t k = 0; k < u->put_count; k++)
			b->slots[count++].key = &u->puts[k].key;
	}
	if (count != 0)
		qsort(b->slots, count, sizeof(*b->slots), compare_slots);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 ||
		    compare_slots(&b->slots[i], &b->slots[kept - 1]) != 0)
			b->slots[kept++] = b->slots[i];
	b->slot_count = kept;
}

/* ---- reading */

static void
fill_slot(struct batch *b, const struct value *entry)
{
	const struct key key = {
		.space = (enum space)entry[ENTRY_SPACE].as.i,
		.ns = entry[ENTRY_NS].as.s,
		.name = entry[ENTRY_NAME].as.s,
	};
	struct slot *slot = slot_of(b, &key);

	if (slot == NULL)
		return;
	slot->seq = entry[ENTRY_SEQ].as.i;
	slot->deleted = entry[ENTRY_DELETED].as.i != 0;
}

static enum err
read_slots(struct batch *b, size_t first, size_t count)
{
	DOCUMENT filter = BSON_INITIALIZER;
	DOCUMENT options = BSON_INITIALIZER;
	struct value key[ENTRY_FIELDS];
	struct rows rows;
	char room[16];
	bson_t any, one;

	bson_append_array_begin(&filter, "$or", -1, &any);
	for (size_t i = 0; i < count; i++) {
		entry_to_key(b->run->branch, b->slots[first + i].key, key);
		bson_append_document_begin(
		    &any, array_name((uint32_t)i, room), -1, &one);
		add_key(&one, ROWLOG_ENTRIES, key);
		bson_append_document_end(&any, &one);
	}
	bson_append_array_end(&filter, &any);
	TRY(mongo_find(b->engine, ROWLOG_ENTRIES, &filter, &options, &rows));
	for (size_t i = 0; i < rows.count; i++)
		fill_slot(b, rows.row[i]);
	return OK;
}

/* The commits that bear an id of the units: their answers were lost. */
static enum err
read_done(struct batch *b)
{
	const struct entity *t = &b->engine->schema->entities[ENTITY_COMMITS];
	DOCUMENT filter = BSON_INITIALIZER;
	DOCUMENT options = BSON_INITIALIZER;
	char room[16];
	bson_t in, ids;

	bson_append_document_begin(&filter, field_path(t, COMMIT_ID), -1, &in);
	bson_append_array_begin(&in, "$in", -1, &ids);
	for (size_t i = 0; i < b->run->count; i++) {
		const struct value id = of_id(b->run->unit[i].id);

		add_value(&ids, array_name((uint32_t)i, room), &id);
	}
	bson_append_array_end(&in, &ids);
	bson_append_document_end(&filter, &in);
	return mongo_find(b->engine, t, &filter, &options, &b->done);
}

static enum err
read_all(struct batch *b)
{
	const struct entity *refs = &b->engine->schema->entities[ENTITY_REFS];
	const struct value branch = of_int(b->run->branch), *head;

	TRY(rowlog_find(b->engine, refs, &branch, &b->ref));
	TRY(rowlog_head(b->engine, b->run->branch, &head));
	if (head != NULL) {
		b->head = head[COMMIT_SEQ].as.i;
		b->head_id = head[COMMIT_ID];
		b->head_us = head[COMMIT_AT_US];
	} else if (b->ref != NULL) {
		/* it continues where its parent was left */
		b->head_id = b->ref[REF_FORK_COMMIT];
		b->head_us = b->ref[REF_FORK_US];
	}
	TRY(read_done(b));
	for (size_t i = 0; i < b->slot_count; i += KEYS_AT_ONCE) {
		size_t left = b->slot_count - i;

		TRY(read_slots(
		    b, i, left < KEYS_AT_ONCE ? left : KEYS_AT_ONCE));
	}
	return OK;
}

/* ---- judging */

static bool
find_done(const struct batch *b, size_t n, struct unit_result *ret)
{
	const struct run *run = b->run;

	for (size_t i = 0; i < b->done.count; i++) {
		const struct value *c = b->done.row[i];

		if (!id_eq(c[COMMIT_ID].as.id, run->unit[n].id))
			continue;
		ret->seq = c[COMMIT_SEQ].as.i;
		if (c[COMMIT_HASH].type == VALUE_BYTES)
			ret->first_hash = c[COMMIT_HASH].as.s;
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		if (run->ret[i].verdict != VERDICT_APPLIED ||
		    !id_eq(run->unit[i].id, run->unit[n].id))
			continue;
		ret->seq = run->ret[i].seq;
		ret->first_hash = run->unit[i].request_hash;
		return true;
	}
	return false;
}

static bool
holds(struct batch *b, const struct expect *x)
{
	const struct slot *s = slot_of(b, &x->key);

	return s->seq == x->seq ||
	       (x->op == EXPECT_LIVE && s->seq != 0 && !s->deleted);
}

/* A key once in a unit, and no version above the size of a document. */
static bool
puts_are_storable(struct batch *b, const struct unit *u, size_t number)
{
	for (size_t i = 0; i < u->put_count; i++) {
		struct slot *s = slot_of(b, &u->puts[i].key);
		struct value row[VERSION_FIELDS];

		version_to_row(&u->puts[i], (struct point){ 0, 0 }, row);
		if (s->put_by == number || !mongo_fits(ROWLOG_VERSIONS, row))
			return false;
		s->put_by = number;
	}
	return true;
}

static int64_t
time_behind(const struct value *before)
{
	int64_t now = clock_now_us(), last = int_or(*before, now - 1);

	return now > last ? now : last + 1;
}

static enum err
add_commit(struct batch *b, const struct unit *u)
{
	const struct entity *t = &b->engine->schema->entities[ENTITY_COMMITS];
	DOCUMENT d = BSON_INITIALIZER;
	struct value row[ENTITY_FIELDS_MAX] = {
		[COMMIT_BRANCH] = of_int(b->run->branch),
		[COMMIT_SEQ] = of_int(++b->head),
		[COMMIT_ID] = of_id(u->id),
		[COMMIT_PARENT] = b->head_id,
		[COMMIT_AUTHOR] = of_text(u->author),
		[COMMIT_MESSAGE] = of_text(u->message),
		[COMMIT_AT_US] = of_int(time_behind(&b->head_us)),
	};

	if (u->request_hash.ptr != NULL)
		row[COMMIT_HASH] =
		    (struct value){ VALUE_BYTES, { .s = u->request_hash } };
	if (u->merged.branch != 0) {
		row[COMMIT_MERGED_BRANCH] = of_int(u->merged.branch);
		row[COMMIT_MERGED_SEQ] = of_int(u->merged.seq);
	}
	b->head_id = row[COMMIT_ID];
	b->head_us = row[COMMIT_AT_US];
	add_row(&d, t, row);
	return bulk_add(b->commits, &d);
}

static enum err
apply_unit(struct batch *b, const struct unit *u, struct unit_result *ret)
{
	TRY(add_commit(b, u));
	for (size_t i = 0; i < u->put_count; i++) {
		struct slot *s = slot_of(b, &u->puts[i].key);

		s->seq = b->head;
		s->deleted = u->puts[i].deleted;
		s->changed = true;
	}
	*ret =
	    (struct unit_result){ .verdict = VERDICT_APPLIED, .seq = b->head };
	return OK;
}

static enum err
judge_unit(struct batch *b, size_t n)
{
	const struct unit *u = &b->run->unit[n];
	struct unit_result *ret = &b->run->ret[n];

	*ret = (struct unit_result){ .verdict = VERDICT_INVALID };
	if (!unit_is_storable(b->engine->schema, u))
		return OK;
	if (find_done(b, n, ret)) {
		ret->verdict = VERDICT_ALREADY;
		return OK;
	}
	ret->verdict = branch_verdict(b->ref, u);
	if (ret->verdict != VERDICT_NONE)
		return OK;
	for (size_t i = 0; i < u->expect_count; i++) {
		if (holds(b, &u->expects[i]))
			continue;
		ret->verdict = VERDICT_CONFLICT;
		ret->failed = i;
		return OK;
	}
	ret->verdict = VERDICT_INVALID;
	return puts_are_storable(b, u, n + 1) ? apply_unit(b, u, ret) : OK;
}

/* ---- writing */

static enum err
write_versions(struct batch *b)
{
	BULK bulk = bulk_of(b->engine, "insert", "documents", ROWLOG_VERSIONS);

	for (size_t i = 0; i < b->run->count; i++) {
		const struct unit *u = &b->run->unit[i];
		const struct point at = { b->run->branch, b->run->ret[i].seq };

		if (b->run->ret[i].verdict != VERDICT_APPLIED)
			continue;
		for (size_t k = 0; k < u->put_count; k++) {
			struct version v = u->puts[k];
			struct value row[VERSION_FIELDS];
			DOCUMENT d = BSON_INITIALIZER;

			if (v.origin.branch == 0)
				v.origin = at;
			version_to_row(&v, at, row);
			add_row(&d, ROWLOG_VERSIONS, row);
			TRY(bulk_add(&bulk, &d));
		}
	}
	return bulk_flush(&bulk);
}

static enum err
add_entry(struct bulk *bulk, int64_t branch, const struct slot *s)
{
	DOCUMENT d = BSON_INITIALIZER;
	struct value key[ENTRY_FIELDS];
	bson_t part, set;

	entry_to_key(branch, s->key, key);
	bson_append_document_begin(&d, "q", -1, &part);
	add_key(&part, ROWLOG_ENTRIES, key);
	bson_append_document_end(&d, &part);
	bson_append_document_begin(&d, "u", -1, &part);
	bson_append_document_begin(&part, "$set", -1, &set);
	bson_append_int64(
	    &set, field_path(ROWLOG_ENTRIES, ENTRY_SEQ), -1, s->seq);
	bson_append_int64(
	    &set, field_path(ROWLOG_ENTRIES, ENTRY_DELETED), -1, s->deleted);
	bson_append_document_end(&part, &set);
	bson_append_document_end(&d, &part);
	bson_append_bool(&d, "upsert", -1, true);
	return bulk_add(bulk, &d);
}

static enum err
write_entries(struct batch *b)
{
	BULK bulk = bulk_of(b->engine, "update", "updates", ROWLOG_ENTRIES);

	for (size_t i = 0; i < b->slot_count; i++)
		if (b->slots[i].changed)
			TRY(add_entry(&bulk, b->run->branch, &b->slots[i]));
	return bulk_flush(&bulk);
}

/* The transaction cannot give back one unit's: where a write fails its unit,
 * nothing is kept, and the units go one by one. */
static enum err
write_records(struct batch *b, bool *ret_clash)
{
	struct engine *g = b->engine;

	*ret_clash = false;
	for (size_t i = 0; i < b->run->count && !*ret_clash; i++) {
		const struct unit *u = &b->run->unit[i];

		if (b->run->ret[i].verdict != VERDICT_APPLIED)
			continue;
		for (size_t k = 0; k < u->write_count && !*ret_clash; k++) {
			const struct write *w = &u->writes[k];
			enum verdict verdict;

			TRY(g->ops->write(
			    g, &g->schema->entities[w->entity], w, &verdict));
			*ret_clash = verdict != VERDICT_NONE;
		}
	}
	return OK;
}

enum err
batch_work(struct engine *g, void *arg, bool *ret_keep)
{
	const struct entity *t = &g->schema->entities[ENTITY_COMMITS];
	BULK commits = bulk_of(g, "insert", "documents", t);
	struct batch b = { .engine = g, .run = arg, .commits = &commits };

	make_slots(&b);
	TRY(read_all(&b));
	for (size_t i = 0; i < b.run->count; i++)
		TRY(judge_unit(&b, i));
	TRY(bulk_flush(&commits));
	TRY(write_versions(&b));
	TRY(write_entries(&b));
	TRY(write_records(&b, &b.run->clashed));
	*ret_keep = !b.run->clashed; /* without writes too: what was read is
				      * durable */
	return OK;
}
