/*
 * merge_fixture.h - a table of format version 3 whose two sides have appended a
 * file each to that of their base; its manifests are made here.
 */
#ifndef PANGOLIN_MERGE_FIXTURE_H
#define PANGOLIN_MERGE_FIXTURE_H

#include <stdlib.h>

#include "iceberg/manifest_write.h"
#include "iceberg/table_merge.h"

#define MERGE_NOW_MS 1700000200000
#define MERGE_ROWS 10 /* of each file */

enum { BASE, SOURCE, TARGET, SIDES };

/* Manifest lists, then manifests, of the sides. */
enum { LISTS, MANIFESTS = LISTS + SIDES, FILES = MANIFESTS + SIDES };

struct merge_world {
	struct arena *arena;
	struct metadata sides[SIDES];
	struct str paths[FILES], files[FILES];
	struct manifest rows[SIDES];
	struct work_budget budget;
};

static inline struct str
with_quotes(struct arena *a, struct str s)
{
	struct str copy = arena_copy(a, s);

	for (size_t i = 0; i < copy.len; i++)
		if (copy.ptr[i] == '\'')
			((char *)(uintptr_t)copy.ptr)[i] = '"';
	return copy;
}

/* The partition of the file: kind is a letter of its side. */
static inline struct avro_value
partition_of(int side, struct avro_value *room)
{
	static const struct avro_type text = { .kind = AVRO_STRING,
		.min_size = 1 };
	static const struct avro_type null = { .kind = AVRO_NULL };
	static const struct avro_field branches[] = { { .type = &null },
		{ .type = &text } };
	static const struct avro_type either = { .kind = AVRO_UNION,
		.fields = branches,
		.count = 2,
		.min_size = 1 };
	static const struct avro_field field = {
		.name = STR_INIT("kind"), .id = 1000, .type = &either
	};
	static const struct avro_type record = {
		.kind = AVRO_RECORD, .fields = &field, .count = 1, .min_size = 1
	};
	static const char kinds[] = "abc";

	*room = (struct avro_value){ .type = &text };
	room->as.s = (struct str){ &kinds[side], 1 };
	return (struct avro_value){ .type = &record,
		.as.list = { .at = room, .count = 1 } };
}

static inline void
make_manifest(struct merge_world *w, int side)
{
	struct partition_column kind = { .id = 1000,
		.name = STR_INIT("kind"),
		.type = { .kind = TYPE_STRING } };
	struct manifest_setting setting = { .format_version = 3,
		.path = w->paths[MANIFESTS + side],
		.schema = STR("{}"),
		.spec = STR("[]"),
		.partition = with_quotes(w->arena,
		    STR("{'type':'record','name':'r102','fields':[{'name':"
			"'kind','type':['null','string'],'field-id':1000}]}")),
		.type = { &kind, 1 },
		.snapshot_id = side + 1 };
	struct manifest_writer writer = manifest_writer_new(w->arena, &setting);
	struct avro_value kind_value;
	struct avro_value partition = partition_of(side, &kind_value);
	struct data_file file = { .path = arena_printf(
				      w->arena, "file:/w/%d.parquet", side),
		.format = STR("PARQUET"),
		.partition = &partition,
		.record_count = MERGE_ROWS,
		.size = 100,
		.sort_order_id = MANIFEST_NONE,
		.first_row_id = MANIFEST_NONE,
		.content_offset = MANIFEST_NONE,
		.content_size = MANIFEST_NONE };
	struct error e;

	if (manifest_writer_add(&writer, &file, &e) != OK ||
	    manifest_writer_finish(
		&writer, &w->files[MANIFESTS + side], &w->rows[side], &e) != OK)
		abort();
	w->rows[side].sequence_number = w->rows[side].min_sequence_number =
	    side == BASE ? 1 : 2;
}

static inline void
make_list(struct merge_world *w, int side)
{
	struct list_setting setting = { .format_version = 3,
		.snapshot_id = side + 1,
		.parent_id = side == BASE ? MANIFEST_NONE : 1,
		.first_row_id = 0 };
	struct list_writer list = list_writer_new(w->arena, &setting);
	int64_t next;
	struct error e;

	/* the base's first: its rows have the first ids */
	if (list_writer_add(&list, &w->rows[BASE], &e) != OK ||
	    (side != BASE &&
		list_writer_add(&list, &w->rows[side], &e) != OK) ||
	    list_writer_finish(&list, &w->files[LISTS + side], &next, &e) != OK)
		abort();
}

#define FIXTURE_SNAPSHOT(id, parent, sequence, list, first)                    \
	"{'snapshot-id':" id parent ",'sequence-number':" sequence             \
	",'timestamp-ms':1700000000000,'manifest-list':'" list                 \
	"','summary':{'operation':'append','total-records':'10'},"             \
	"'schema-id':0,'first-row-id':" first ",'added-rows':10}"

static inline struct metadata
make_side(struct merge_world *w, int side)
{
	static const char *const snapshots[SIDES] = {
		[BASE] = "",
		[SOURCE] = "," FIXTURE_SNAPSHOT(
		    "2", ",'parent-snapshot-id':1", "2", "file:/w/l1", "10"),
		[TARGET] = "," FIXTURE_SNAPSHOT(
		    "3", ",'parent-snapshot-id':1", "2", "file:/w/l2", "10"),
	};
	struct str text = arena_printf(w->arena,
	    "{'format-version':3,'table-uuid':"
	    "'0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d','location':'file:/w',"
	    "'last-sequence-number':%d,'next-row-id':%d,'last-updated-ms':"
	    "1700000000000,'last-column-id':1,'current-schema-id':0,"
	    "'schemas':[{'type':'struct','schema-id':0,'fields':[{'id':1,"
	    "'name':'kind','required':false,'type':'string'}]}],"
	    "'default-spec-id':0,'last-partition-id':1000,'partition-specs':"
	    "[{'spec-id':0,'fields':[{'source-id':1,'field-id':1000,'name':"
	    "'kind','transform':'identity'}]}],'default-sort-order-id':0,"
	    "'sort-orders':[{'order-id':0,'fields':[]}],'properties':{},"
	    "'current-snapshot-id':%d,'refs':{'main':{'snapshot-id':%d,"
	    "'type':'branch'}},'snapshots':[%s%s]}",
	    side == BASE ? 1 : 2, side == BASE ? 10 : 20, side + 1, side + 1,
	    FIXTURE_SNAPSHOT("1", "", "1", "file:/w/l0", "0"), snapshots[side]);
	struct metadata m;
	struct error e;

	if (metadata_parse(w->arena, with_quotes(w->arena, text), &m, &e) != OK)
		abort();
	return m;
}

static inline void
make_world(struct merge_world *w, struct arena *a)
{
	*w = (struct merge_world){ .arena = a };
	for (int i = 0; i < SIDES; i++) {
		w->paths[LISTS + i] = arena_printf(a, "file:/w/l%d", i);
		w->paths[MANIFESTS + i] = arena_printf(a, "file:/w/m%d", i);
		make_manifest(w, i);
	}
	for (int i = 0; i < SIDES; i++) {
		make_list(w, i);
		w->sides[i] = make_side(w, i);
	}
}

static inline enum err
read_of_world(void *self, struct str location, struct str *ret, struct error *e)
{
	const struct merge_world *w = self;

	for (int i = 0; i < FILES; i++)
		if (str_eq(location, w->paths[i])) {
			*ret = w->files[i];
			return OK;
		}
	/* in brackets: a test library has a macro of this name */
	return (fail)(e, ERR_NOT_FOUND, "There is no file " STR_FMT,
	    STR_ARG(location));
}

/* `sides` of the world, in any order. */
static inline enum err
merge_world(struct merge_world *w, int base, int source, int target,
    struct table_merge *ret, struct error *e)
{
	struct table_merge_input in = { .base = &w->sides[base],
		.source = &w->sides[source],
		.target = &w->sides[target],
		.target_file = STR("file:/w/00001-a.metadata.json"),
		.now_ms = MERGE_NOW_MS,
		.random = { { 1, 2, 3 } },
		.reader = { read_of_world, w },
		.budget = &w->budget };

	w->budget = work_until(INT64_MAX);
	return table_merge(&in, ret, e);
}

#endif
