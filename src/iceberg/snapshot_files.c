#include "iceberg/snapshot_files.h"

#include "base/list.h"
#include "iceberg/member.h"
#include "iceberg/table_path.h"

#define ENTRY_MEMORY ((size_t)512 << 20) /* what one is decoded to */

static enum err
read_file(const struct snapshot_files *f, struct str path, struct str *ret,
    struct error *e)
{
	struct str location =
	    table_path(f->arena, metadata_location(f->metadata), path);

	if (!work_look(f->budget))
		return work_check(f->budget, e);
	return f->reader.read(f->reader.self, location, ret, e);
}

/* Texts that the next row overwrites are copied. */
static void
keep_row(struct arena *a, struct manifest *m)
{
	struct partition_summary *summaries;

	m->path = arena_copy(a, m->path);
	if (m->key_metadata.ptr != NULL)
		m->key_metadata = arena_copy(a, m->key_metadata);
	if (m->summaries == NULL)
		return;
	summaries = ARENA_NEW(a, struct partition_summary, m->summary_count);
	for (size_t i = 0; i < m->summary_count; i++) {
		summaries[i] = m->summaries[i];
		if (summaries[i].lower.ptr != NULL)
			summaries[i].lower = arena_copy(a, summaries[i].lower);
		if (summaries[i].upper.ptr != NULL)
			summaries[i].upper = arena_copy(a, summaries[i].upper);
	}
	m->summaries = summaries;
}

static enum err
read_rows(const struct snapshot_files *f, struct manifest_list *list,
    struct manifest_rows *ret, struct error *e)
{
	struct manifest_rows rows = { 0 };
	size_t room = 0;
	bool more = true;

	for (;;) {
		LIST_RESERVE(f->arena, rows.at, rows.count, room, 1);
		TRY(manifest_list_next(
		    list, f->arena, &rows.at[rows.count], &more, e));
		if (!more)
			break;
		keep_row(f->arena, &rows.at[rows.count++]);
		TRY(arena_check(f->arena, e));
		if (rows.count > SNAPSHOT_MANIFESTS_MAX)
			return fail(e, ERR_BAD_REQUEST,
			    "Manifest list " STR_FMT
			    ": it has more than %d manifests",
			    STR_ARG(list->path), SNAPSHOT_MANIFESTS_MAX);
	}
	*ret = rows;
	return OK;
}

enum err
snapshot_manifests(const struct snapshot_files *f,
    const yyjson_mut_val *snapshot, struct manifest_rows *ret, struct error *e)
{
	struct str path = json_mut_str(member_find(snapshot, "manifest-list"));
	struct manifest_list list;
	struct str bytes = { 0 };

	if (path.ptr == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "Snapshot %lld has no manifest list",
		    (long long)member_number(
			member_find(snapshot, "snapshot-id")));
	TRY(read_file(f, path, &bytes, e));
	TRY(manifest_list_open(f->arena, path, bytes, f->budget, &list, e));
	return read_rows(f, &list, ret, e);
}

static enum err
visit(const struct snapshot_files *f, struct manifest_reader *reader,
    struct arena *scratch, entry_visit *each, void *self, struct error *e)
{
	struct manifest_entry entry = { 0 };
	bool more = true;

	for (;;) {
		arena_reset(scratch);
		TRY(manifest_next(reader, scratch, &entry, &more, e));
		if (!more)
			return OK;
		TRY(each(self, reader, &entry, &more, e));
		TRY(arena_check(f->arena, e));
		if (!more)
			return OK;
	}
}

enum err
snapshot_entries(const struct snapshot_files *f, const struct manifest *m,
    entry_visit *each, void *self, struct error *e)
{
	struct manifest_reader reader;
	struct arena *scratch;
	struct str bytes = { 0 };
	enum err err;

	TRY(read_file(f, m->path, &bytes, e));
	TRY(manifest_open(f->arena, m, bytes,
	    MANIFEST_COUNTS | MANIFEST_BOUNDS | MANIFEST_SIZES, f->budget,
	    &reader, e));
	scratch = arena_new();
	arena_set_ceiling(scratch, ENTRY_MEMORY);
	err = visit(f, &reader, scratch, each, self, e);
	arena_free(scratch);
	return err;
}
