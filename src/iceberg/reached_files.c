#include "iceberg/reached_files.h"

#include "base/clock.h"
#include "iceberg/member.h"
#include "iceberg/snapshot_files.h"
#include "iceberg/table_path.h"

#define READ_US (60 * CLOCK_SECOND) /* what may pass between two files */

struct walk {
	const struct reached_files *files;
	struct error *error;
	struct work_budget budget;
	enum err failed; /* of a visit */
	bool more;
};

static enum err
visit(struct walk *w, enum reached what, struct str path, enum err read)
{
	const struct reached_files *f = w->files;
	struct arena_mark mark = arena_mark(f->arena);

	if (path.ptr != NULL)
		path =
		    table_path(f->arena, metadata_location(f->metadata), path);
	w->failed = f->visit(f->self, what, path, read, &w->more);
	arena_cut(f->arena, mark);
	w->budget.deadline_us = clock_mono_us() + READ_US;
	return w->failed;
}

static enum err
visit_entry(void *self, const struct manifest_reader *reader,
    const struct manifest_entry *entry, bool *io_more, struct error *e)
{
	struct walk *w = self;

	(void)reader;
	(void)e;
	TRY(visit(w, REACHED_FILE, entry->file.path, OK));
	*io_more = w->more;
	return OK;
}

/* The memory that one file took is given back before the next one. */
static void
forget(struct walk *w, struct arena_mark mark)
{
	arena_cut(w->files->arena, mark);
	arena_unreserve(w->files->arena);
	w->budget = work_until(clock_mono_us() + READ_US);
}

static enum err
visit_manifest(struct walk *w, const struct snapshot_files *files,
    const struct manifest *m)
{
	struct arena_mark mark = arena_mark(w->files->arena);
	enum err err = snapshot_entries(files, m, visit_entry, w, w->error);

	forget(w, mark);
	if (w->failed != OK || !w->more)
		return w->failed;
	return visit(w, REACHED_MANIFEST, m->path, err);
}

static enum err
visit_snapshot(struct walk *w, const struct snapshot_files *files,
    const yyjson_mut_val *snapshot)
{
	struct str list = json_mut_str(member_find(snapshot, "manifest-list"));
	struct manifest_rows rows = { 0 };
	enum err err = snapshot_manifests(files, snapshot, &rows, w->error);

	for (size_t i = 0; err == OK && i < rows.count && w->more; i++)
		TRY(visit_manifest(w, files, &rows.at[i]));
	return w->more ? visit(w, REACHED_LIST, list, err) : OK;
}

enum err
reached_files_visit(const struct reached_files *f, struct error *e)
{
	struct walk w = { .files = f, .error = e, .more = true };
	const struct snapshot_files files = { f->arena, f->metadata, f->reader,
		&w.budget };
	struct arena_mark mark = arena_mark(f->arena);
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(f->metadata, "snapshots"));
	yyjson_mut_val *snapshot;

	while (w.more && (snapshot = yyjson_mut_arr_iter_next(&it)) != NULL) {
		forget(&w, mark);
		TRY(visit_snapshot(&w, &files, snapshot));
	}
	arena_cut(f->arena, mark);
	return OK;
}
