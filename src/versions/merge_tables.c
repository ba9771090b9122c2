#include "versions/merge_tables.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/list.h"
#include "catalog/merge_files.h"
#include "catalog/relations.h"
#include "catalog/table_file.h"
#include "iceberg/view.h"
#include "record/pairs.h"
#include "versions/merge_steps.h"

#define PROPERTY STR("properties.")

struct merged_table {
	struct merge_item *item;
	struct table_merge result;
	bool files_written;
	struct str metadata; /* file that was written; ptr NULL: not yet */
};

struct contents {
	struct call *call;
	struct merge_tables *tables;
	struct merge_item *item;
	struct metadata base, source, target;
	struct table_merge result;
};

/* ---- reading */
static enum err
parse(struct call *c, const struct version *v, struct metadata *ret)
{
	struct str text;
	enum err err;

	TRY(table_file_read(c, v->location, &text));
	err = v->kind == KIND_VIEW ? view_parse(c->arena, text, ret, c->error)
				   : table_file_parse(c, text, ret);
	return table_file_damaged(c, err, v->location);
}

static enum err
merge(struct contents *m, struct merge_choices choices)
{
	struct call *c = m->call;
	struct work_budget budget = work_until(c->deadline_us);
	struct merge_reading reading = { c, m->tables->target };
	const struct table_merge_input table = { .base = &m->base,
		.source = &m->source,
		.target = &m->target,
		.target_file = m->item->target.location,
		.choices = choices,
		.now_ms = clock_now_us() / CLOCK_MS,
		.random = id_v4(),
		.reader = merge_reader(&reading),
		.budget = &budget };
	const struct view_merge_input view = { .base = &m->base,
		.source = &m->source,
		.target = &m->target,
		.choices = choices,
		.now_ms = table.now_ms };

	return m->item->target.kind == KIND_VIEW
		   ? view_merge(&view, &m->result, c->error)
		   : table_merge(&table, &m->result, c->error);
}

/* ---- decisions between single values */
static bool
can_be_chosen(const struct table_conflict *t)
{
	return str_starts_with(t->field, PROPERTY) ||
	       str_eq(t->field, STR("location"));
}

/* How a decision answers one of the conflicts; false: not at all. */
static bool
choose(const struct merge_resolution *r, const struct str_map *values,
    const struct table_conflict *t, struct merge_choice *ret)
{
	const struct pair *pair;

	*ret = (struct merge_choice){ .field = t->field };
	if (!can_be_chosen(t))
		return false;
	if (r->strategy == STRATEGY_SOURCE)
		ret->side = MERGE_SOURCE;
	else if (r->strategy == STRATEGY_TARGET)
		ret->side = MERGE_TARGET;
	else
		ret->side = MERGE_VALUE;
	if (ret->side != MERGE_VALUE)
		return true;
	pair = str_map_find(values, str_starts_with(t->field, PROPERTY)
					? str_skip(t->field, PROPERTY.len)
					: t->field);
	if (pair == NULL)
		return false;
	ret->value = pair->value;
	return true;
}

/* Merges again with what was decided, if all of it can be. */
static enum err
merge_as_decided(struct contents *m, const struct merge_resolution *r)
{
	struct call *c = m->call;
	const struct table_conflicts *open = &m->result.conflicts;
	struct merge_choice *choices =
	    ARENA_NEW(c->arena, struct merge_choice, open->count);
	struct str_map values = str_map_in(c->arena);
	struct pairs pairs = { 0 };

	if (r->body.ptr != NULL)
		TRY(pairs_parse(c, r->body, &pairs));
	for (size_t i = 0; i < pairs.count; i++)
		*str_map_slot(&values, pairs.at[i].name) = &pairs.at[i];
	for (size_t i = 0; i < open->count; i++)
		if (!choose(r, &values, &open->at[i], &choices[i]))
			return OK;
	return merge(m, (struct merge_choices){ choices, open->count });
}

/* ---- conflicts */
static enum merge_conflict
kind_of(const struct table_conflicts *all)
{
	enum merge_conflict kind = CONFLICT_OF_METADATA;

	for (size_t i = 0; i < all->count; i++) {
		if (all->at[i].kind == CONFLICT_SCHEMA)
			return CONFLICT_OF_SCHEMA;
		if (all->at[i].kind == CONFLICT_DATA)
			kind = CONFLICT_OF_DATA;
	}
	return kind;
}

static void
add_name(struct arena *a, struct buf *b, struct str name)
{
	yyjson_mut_doc *doc = json_new(a);

	buf_add_char(b, b->len == 0 ? '[' : ',');
	buf_add(b, json_mut_text(a, json_of(doc, name)));
}

/* Files, or fields. */
static struct str
names_of(struct arena *a, const struct table_conflicts *all,
    enum merge_conflict kind)
{
	struct buf b = buf_in(a);

	for (size_t i = 0; i < all->count; i++) {
		const struct table_conflict *t = &all->at[i];
		struct str field = t->field;

		if (str_starts_with(field, PROPERTY))
			field = str_skip(field, PROPERTY.len);
		if (kind == CONFLICT_OF_METADATA)
			add_changed_field(a, &b, field,
			    (struct str[]){ t->base, t->source, t->target });
		else if (kind != CONFLICT_OF_DATA)
			add_name(a, &b, field);
		else if (t->kind == CONFLICT_DATA)
			for (size_t k = 0; k < t->files.count; k++)
				add_name(a, &b, t->files.at[k]);
	}
	if (b.len == 0)
		return STR("[]");
	buf_add_char(&b, ']');
	return buf_str(&b);
}

static struct str
changed_property(struct arena *a, struct str field)
{
	struct str name = str_skip(field, PROPERTY.len);

	return arena_printf(a,
	    "both sides have changed the property `" STR_FMT "`",
	    STR_ARG(name));
}

static void
refuse(struct contents *m)
{
	const struct table_conflicts *all = &m->result.conflicts;
	struct merge_item *item = m->item;
	struct arena *a = m->call->arena;
	struct buf reason = buf_in(a);

	item->outcome = MERGE_CONFLICT;
	item->conflict = kind_of(all);
	item->what = names_of(a, all, item->conflict);
	buf_add(&reason, item_shown(a, &item->target));
	for (size_t i = 0; i < all->count && i < 5; i++) {
		const struct table_conflict *t = &all->at[i];

		buf_add(&reason, i == 0 ? STR(": ") : STR("; "));
		if (str_starts_with(t->field, PROPERTY))
			buf_add(&reason, changed_property(a, t->field));
		else
			buf_add(&reason, t->message);
		if (t->kind != CONFLICT_SCHEMA || item->source_schema.ptr)
			continue;
		item->source_schema = t->source;
		item->target_schema = t->target;
	}
	item->reason = buf_str(&reason);
}

/* ---- what an earlier plan has merged */
static struct str
versions_text(struct arena *a, const struct merge_item *item)
{
	return arena_printf(a, "%zu:%zu:" STR_FMT STR_FMT STR_FMT,
	    item->base.location.len, item->source.location.len,
	    STR_ARG(item->base.location), STR_ARG(item->source.location),
	    STR_ARG(item->target.location));
}

void
merge_tables_remember(
    struct call *c, const struct merge_tables *tables, struct merged_before *io)
{
	if (io->is_filled)
		return;
	io->by_versions = str_map_in(c->arena);
	io->is_filled = true;
	for (size_t i = 0; i < tables->count; i++) {
		struct merged_table *t = tables->at[i];

		if (t->item->decided == NULL)
			*str_map_slot(&io->by_versions,
			    versions_text(c->arena, t->item)) = t;
	}
}

/* With a decision the versions are not all that the result depends on. */
static bool
find_merged(const struct merge_tables *tables, struct contents *io)
{
	const struct merged_table *found = NULL;

	if (tables->before != NULL && io->item->decided == NULL)
		found = str_map_find(&tables->before->by_versions,
		    versions_text(io->call->arena, io->item));
	if (found != NULL)
		io->result = found->result;
	return found != NULL;
}

/* ---- the merge of one */
/* The metadata file comes to be when all of the merge is known to fit. */
static void
accept(struct contents *m)
{
	struct merge_tables *t = m->tables;
	struct merge_item *item = m->item;
	struct merged_table *merged;

	if (!m->result.changed && key_eq(item->key, item->target.key)) {
		item->outcome = MERGE_SAME;
		return;
	}
	item_put(item, &item->target);
	if (!m->result.changed)
		return;
	item->put.body = item->source.body;
	item->put.location = STR("");
	item->is_made = true;
	merged = ARENA_NEW(m->call->arena, struct merged_table, 1);
	*merged = (struct merged_table){ .item = item, .result = m->result };
	LIST_RESERVE(m->call->arena, t->at, t->count, t->room, 1);
	t->at[t->count++] = merged;
}

/* Without the base nobody knows who has changed what. */
static enum err
parse_base(struct contents *m, bool *ret_gone)
{
	struct call quiet = *m->call;
	struct error why;
	enum err err;

	quiet.error = &why;
	err = parse(&quiet, &m->item->base, &m->base);
	*ret_gone = err == ERR_NOT_FOUND || err == ERR_INTERNAL;
	if (err == OK || *ret_gone)
		return OK;
	*m->call->error = why;
	return err;
}

static enum err
refuse_without_base(struct contents *m)
{
	struct merge_item *item = m->item;
	struct arena *a = m->call->arena;

	item->outcome = MERGE_CONFLICT;
	item->conflict = item->target.kind == KIND_VIEW ? CONFLICT_OF_METADATA
							: CONFLICT_OF_DATA;
	item->reason = arena_printf(a,
	    "Both have changed " STR_FMT ", and the metadata file of what both "
	    "knew cannot be read any more: " STR_FMT,
	    STR_ARG(item_shown(a, &item->target)),
	    STR_ARG(item->base.location));
	return OK;
}

enum err
merge_tables_content(struct call *c, void *arg, struct merge_item *io)
{
	struct contents *m = ARENA_NEW(c->arena, struct contents, 1);
	const struct merge_resolution *r = io->decided;
	bool gone;

	*m = (struct contents){ .call = c, .tables = arg, .item = io };
	TRY(merge_tables_go_on(arg, false));
	if (find_merged(arg, m)) {
		accept(m);
		return OK;
	}
	TRY(parse_base(m, &gone));
	if (gone)
		return refuse_without_base(m);
	TRY(parse(c, &io->source, &m->source));
	TRY(parse(c, &io->target, &m->target));
	TRY(merge(m, (struct merge_choices){ 0 }));
	if (m->result.conflicts.count != 0 && r != NULL)
		TRY(merge_as_decided(m, r));
	if (m->result.conflicts.count != 0)
		refuse(m);
	else
		accept(m);
	return OK;
}

/* ---- files */
/* The additions of both sides may be more together than a file may have. */
static enum err
too_large(struct call *c, const struct merge_item *item)
{
	struct str why = arena_copy(c->arena, str_from(c->error->message));

	return fail(c->error, ERR_BAD_REQUEST,
	    "What both sides have of " STR_FMT
	    " does not fit together: " STR_FMT,
	    STR_ARG(item_shown(c->arena, &item->target)), STR_ARG(why));
}

static enum err
write(struct call *c, const struct branch *target, struct merged_table *t)
{
	const struct metadata *metadata = &t->result.metadata;
	enum err err;

	TRY(merge_files_write(c, target, &t->result.files));
	t->files_written = true;
	FAULT_POINT("merge_manifests_written");
	TRY(location_guard(c, target,
	    kind_title((enum kind)t->item->target.kind),
	    metadata_location(metadata)));
	err = table_file_write(c, metadata, t->item->target.location,
	    metadata_text(metadata), &t->metadata);
	if (err == ERR_BAD_REQUEST)
		return too_large(c, t->item);
	TRY(err);
	t->item->put.location = t->metadata;
	return OK;
}

enum err
merge_tables_write(struct call *c, struct merge_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++) {
		if (tables->at[i]->item->outcome != MERGE_PUT ||
		    !tables->at[i]->item->is_made)
			continue;
		TRY(merge_tables_go_on(tables, false));
		TRY(write(c, tables->target, tables->at[i]));
	}
	FAULT_POINT("merge_files_written");
	return OK;
}

void
merge_tables_discard(struct call *c, struct merge_tables *tables)
{
	for (size_t i = 0; i < tables->count; i++) {
		struct merged_table *t = tables->at[i];

		if (t->metadata.ptr != NULL)
			table_file_discard(c, t->metadata);
		if (t->files_written)
			merge_files_discard(c, &t->result.files);
		t->metadata = (struct str){ 0 };
		t->files_written = false;
	}
}
