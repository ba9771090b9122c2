/*
 * merge_append.c - files that source appended, in fresh manifests.
 *
 * A file is known by its path: what the base or target have under whatever
 * snapshot, merges before this one included, is not added again.
 */
#include "iceberg/merge_append.h"

#include "base/list.h"
#include "iceberg/member.h"

#define MANIFEST_BYTES ((size_t)8 << 20) /* the reference's target size */

struct id
append_sync(const struct merging *m, size_t index)
{
	struct id id = m->in->random;

	for (size_t i = 0; i < sizeof(index); i++)
		id.b[i] ^= (uint8_t)((index + 1) >> (8 * i));
	return id;
}

static enum err
end_manifest(struct appending *a)
{
	struct merging *m = a->m;
	struct str bytes = { 0 };

	if (!a->writing)
		return OK;
	a->writing = false;
	LIST_RESERVE(m->arena, a->rows.at, a->rows.count, a->row_room, 1);
	TRY(manifest_writer_finish(
	    &a->writer, &bytes, &a->rows.at[a->rows.count], m->e));
	a->rows.count++;
	merge_add_file(m, a->setting.path, bytes);
	return OK;
}

/* The spec by which source wrote, which the result has to have, too. */
static yyjson_mut_val *
spec_of(struct merging *m, int32_t id)
{
	yyjson_mut_val *spec =
	    metadata_entry(m->source, "partition-specs", "spec-id", id);
	bool old =
	    metadata_entry(m->base, "partition-specs", "spec-id", id) != NULL;

	if (old &&
	    metadata_entry(m->target, "partition-specs", "spec-id", id) == NULL)
		return NULL;
	return spec;
}

static enum err
begin_manifest(struct appending *a, yyjson_mut_val *spec)
{
	struct merging *m = a->m;
	struct partition_spec fields;

	TRY(end_manifest(a));
	TRY(partition_spec_read(m->arena, spec, &fields, m->e));
	a->setting = (struct manifest_setting){
		.format_version = a->version,
		.path = arena_printf(m->arena, STR_FMT "/%s-m%zu.avro",
		    STR_ARG(a->directory), a->uuid, a->rows.count),
		.spec_id = a->read->spec_id,
		.schema = json_mut_text(m->arena, m->schema),
		.spec = json_mut_text(m->arena, member_find(spec, "fields")),
		.partition = a->partition,
		.type =
		    partition_type_of(m->arena, &fields, a->schemas, SCHEMAS),
		.snapshot_id = m->snapshot_id,
		.sync = append_sync(m, a->rows.count),
	};
	a->writer = manifest_writer_new(m->arena, &a->setting);
	a->writing = true;
	return OK;
}

/* The manifest being read has changed, or the one being written is full. */
static enum err
choose_manifest(
    struct appending *a, struct side *s, const struct manifest_reader *reader)
{
	const struct manifest *from = reader->manifest;
	yyjson_mut_val *spec;
	bool fits = a->writing && a->setting.spec_id == from->spec_id &&
		    avro_writer_size(&a->writer.file) < MANIFEST_BYTES;

	if (a->read != from) {
		a->read = from;
		TRY(manifest_partition_schema(
		    a->m->arena, reader, &a->partition, a->m->e));
	}
	if (fits && str_eq(a->partition, a->setting.partition))
		return OK;
	spec = spec_of(a->m, from->spec_id);
	if (spec == NULL)
		return side_refuse(s,
		    "A manifest is of a partition spec that one "
		    "side does not have.",
		    from->path);
	return begin_manifest(a, spec);
}

/* How many partitions are touched is of interest to readers of summaries. */
static void
count_partition(struct appending *a, const struct data_file *f)
{
	struct arena_mark mark = arena_mark(a->m->arena);
	struct buf b = buf_in(a->m->arena);

	avro_put_long(&b, a->setting.spec_id);
	avro_put_value(&b, f->partition->type, f->partition);
	if (!path_add(&a->partitions, buf_str(&b)))
		arena_cut(a->m->arena, mark);
}

static enum err
append_file(void *self, struct side *s, const struct manifest_reader *reader,
    const struct manifest_entry *entry)
{
	struct data_file file = entry->file;
	struct appending *a = self;

	if (path_see(&a->base, file.path) || path_see(&a->target, file.path) ||
	    !path_add(&a->added, file.path))
		return OK;
	TRY(choose_manifest(a, s, reader));
	if (s->failed)
		return OK;
	file.first_row_id = MANIFEST_NONE; /* rows get ids of target */
	count_partition(a, &file);
	a->files++;
	if (__builtin_add_overflow(
		a->records, file.record_count, &a->records) ||
	    __builtin_add_overflow(a->bytes, file.size, &a->bytes))
		return fail(a->m->e, ERR_BAD_REQUEST,
		    "The files that are added have more rows or bytes than 64 "
		    "bits count");
	return manifest_writer_add(&a->writer, &file, a->m->e);
}

/* ---- what is there */
struct collecting {
	struct paths *to, *seen;
};

static enum err
collect(void *self, struct side *s, const struct manifest_reader *reader,
    const struct manifest_entry *entry)
{
	const struct collecting *c = self;

	(void)s;
	(void)reader;
	(void)path_add(c->to, entry->file.path);
	if (c->seen != NULL)
		(void)path_see(c->seen, entry->file.path);
	return OK;
}

/* Files that the base has and a side's history does not tell. */
static enum err
read_base(struct merging *m, const struct history *base,
    const struct history *side, struct paths *to, bool *ret_failed)
{
	struct side s = side_of(m, m->base, base, side);
	struct collecting c = { to, NULL };

	TRY(side_each(&s, collect, &c));
	*ret_failed = s.failed;
	return OK;
}

static enum err
read_target(struct appending *a, const struct history *base,
    const struct history *target, bool *ret_failed)
{
	struct merging *m = a->m;
	struct side s = side_of(m, m->target, target, base);
	struct paths old = paths_in(m->arena);
	struct collecting c = { &a->target, &old };

	TRY(read_base(m, base, target, &old, ret_failed));
	if (*ret_failed)
		return OK;
	TRY(side_each(&s, collect, &c));
	*ret_failed =
	    s.failed || !paths_are_seen(m, &old,
			    "Target does not have files that both sides had.");
	return OK;
}

static enum err
read_source(struct appending *a, const struct history *base,
    const struct history *source, bool *ret_failed)
{
	struct merging *m = a->m;
	struct side s = side_of(m, m->source, source, base);

	TRY(read_base(m, base, source, &a->base, ret_failed));
	if (*ret_failed)
		return OK;
	TRY(side_each(&s, append_file, a));
	*ret_failed =
	    s.failed || !paths_are_seen(m, &a->base,
			    "Source does not have files that both sides had.");
	return OK;
}

static enum err
begin(struct merging *m, struct appending *a)
{
	int ours = metadata_format_version(m->target);
	int theirs = metadata_format_version(m->source);
	yyjson_mut_val *schema = metadata_entry(m->source, "schemas",
	    "schema-id", metadata_number(m->source, "current-schema-id", -1));

	*a = (struct appending){ .m = m,
		.version = ours > theirs ? ours : theirs,
		.base = paths_in(m->arena),
		.target = paths_in(m->arena),
		.added = paths_in(m->arena),
		.partitions = paths_in(m->arena),
		.directory = metadata_file_directory(m->target) };
	id_format(m->in->random, a->uuid);
	TRY(schema_read(m->arena, m->schema, &a->schemas[0], m->e));
	return schema_read(m->arena, schema, &a->schemas[1], m->e);
}

enum err
merge_append(struct merging *m, const struct history *base,
    const struct history *source, const struct history *target)
{
	struct appending *a = ARENA_NEW(m->arena, struct appending, 1);
	bool failed = false;

	TRY(begin(m, a));
	TRY(read_target(a, base, target, &failed));
	if (failed)
		return OK;
	TRY(read_source(a, base, source, &failed));
	if (failed)
		return OK;
	if (a->files == 0) {
		merge_main(m, target->count != 0 ? target->at[0].id : -1);
		return OK;
	}
	TRY(end_manifest(a));
	return append_snapshot(a, target);
}
