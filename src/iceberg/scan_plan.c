/* scan_plan.c - from a request to the manifests that have to be read. */
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

/* Columns that are of the row and not of the table (table spec, "Reserved
 * Field IDs"): they may be selected of any. */
static bool
is_of_row(struct str name)
{
	static const char *const names[] = { "_file", "_pos", "_deleted",
		"_spec_id", "_partition", "_row_id",
		"_last_updated_sequence_number", "_change_type",
		"_change_ordinal", "_commit_snapshot_id" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(name, str_from(names[i])))
			return true;
	return false;
}

static enum err
check_select(
    const struct scan_plan *p, const struct scan_request *r, struct error *e)
{
	struct str *names = ARENA_NEW(p->arena, struct str, r->select.count);
	struct names of_table = { names, 0 };
	struct file_columns columns;

	for (size_t i = 0; i < r->select.count; i++)
		if (!is_of_row(r->select.at[i]))
			names[of_table.count++] = r->select.at[i];
	return columns_named(p->arena, &p->schemas[0], of_table,
	    r->case_sensitive, "/select", &columns, e);
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
	TRY(check_select(p, r, e));
	return columns_named(p->arena, &p->schemas[0], r->stats_fields,
	    r->case_sensitive, "/stats-fields", &p->stats, e);
}

enum err
scan_plan_new(const struct metadata *m, const struct scan_request *r,
    struct scan_plan **ret, struct error *e)
{
	struct scan_plan *p = ARENA_NEW(m->arena, struct scan_plan, 1);
	int64_t schema_id = metadata_number(m, "current-schema-id", -1);

	p->arena = m->arena;
	p->metadata = m;
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
	yyjson_mut_val *json =
	    metadata_entry(p->metadata, "partition-specs", "spec-id", id);
	struct scan_spec *spec = ARENA_NEW(p->arena, struct scan_spec, 1);
	struct partition_spec parsed;

	if (json == NULL)
		return fail(e, ERR_BAD_REQUEST,
		    "A manifest is of partition spec %d, which the table does "
		    "not have",
		    (int)id);
	TRY(partition_spec_read(p->arena, json, &parsed, e));
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

enum err
scan_plan_add_list(struct scan_plan *p, const struct scan_snapshot *s,
    struct str bytes, struct error *e)
{
	size_t had = p->manifest_count;
	struct manifests list;

	TRY(manifest_list_read(p->arena, s->manifest_list, bytes, &list, e));
	p->manifests =
	    arena_grow(p->arena, p->manifests, had * sizeof(*p->manifests),
		(had + list.count) * sizeof(*p->manifests));
	for (size_t i = 0; i < list.count; i++) {
		struct scan_manifest *m = &p->manifests[p->manifest_count];

		if (!is_of_scan(p, &list.at[i], s))
			continue;
		m->row = list.at[i];
		TRY(spec_of(p, m->row.spec_id, &m->spec, e));
		p->manifest_count++;
	}
	return OK;
}

/* ---- parts */

/* Whether a manifest may hold files that the plan is about. */
static bool
is_wanted(const struct scan_plan *p, size_t i, enum manifest_content content)
{
	const struct manifest *m = &p->manifests[i].row;
	const struct partition_type *type = &p->manifests[i].spec->type;
	bool has_summaries =
	    m->summaries != NULL && m->summary_count == type->count;

	if (m->content != content)
		return false;
	if (p->snapshots.appends ? m->added_files == 0 : !manifest_has_live(m))
		return false;
	return evaluate_manifest(p->filter, type,
		   has_summaries ? m->summaries : NULL) != MATCHES_NONE;
}

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
		if (!is_wanted(p, i, MANIFEST_DATA))
			continue;

		const int64_t more = bytes_of(&p->manifests[i].row);
		bool full = taken == SCAN_PART_MANIFESTS ||
			    bytes + more > SCAN_PART_BYTES;

		if (parts.count == 0 || (full && parts.count < most)) {
			parts.at[parts.count++].from = i;
			taken = 0;
			bytes = 0;
		}
		parts.at[parts.count - 1].to = i + 1;
		taken++;
		bytes += more;
	}
	return parts;
}

static void
add_sources(const struct scan_plan *p, struct scan_range range,
    enum manifest_content content, struct scan_sources *io)
{
	for (size_t i = range.from; i < range.to; i++)
		if (is_wanted(p, i, content))
			io->at[io->count++] =
			    (struct scan_source){ .manifest = i,
				    .path = p->manifests[i].row.path };
}

/* Deletes first: they have to be known before the data. */
struct scan_sources
scan_plan_sources(const struct scan_plan *p, struct scan_range range)
{
	struct scan_range all = { 0, p->manifest_count };
	struct scan_sources sources = {
		.at = ARENA_NEW(p->arena, struct scan_source, p->manifest_count)
	};

	if (range.to > p->manifest_count)
		range.to = p->manifest_count;
	add_sources(p, all, MANIFEST_DELETES, &sources);
	add_sources(p, range, MANIFEST_DATA, &sources);
	return sources;
}
