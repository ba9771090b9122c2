#include "api/conflict_text.h"

#include "base/buf.h"
#include "catalog/names.h"

/* In the order of enum merge_conflict, from 1 on. */
static const char *const types[] = { "", "SchemaChange", "DataOverlap",
	"MetadataConflict", "DeletionConflict", "NameConflict",
	"NamespaceDeletion" };

static const struct {
	struct str name;
	enum merge_strategy strategy;
	bool told; /* it is how this strategy is told */
} strategies[] = {
	{ STR_INIT("TakeSource"), STRATEGY_SOURCE, true },
	{ STR_INIT("TakeTarget"), STRATEGY_TARGET, true },
	{ STR_INIT("Manual"), STRATEGY_MANUAL, true },
	{ STR_INIT("AutoMerge"), STRATEGY_AUTO, true },
	{ STR_INIT("ThreeWayMerge"), STRATEGY_AUTO, false },
	{ STR_INIT("Auto"), STRATEGY_AUTO, false },
	{ STR_INIT("take_source"), STRATEGY_SOURCE, false },
	{ STR_INIT("take_target"), STRATEGY_TARGET, false },
	{ STR_INIT("manual"), STRATEGY_MANUAL, false },
	{ STR_INIT("auto"), STRATEGY_AUTO, false },
	{ STR_INIT("source"), STRATEGY_SOURCE, false },
	{ STR_INIT("target"), STRATEGY_TARGET, false },
};

#define STRATEGIES (sizeof(strategies) / sizeof(strategies[0]))

int
strategy_parse(struct str name)
{
	for (size_t i = 0; i < STRATEGIES; i++)
		if (str_eq(strategies[i].name, name))
			return (int)strategies[i].strategy;
	return 0;
}

static struct str
strategy_told(int strategy)
{
	for (size_t i = 0; i < STRATEGIES; i++)
		if ((int)strategies[i].strategy == strategy &&
		    strategies[i].told)
			return strategies[i].name;
	return STR("AutoMerge");
}

/* ---- objects */
struct object {
	struct arena *arena;
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;
};

static struct object
object_in(struct arena *a)
{
	yyjson_mut_doc *doc = json_new(a);

	return (struct object){ a, doc, yyjson_mut_obj(doc) };
}

static void
add(struct object *o, const char *name, yyjson_mut_val *v)
{
	(void)yyjson_mut_obj_add(o->root, yyjson_mut_str(o->doc, name), v);
}

static void
add_text(struct object *o, const char *name, struct str value)
{
	add(o, name, json_of(o->doc, value));
}

/* A value of stored JSON; null: there is none, or it is not right. */
static void
add_json(struct object *o, const char *name, struct str text)
{
	struct error ignored;
	yyjson_mut_val *v = NULL;

	if (text.ptr == NULL ||
	    json_parse_copy(o->arena, text, o->doc, &v, &ignored) != OK)
		v = yyjson_mut_null(o->doc);
	add(o, name, v);
}

/* ---- a conflict */
static struct str
shown(struct arena *a, struct key key)
{
	struct ident ident = { key.ns, key.name };

	return key.ns.len != 0 ? ident_shown(a, ident) : key.name;
}

static struct str
member(struct arena *a, struct str value, const char *name)
{
	struct error ignored;
	struct pairs pairs;

	if (value.ptr == NULL ||
	    json_to_pairs(a, value, &pairs, &ignored) != OK)
		return (struct str){ 0 };
	return pairs_find(pairs, str_from(name));
}

/* Names, and beside them what each side has. */
static void
add_fields(struct object *o, struct str fields)
{
	yyjson_mut_val *names = yyjson_mut_arr(o->doc), *all = NULL;
	struct error ignored;
	size_t i, count;
	yyjson_mut_val *one;

	if (json_parse_copy(o->arena, fields, o->doc, &all, &ignored) != OK)
		all = yyjson_mut_arr(o->doc);
	yyjson_mut_arr_foreach(all, i, count, one)
	{
		yyjson_mut_val *name = yyjson_mut_obj_get(one, "property");

		if (name != NULL)
			yyjson_mut_arr_append(
			    names, yyjson_mut_val_mut_copy(o->doc, name));
	}
	add(o, "conflicting_properties", names);
	add(o, "properties", all);
}

static struct str
details_of(struct arena *a, const struct merge_conflict_row *c)
{
	struct object o = object_in(a);
	struct str both = c->what.ptr != NULL ? c->what : STR("[]");

	add_text(&o, "asset_name", c->key.name);
	switch (c->kind) {
	case CONFLICT_OF_SCHEMA:
		add_json(
		    &o, "source_schema", member(a, c->source_value, "schema"));
		add_json(
		    &o, "target_schema", member(a, c->target_value, "schema"));
		break;
	case CONFLICT_OF_DATA:
		add_json(&o, "overlapping_partitions", both);
		break;
	case CONFLICT_OF_METADATA:
		add_fields(&o, both);
		break;
	case CONFLICT_OF_DELETION:
	case CONFLICT_OF_NAMESPACE:
		add_text(&o, "deleted_in",
		    c->in_source ? STR("source") : STR("target"));
		add_text(&o, "modified_in",
		    c->in_source ? STR("target") : STR("source"));
		break;
	case CONFLICT_OF_NAME:
		add_text(&o, "source_name", member(a, c->source_value, "name"));
		add_text(&o, "target_name", member(a, c->target_value, "name"));
		break;
	}
	return json_mut_text(a, o.root);
}

static struct str
type_of(struct arena *a, const struct merge_conflict_row *c, struct str details)
{
	size_t kind = (size_t)c->kind;

	if (kind >= sizeof(types) / sizeof(types[0]))
		kind = CONFLICT_OF_METADATA;
	return arena_printf(
	    a, "{\"%s\":" STR_FMT "}", types[kind], STR_ARG(details));
}

static struct str
resolution_of(struct arena *a, const struct merge_conflict_row *c)
{
	struct buf text = buf_in(a);
	const struct resolution_body body = { .conflict = c->id,
		.strategy = strategy_told(c->strategy),
		.value = c->value,
		.resolved_by = c->resolved_by,
		.resolved_us = c->resolved_us };

	if (c->strategy == 0)
		return (struct str){ 0 };
	form_encode(&form_conflict_resolution, &body, &text);
	return buf_str(&text);
}

struct conflict_body
conflict_body_of(struct arena *a, const struct merge_conflict_row *c)
{
	struct str details = details_of(a, c);

	return (struct conflict_body){ .id = c->id,
		.operation = c->operation,
		.type = type_of(a, c, details),
		.asset = c->object,
		.asset_name = shown(a, c->key),
		.details = details,
		.description = c->reason,
		.resolution = resolution_of(a, c),
		.created_us = c->created_us,
		.base = c->base_value,
		.source = c->source_value,
		.target = c->target_value };
}
