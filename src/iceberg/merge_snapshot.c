/*
 * merge_snapshot.c - the snapshot that has source's files besides target's.
 *
 * It is newer than all of both sides: its sequence number is above both, its
 * rows have ids of target's.
 */
#include <inttypes.h>

#include "iceberg/member.h"
#include "iceberg/merge_append.h"

/* Counts entries, which a list of format version 1 need not tell. */
static enum err
count_entry(void *self, const struct manifest_reader *reader,
    const struct manifest_entry *entry, bool *io_more, struct error *e)
{
	struct manifest *m = self;
	int64_t *const files[] = { [ENTRY_EXISTING] = &m->existing_files,
		[ENTRY_ADDED] = &m->added_files,
		[ENTRY_DELETED] = &m->deleted_files };
	int64_t *const rows[] = { [ENTRY_EXISTING] = &m->existing_rows,
		[ENTRY_ADDED] = &m->added_rows,
		[ENTRY_DELETED] = &m->deleted_rows };

	(void)reader;
	(void)io_more;
	++*files[entry->status];
	if (__builtin_add_overflow(*rows[entry->status],
		entry->file.record_count, rows[entry->status]))
		return fail(e, ERR_BAD_REQUEST,
		    "Manifest " STR_FMT ": it has more rows than 64 bits count",
		    STR_ARG(m->path));
	return OK;
}

static enum err
complete_counts(
    const struct snapshot_files *files, struct manifest *m, struct error *e)
{
	const struct manifest row = *m;

	m->added_files = m->existing_files = m->deleted_files = 0;
	m->added_rows = m->existing_rows = m->deleted_rows = 0;
	return snapshot_entries(files, &row, count_entry, m, e);
}

static bool
lacks_counts(const struct manifest *m)
{
	return m->added_files < 0 || m->existing_files < 0 ||
	       m->deleted_files < 0 || m->added_rows < 0 ||
	       m->existing_rows < 0 || m->deleted_rows < 0;
}

/* The manifests of target as they are. */
static enum err
add_old_rows(
    struct appending *a, const struct history *target, struct list_writer *list)
{
	struct merging *m = a->m;
	struct snapshot_files files = { m->arena, m->target, m->in->reader,
		m->in->budget };
	struct manifest_rows rows = { 0 };

	if (target->count == 0)
		return OK;
	TRY(snapshot_manifests(&files, target->at[0].json, &rows, m->e));
	for (size_t i = 0; i < rows.count; i++) {
		struct manifest *row = &rows.at[i];

		if (a->version >= 2 && lacks_counts(row))
			TRY(complete_counts(&files, row, m->e));
		TRY(list_writer_add(list, row, m->e));
	}
	return OK;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static enum err
write_list(struct appending *a, const struct history *target,
    const struct list_setting *setting, struct str *ret_path,
    int64_t *ret_next_row_id)
{
	struct merging *m = a->m;
	struct list_writer list = list_writer_new(m->arena, setting);
	struct str bytes = { 0 };

	for (size_t i = 0; i < a->rows.count; i++) {
		struct manifest *row = &a->rows.at[i];

		row->sequence_number = setting->sequence_number;
		row->min_sequence_number = setting->sequence_number;
		TRY(list_writer_add(&list, row, m->e));
	}
	TRY(add_old_rows(a, target, &list));
	TRY(list_writer_finish(&list, &bytes, ret_next_row_id, m->e));
	*ret_path =
	    arena_printf(m->arena, STR_FMT "/snap-%" PRId64 "-1-%s.avro",
		STR_ARG(a->directory), m->snapshot_id, a->uuid);
	merge_add_file(m, *ret_path, bytes);
	return OK;
}

/* ---- its summary (table spec, "Optional Snapshot Summary Fields") */
static void
put_count(const struct merging *m, yyjson_mut_val *summary, const char *name,
    int64_t n)
{
	member_put_string(
	    m->doc, summary, name, arena_printf(m->arena, "%" PRId64, n));
}

/* A total that the snapshot before does not say is not known. */
static void
put_total(const struct merging *m, yyjson_mut_val *summary, const char *name,
    const yyjson_mut_val *before, int64_t added)
{
	int64_t total = 0;

	if (before != NULL &&
	    !str_to_int(
		json_mut_str(member_find(member_find(before, "summary"), name)),
		&total))
		return;
	if (!__builtin_add_overflow(total, added, &total))
		put_count(m, summary, name, total);
}

static yyjson_mut_val *
summary_of(const struct appending *a, const yyjson_mut_val *before)
{
	const struct merging *m = a->m;
	yyjson_mut_val *s = yyjson_mut_obj(m->doc);

	member_put_string(m->doc, s, "operation", STR("append"));
	put_count(m, s, "source-snapshot-id",
	    metadata_number(m->source, "current-snapshot-id", -1));
	put_count(m, s, "added-data-files", a->files);
	put_count(m, s, "added-records", a->records);
	put_count(m, s, "added-files-size", a->bytes);
	put_count(
	    m, s, "changed-partition-count", (int64_t)a->partitions.count);
	put_total(m, s, "total-data-files", before, a->files);
	put_total(m, s, "total-records", before, a->records);
	put_total(m, s, "total-files-size", before, a->bytes);
	put_total(m, s, "total-delete-files", before, 0);
	put_total(m, s, "total-position-deletes", before, 0);
	put_total(m, s, "total-equality-deletes", before, 0);
	return s;
}

/* ---- the updates */
enum err
append_snapshot(struct appending *a, const struct history *target)
{
	struct merging *m = a->m;
	int64_t first = metadata_number(m->target, "next-row-id", 0), next = 0;
	struct list_setting setting = { .format_version = a->version,
		.snapshot_id = m->snapshot_id,
		.parent_id =
		    target->count != 0 ? target->at[0].id : MANIFEST_NONE,
		.first_row_id = first,
		.sync = append_sync(m, a->rows.count) };
	yyjson_mut_val *snapshot = yyjson_mut_obj(m->doc);
	struct str list = { 0 };

	if (a->version >= 2 &&
	    __builtin_add_overflow(1,
		larger(metadata_number(m->source, "last-sequence-number", 0),
		    metadata_number(m->target, "last-sequence-number", 0)),
		&setting.sequence_number))
		return fail(m->e, ERR_BAD_REQUEST,
		    "No sequence number is left in 64 bits");
	TRY(write_list(a, target, &setting, &list, &next));
	member_put_number(m->doc, snapshot, "snapshot-id", m->snapshot_id);
	if (target->count != 0)
		member_put_number(
		    m->doc, snapshot, "parent-snapshot-id", target->at[0].id);
	if (a->version >= 2)
		member_put_number(m->doc, snapshot, "sequence-number",
		    setting.sequence_number);
	member_put_number(m->doc, snapshot, "timestamp-ms",
	    larger(m->in->now_ms, metadata_last_updated_ms(m->target)));
	member_put_string(m->doc, snapshot, "manifest-list", list);
	member_put(m->doc, snapshot, "summary",
	    summary_of(a, target->count != 0 ? target->at[0].json : NULL));
	member_put_number(m->doc, snapshot, "schema-id", m->schema_id);
	if (a->version >= 3) {
		member_put_number(m->doc, snapshot, "first-row-id", first);
		member_put_number(m->doc, snapshot, "added-rows", next - first);
	}
	member_put(
	    m->doc, merge_update(m, "add-snapshot"), "snapshot", snapshot);
	merge_main(m, m->snapshot_id);
	return OK;
}
