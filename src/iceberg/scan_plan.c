/* scan_plan.c - finds the manifests that have to be read for a request. */
#include "base/list.h"
#include "iceberg/member.h"
#include "iceberg/scan_inside.h"

/* ---- the table */

/* All of the table, the one with this id first. */
static enum err
read_schemas(struct scan_plan *p, int64_t id, struct error *e)
{
	yyjson_mut_val *list = metadata_list(p->metadata, "schemas");
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(list);
	size_t count = yyjson_mut_arr_size(list), first = 0;
	yyjson_mut_val *json;

	if (count == 0)
		return fail(
		    e, ERR_BAD_REQUEST, "The table's metadata has no schema");
	p->schemas = ARENA_NEW(p->arena, struct schema, count);
	while ((json = yyjson_mut_arr_iter_next(&it)) != NULL) {
		TRY(schema_read(
		    p->arena, json, &p->schemas[p->schema_count], e));
		if (member_number(member_find(json, "schema-id")) == id)
			first = p->schema_count;
		p->schema_count++;
	}

	struct schema chosen = p->schemas[first];

	p->schemas[first] = p->schemas[0];
	p->schemas[0] = chosen;
	return OK;
}

static enum err
bind(struct scan_plan *p, const struct scan_request *r, struct error *e)
{
	const struct expression_context context = { &p->schemas[0],
		r->case_sensitive, "/filter" };

	p->filter = expression_constant(true);
	if (r->filter != NULL)
		TRY(expression_read(
		    p->arena, r->filter, &context, &p->filter, e));
	p->filter_columns = columns_of_filter(p->arena, p->filter);
	return columns_named(p->arena, &p->schemas[0], r->stats_fields,
	    r->case_sensitive, "/stats-fields", &p->stats, e);
}

enum err
scan_plan_new(const struct metadata *m, const struct scan_request *r,
    struct work_budget *budget, struct scan_plan **ret, struct error *e)
{
	struct scan_plan *p = ARENA_NEW(m->arena, struct scan_plan, 1);
	int64_t schema_id = metadata_number(m, "current-schema-id", -1);

	p->arena = m->arena;
	p->metadata = m;
	p->budget = budget;
	p->specs = (struct id_list){
		.metadata = m, .name = "partition-specs", .id_name = "spec-id"
	};
	p->min_rows = r->min_rows;
	TRY(scan_snapshots(m, r, &p->snapshots, e));
	if (r->use_snapshot_schema && p->snapshots.schema_id != -1)
		schema_id = p->snapshots.schema_id;
	TRY(read_schemas(p, schema_id, e));
	TRY(bind(p, r, e));
	*ret = p;
	return OK;
}

const struct scan_snapshots *
scan_plan_snapshots(const struct scan_plan *p)
{
	return &p->snapshots;
}

/* ---- partition specs */
static enum err
read_spec(struct scan_plan *p, int32_t id, const struct scan_spec **ret,
    struct error *e)
{
	yyjson_mut_val *json = id_list_find(&p->specs, id);
	struct scan_spec *spec = ARENA_NEW(p->arena, struct scan_spec, 1);
	struct partition_spec parsed;

	if (json == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "A manifest is of partition spec %d, which the table does "
		    "not have",
		    (int)id);
	TRY(partition_spec_read(p->arena, json, &parsed, e));
	if (parsed.count > SCAN_SPEC_FIELDS_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "Partition spec %d has more than %d fields", (int)id,
		    SCAN_SPEC_FIELDS_MAX);
	spec->id = id;
	spec->type =
	    partition_type_of(p->arena, &parsed, p->schemas, p->schema_count);
	*ret = spec;
	return OK;
}

static enum err
spec_of(struct scan_plan *p, int32_t id, const struct scan_spec **ret,
    struct error *e)
{
	void **slot = int_map_slot(&p->spec_by_id, id, p->arena);

	*ret = *slot;
	if (*ret != NULL)
		return OK;
	TRY(read_spec(p, id, ret, e));
	*slot = (void *)(uintptr_t)*ret;
	return OK;
}

/* ---- manifest lists */

/* Of what a snapshot has appended, the data manifests that it brought. */
static bool
is_of_scan(const struct scan_plan *p, const struct manifest *m,
    const struct scan_snapshot *s)
{
	return !p->snapshots.appends ||
	       (m->content == MANIFEST_DATA && m->added_snapshot_id == s->id);
}

/* Whether a manifest may hold files that the plan is about. */
static bool
is_wanted(const struct scan_plan *p, const struct manifest *m,
    const struct partition_type *type)
{
	bool has_summaries =
	    m->summaries != NULL && m->summary_count == type->count;

	if (p->snapshots.appends ? m->added_files == 0 : !manifest_has_live(m))
		return false;
	return evaluate_manifest(p->filter, type,
		   has_summaries ? m->summaries : NULL,
		   p->budget) != MATCHES_NONE;
}

/* Little is kept of a row: there are many. */
static void
keep(struct scan_plan *p, const struct manifest *row,
    const struct scan_spec *spec)
{
	struct scan_manifest *m;

	LIST_RESERVE(
	    p->arena, p->manifests, p->manifest_count, p->manifest_room, 1);
	m = &p->manifests[p->manifest_count++];
	*m = (struct scan_manifest){ p->places, *row, spec };
	m->row.path = arena_copy(p->arena, row->path);
	m->row.summaries = NULL;
	m->row.summary_count = 0;
}

static enum err
add_row(struct scan_plan *p, const struct scan_snapshot *s,
    const struct manifest *row, struct error *e)
{
	const struct scan_spec *spec = NULL;

	if (!is_of_scan(p, row, s))
		return OK;
	if (p->places == SCAN_MANIFESTS_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "Manifest list " STR_FMT
		    ": with it the plan has more than %d manifests",
		    STR_ARG(s->manifest_list), SCAN_MANIFESTS_MAX);
	if (row->path.len > SCAN_PATH_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "Manifest list " STR_FMT
		    ": the path of a manifest has more than %d bytes",
		    STR_ARG(s->manifest_list), SCAN_PATH_MAX);
	TRY(spec_of(p, row->spec_id, &spec, e));
	if (is_wanted(p, row, &spec->type))
		keep(p, row, spec);
	p->places++;
	return OK;
}

/* `file` is as long as the list, `row` as one of its rows. */
static enum err
add_rows(struct scan_plan *p, const struct scan_snapshot *s, struct str bytes,
    struct arena *file, struct arena *row, struct error *e)
{
	struct manifest_list list;
	struct manifest m;
	bool more = true;

	TRY(manifest_list_open(
	    file, s->manifest_list, bytes, p->budget, &list, e));
	for (;;) {
		arena_reset(row);
		TRY(manifest_list_next(&list, row, &m, &more, e));
		if (!more)
			return work_check(p->budget, e);
		TRY(add_row(p, s, &m, e));
		TRY(arena_check(row, e));
		TRY(arena_check(p->arena, e));
	}
}

enum err
scan_plan_add_list(struct scan_plan *p, const struct scan_snapshot *s,
    struct str bytes, struct error *e)
{
	struct arena *file = scan_arena(), *row = scan_arena();
	enum err err = add_rows(p, s, bytes, file, row, e);

	arena_free(row);
	arena_free(file);
	return err;
}

/* ---- parts */
static int64_t
bytes_of(const struct manifest *m)
{
	return m->length < SCAN_PART_BYTES ? m->length : SCAN_PART_BYTES;
}

/* A part takes manifests until it is full; the last takes what is left. */
struct scan_ranges
scan_plan_cut(const struct scan_plan *p, size_t most)
{
	struct scan_ranges parts = { .at = ARENA_NEW(
					 p->arena, struct scan_range, most) };
	size_t taken = 0;
	int64_t bytes = 0;

	for (size_t i = 0; i < p->manifest_count; i++) {
		const struct scan_manifest *m = &p->manifests[i];

		if (m->row.content != MANIFEST_DATA)
			continue;

		const int64_t more = bytes_of(&m->row);
		bool full = taken == SCAN_PART_MANIFESTS ||
			    bytes + more > SCAN_PART_BYTES;

		if (parts.count == 0 || (full && parts.count < most)) {
			parts.at[parts.count++].from = m->place;
			taken = 0;
			bytes = 0;
		}
		parts.at[parts.count - 1].to = m->place + 1;
		taken++;
		bytes += more;
	}
	return parts;
}

static void
add_sources(const struct scan_plan *p, struct scan_range range,
    enum manifest_content content, struct scan_sources *io)
{
	for (size_t i = 0; i < p->manifest_count; i++) {
		const struct scan_manifest *m = &p->manifests[i];

		if (m->row.content == content && m->place >= range.from &&
		    m->place < range.to)
			io->at[io->count++] =
			    (struct scan_source){ .manifest = i,
				    .path = m->row.path };
	}
}

/* Deletes first: they have to be known before the data. */
struct scan_sources
scan_plan_sources(const struct scan_plan *p, struct scan_range range)
{
	struct scan_range all = { 0, p->places };
	struct scan_sources sources = {
		.at = ARENA_NEW(p->arena, struct scan_source, p->manifest_count)
	};

	add_sources(p, all, MANIFEST_DELETES, &sources);
	add_sources(p, range, MANIFEST_DATA, &sources);
	return sources;
}
