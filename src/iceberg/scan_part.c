/*
 * scan_part.c - plans some manifests: their files, with the deletes that apply.
 */
#include "iceberg/delete_index.h"
#include "iceberg/scan_inside.h"

#define DELETES_MAX 1000000 /* delete files that are looked at */

struct part {
	const struct scan_plan *plan;
	struct work_budget *budget;
	struct arena *file;   /* as long as one manifest */
	struct arena *row;    /* as long as one entry */
	struct arena *answer; /* of the deletes */
	struct delete_index index;
	size_t *numbered, number_count; /* deletes that were used */
	struct buf *tasks;
	size_t began;        /* tasks->len before the first */
	size_t delete_bytes; /* that the answer may have for deletes */
	int64_t rows;        /* that need no filter and have no deletes */
	struct error *error;
};

/* An entry, as both kinds of manifests are looked at. */
struct found {
	const struct manifest_entry *entry;
	const struct scan_spec *spec;
	const struct literal *partition;
};

static enum err
read_partition(struct part *p, struct found *f, enum match *ret)
{
	const struct partition_type *type = &f->spec->type;
	struct literal *values = ARENA_NEW(p->row, struct literal, type->count);

	/* each field of the type is looked for among those of the record */
	(void)work_steps(p->budget,
	    type->count * f->entry->file.partition->as.list.count / 4);
	TRY(partition_read(type, f->entry->file.partition, values, p->error));
	f->partition = values;
	*ret = evaluate_partition(p->plan->filter, type, values, p->budget);
	return OK;
}

static struct str
key_of(struct arena *a, const struct found *f)
{
	return partition_key(a, f->spec->id, &f->spec->type, f->partition,
	    f->entry->file.partition);
}

static enum err
too_large(struct part *p)
{
	return fail(p->error, ERR_BAD_REQUEST,
	    "This part of the plan is larger than %zu MiB, or has more than %d "
	    "delete files; a narrower filter or fewer stats-fields make it "
	    "smaller",
	    SCAN_BYTES_MAX >> 20, DELETES_MAX);
}

/* ---- deletes */
static enum err
take_delete(struct part *p, struct found *f)
{
	static const struct file_columns none = { 0 };
	struct buf json = buf_in(p->answer);
	struct str key;
	enum match match = MATCHES_SOME;

	TRY(read_partition(p, f, &match));
	if (match == MATCHES_NONE)
		return OK;
	if (p->index.count == DELETES_MAX)
		return too_large(p);
	data_file_write(&json, p->row, &f->entry->file, f->spec->id,
	    &f->spec->type, f->partition, none);
	key = key_of(p->answer, f);
	delete_index_add(
	    &p->index, f->entry, &f->spec->type, key, buf_str(&json));
	p->delete_bytes += json.len + key.len;
	return p->delete_bytes > SCAN_BYTES_MAX ? too_large(p) : OK;
}

/* The place of a delete file in the answer, from its first use on. */
static int64_t
number_of(struct part *p, size_t i)
{
	struct delete_file *d = &p->index.at[i];

	if (d->number < 0) {
		p->numbered[p->number_count] = i;
		d->number = (int64_t)p->number_count++;
	}
	return d->number;
}

static void
write_deletes(const struct part *p)
{
	buf_add(p->tasks, STR(",\"delete-files\":["));
	for (size_t i = 0; i < p->number_count; i++) {
		if (i != 0)
			buf_add_char(p->tasks, ',');
		buf_add(p->tasks, p->index.at[p->numbered[i]].json);
	}
	buf_add_char(p->tasks, ']');
}

/* ---- tasks */
static void
write_references(struct part *p, const struct delete_matches *deletes)
{
	if (deletes->count == 0)
		return;
	buf_add(p->tasks, STR(",\"delete-file-references\":"));
	for (size_t i = 0; i < deletes->count; i++) {
		buf_add_char(p->tasks, i == 0 ? '[' : ',');
		buf_add_int(p->tasks, number_of(p, deletes->at[i]));
	}
	buf_add_char(p->tasks, ']');
}

static void
write_task(struct part *p, const struct found *f)
{
	const struct scan_plan *plan = p->plan;
	struct delete_matches deletes = { 0 };
	const struct expression *residual = evaluate_residual(
	    p->row, plan->filter, &f->spec->type, f->partition, p->budget);

	if (p->index.count != 0)
		delete_index_find(&p->index, p->row, f->entry,
		    key_of(p->row, f), p->budget, &deletes);
	if (p->tasks->len != p->began)
		buf_add_char(p->tasks, ',');
	buf_add(p->tasks, STR("{\"data-file\":"));
	data_file_write(p->tasks, p->row, &f->entry->file, f->spec->id,
	    &f->spec->type, f->partition, plan->stats);
	write_references(p, &deletes);
	buf_add(p->tasks, STR(",\"residual-filter\":"));
	expression_write(p->tasks, residual);
	buf_add_char(p->tasks, '}');
	if (residual->kind == EXPRESSION_TRUE && deletes.count == 0)
		p->rows += f->entry->file.record_count;
}

static enum err
take_data(struct part *p, struct found *f)
{
	const struct scan_plan *plan = p->plan;
	const struct data_file *file = &f->entry->file;
	struct file_metrics metrics;
	enum match match = MATCHES_SOME;

	TRY(read_partition(p, f, &match));
	if (match == MATCHES_NONE)
		return OK;
	metrics = data_file_metrics(p->row, file, plan->filter_columns);
	if (evaluate_file(plan->filter, &metrics, p->budget) != MATCHES_NONE)
		write_task(p, f);
	return p->tasks->len > SCAN_BYTES_MAX ? too_large(p) : OK;
}

/* ---- manifests */

/* In a scan of appends, what the manifest's own snapshot has added. */
static bool
is_wanted(const struct scan_plan *plan, const struct manifest *m,
    const struct manifest_entry *entry)
{
	if (plan->snapshots.appends)
		return entry->status == ENTRY_ADDED &&
		       entry->snapshot_id == m->added_snapshot_id;
	return entry->status != ENTRY_DELETED;
}

static bool
has_enough(const struct part *p)
{
	return p->plan->min_rows > 0 && p->rows >= p->plan->min_rows;
}

/* Those that a delete file is looked for by, or a filter or client asks of. */
static unsigned
metrics_wanted(const struct scan_plan *plan, enum manifest_content content)
{
	if (content == MANIFEST_DELETES)
		return MANIFEST_BOUNDS;
	if (plan->stats.count != 0)
		return MANIFEST_COUNTS | MANIFEST_BOUNDS | MANIFEST_SIZES;
	return plan->filter_columns.count != 0
		   ? MANIFEST_COUNTS | MANIFEST_BOUNDS
		   : 0;
}

static enum err
check_memory(const struct part *p)
{
	TRY(arena_check(p->row, p->error));
	TRY(arena_check(p->answer, p->error));
	return arena_check(p->tasks->arena, p->error);
}

typedef enum err taker(struct part *, struct found *);

static enum err
read_entries(struct part *p, const struct scan_source *s, taker *take)
{
	const struct scan_manifest *m = &p->plan->manifests[s->manifest];
	struct manifest_reader reader;
	struct manifest_entry entry;
	bool more = true;

	TRY(manifest_open(p->file, &m->row, s->bytes,
	    metrics_wanted(p->plan, m->row.content), p->budget, &reader,
	    p->error));
	while (!has_enough(p)) {
		struct found f = { &entry, m->spec, NULL };

		arena_reset(p->row);
		TRY(manifest_next(&reader, p->row, &entry, &more, p->error));
		if (!more)
			return OK;
		if (is_wanted(p->plan, &m->row, &entry))
			TRY(take(p, &f));
		TRY(check_memory(p));
	}
	return OK;
}

static enum err
read_manifests(struct part *p, struct scan_sources all,
    enum manifest_content content, taker *take)
{
	for (size_t i = 0; i < all.count; i++) {
		const struct scan_source *s = &all.at[i];

		if (p->plan->manifests[s->manifest].row.content != content)
			continue;
		arena_reset(p->file);
		TRY(read_entries(p, s, take));
	}
	return OK;
}

static enum err
write_part(struct part *p, struct scan_sources all)
{
	buf_add(p->tasks, STR("\"file-scan-tasks\":["));
	p->began = p->tasks->len;
	TRY(read_manifests(p, all, MANIFEST_DELETES, take_delete));
	TRY(delete_index_sort(&p->index, p->error));
	p->numbered = ARENA_NEW(p->answer, size_t, p->index.count);
	TRY(read_manifests(p, all, MANIFEST_DATA, take_data));
	buf_add_char(p->tasks, ']');
	write_deletes(p);
	return work_check(p->budget, p->error);
}

enum err
scan_plan_write(const struct scan_plan *plan, struct scan_sources all,
    struct buf *ret, struct error *e)
{
	struct part p = { .plan = plan,
		.budget = plan->budget,
		.file = scan_arena(),
		.row = scan_arena(),
		.answer = scan_arena(),
		.tasks = ret,
		.error = e };

	p.index.arena = p.answer;

	enum err err = write_part(&p, all);

	arena_free(p.answer);
	arena_free(p.row);
	arena_free(p.file);
	return err;
}
