#include "iceberg/merge_sides.h"

#include "base/list.h"
#include "iceberg/member.h"

#define NAMED_FILES 20

struct side
side_of(struct merging *m, const struct metadata *metadata,
    const struct history *h, const struct history *other)
{
	return (struct side){ .m = m,
		.files = { m->arena, metadata, m->in->reader, m->in->budget },
		.history = h,
		.ids = history_ids(m->arena, h, history_above(h, other)) };
}

static void
name_file(struct merging *m, struct table_conflict *c, struct str path)
{
	if (c->files.at == NULL)
		c->files.at = ARENA_NEW(m->arena, struct str, NAMED_FILES);
	if (c->files.count < NAMED_FILES)
		c->files.at[c->files.count++] = arena_copy(m->arena, path);
}

static struct table_conflict *
file_conflict(struct merging *m, const char *message, struct str path)
{
	struct table_conflict *c =
	    merge_conflict(m, CONFLICT_DATA, STR("data"), message);

	if (path.ptr != NULL)
		name_file(m, c, path);
	return c;
}

enum err
side_refuse(struct side *s, const char *message, struct str path)
{
	(void)file_conflict(s->m, message, path);
	s->failed = true;
	return OK;
}

struct visiting {
	struct side *side;
	side_visit *each;
	void *self;
};

static enum err
visit_entry(void *self, const struct manifest_reader *reader,
    const struct manifest_entry *entry, bool *io_more, struct error *e)
{
	const struct visiting *v = self;
	struct side *s = v->side;

	(void)e;
	if (int_map_find(&s->ids, entry->snapshot_id) == NULL)
		return OK;
	if (entry->status == ENTRY_DELETED)
		TRY(side_refuse(s,
		    "A snapshot that says it appends files takes one away.",
		    entry->file.path));
	else
		TRY(v->each(v->self, s, reader, entry));
	*io_more = !s->failed;
	return OK;
}

static enum err
visit_manifest(
    struct side *s, const struct manifest *row, side_visit *each, void *self)
{
	struct visiting v = { s, each, self };

	if (row->content != MANIFEST_DATA)
		return side_refuse(s,
		    "A snapshot that says it appends files deletes rows.",
		    row->path);
	if (row->key_metadata.ptr != NULL)
		return side_refuse(s, "A manifest is encrypted.", row->path);
	return snapshot_entries(&s->files, row, visit_entry, &v, s->m->e);
}

/* All entries of these snapshots that are live in the newest. */
enum err
side_each(struct side *s, side_visit *each, void *self)
{
	struct manifest_rows rows = { 0 };

	if (s->ids.root == NULL)
		return OK;
	TRY(snapshot_manifests(
	    &s->files, s->history->at[0].json, &rows, s->m->e));
	for (size_t i = 0; i < rows.count && !s->failed; i++)
		if (int_map_find(&s->ids, rows.at[i].added_snapshot_id) != NULL)
			TRY(visit_manifest(s, &rows.at[i], each, self));
	return OK;
}

/* ---- names for conflicts */
struct naming {
	struct merging *m;
	int64_t snapshot;
	struct table_conflict *conflict;
};

static enum err
name_taken(void *self, const struct manifest_reader *reader,
    const struct manifest_entry *entry, bool *io_more, struct error *e)
{
	const struct naming *n = self;
	const struct data_file *f = &entry->file;

	(void)reader;
	(void)e;
	if (entry->snapshot_id == n->snapshot &&
	    (entry->status == ENTRY_DELETED || f->content != FILE_DATA))
		name_file(n->m, n->conflict,
		    f->referenced_data_file.ptr != NULL
			? f->referenced_data_file
			: f->path);
	*io_more = n->conflict->files.count < NAMED_FILES;
	return OK;
}

static enum err
name_all(struct merging *m, const struct snapshot_files *files,
    const yyjson_mut_val *snapshot, struct table_conflict *c)
{
	int64_t id = member_number(member_find(snapshot, "snapshot-id"));
	struct naming naming = { m, id, c };
	struct manifest_rows rows = { 0 };

	TRY(snapshot_manifests(files, snapshot, &rows, m->e));
	for (size_t i = 0; i < rows.count; i++)
		if (rows.at[i].added_snapshot_id == id)
			TRY(snapshot_entries(
			    files, &rows.at[i], name_taken, &naming, m->e));
	return OK;
}

/* Without names a conflict is one nevertheless. */
void
merge_name_files(struct merging *m, const struct metadata *metadata,
    const yyjson_mut_val *snapshot, struct table_conflict *c)
{
	struct snapshot_files files = { m->arena, metadata, m->in->reader,
		m->in->budget };
	struct table_conflict copy = *c;
	struct error *e = m->e, ignored;

	m->e = &ignored;
	(void)!name_all(m, &files, snapshot, &copy);
	m->e = e;
	c->files = copy.files;
}

/* ---- paths */
struct paths
paths_in(struct arena *a)
{
	return (struct paths){ .arena = a, .map = str_map_in(a) };
}

bool
path_add(struct paths *p, struct str path)
{
	struct known_path *known;

	if (str_map_find(&p->map, path) != NULL)
		return false;
	known = ARENA_NEW(p->arena, struct known_path, 1);
	known->path = arena_copy(p->arena, path);
	*str_map_slot(&p->map, known->path) = known;
	LIST_RESERVE(p->arena, p->at, p->count, p->room, 1);
	p->at[p->count++] = known;
	return true;
}

bool
path_see(struct paths *p, struct str path)
{
	struct known_path *known = str_map_find(&p->map, path);

	if (known != NULL)
		known->seen = true;
	return known != NULL;
}

bool
paths_are_seen(struct merging *m, const struct paths *base, const char *message)
{
	struct table_conflict *c = NULL;

	for (size_t i = 0; i < base->count; i++) {
		if (base->at[i]->seen)
			continue;
		if (c == NULL)
			c = file_conflict(m, message, base->at[i]->path);
		else
			name_file(m, c, base->at[i]->path);
	}
	return c == NULL;
}
