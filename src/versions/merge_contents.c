/* merge_contents.c - what both sides have changed: three-way, or a conflict. */
#include "base/buf.h"
#include "catalog/moved.h"
#include "catalog/property_limits.h"
#include "record/pairs.h"
#include "versions/merge_steps.h"

#define VALUE_SHOWN 1000 /* bytes of JSON */
#define FIELDS_SHOWN_BYTES 100000
#define NAMES_SHOWN 5

/* ---- conflicts */
static struct point
origin_of(const struct version *v)
{
	return v->kind != 0 ? v->origin : (struct point){ 0 };
}

static bool
point_eq(struct point a, struct point b)
{
	return a.branch == b.branch && a.seq == b.seq;
}

/* NULL: there is none of what both show now. */
static const struct merge_resolution *
resolution_of(const struct merge_plan *p, const struct merge_item *item)
{
	const struct merge_resolution *r;

	if (p->sides->resolutions == NULL)
		return NULL;
	r = str_map_find(
	    p->sides->resolutions, key_text(p->call->arena, item->key));
	if (r == NULL || !point_eq(r->source, origin_of(&item->source)) ||
	    !point_eq(r->target, origin_of(&item->target)))
		return NULL;
	return r;
}

/* The source's state is the result: no other name shows the object. */
static void
take_source(struct merge_plan *p, struct merge_item *item)
{
	bool renamed = version_is_live(&item->target) &&
		       !key_eq(item->target.key, item->key);

	if (version_is_live(&item->source))
		item_put(item, &item->source);
	else if (version_is_live(&item->there) &&
		 id_eq(item->there.object, item->target.object))
		item_drop(item);
	else
		item->outcome = MERGE_KEEP;
	if (!renamed)
		return;

	struct merge_item *other = plan_item(p, item->target.key);

	if (other->there.kind == 0)
		other->there = other->target = item->target;
	if (other->outcome != MERGE_PUT)
		item_drop(other);
}

/* The target's content stays; the name may be the source's.  Where it is not,
 * a tombstone says so to those that know of the source's name. */
static void
take_target(struct merge_item *item)
{
	const struct version *source = &item->source, *target = &item->target;
	bool same_key = key_eq(target->key, item->key);

	item->outcome = MERGE_KEEP;
	if (item->conflict < CONFLICT_OF_DELETION && !same_key) {
		item_put(item, target);
	} else if (item->key.space == SPACE_RELATION && !same_key &&
		   id_eq(source->object, target->object) &&
		   !version_is_live(&item->there)) {
		item_put(item, source);
		version_move_away(&item->put);
	}
}

static void
take_manual(struct merge_item *item, const struct merge_resolution *r)
{
	const struct version *like =
	    version_is_live(&item->target) ? &item->target : &item->source;

	item_put(item, like);
	item->put.deleted = false;
	if (r->location.ptr != NULL) {
		item->decided = r;
		item->put.location = r->location;
		if (version_is_live(&item->source) &&
		    id_eq(item->source.object, like->object))
			item->put.body = item->source.body; /* its claims */
	}
	if (r->body.ptr != NULL)
		item->put.body = r->body;
}

/* The whole item; single values are the business of who merges contents. */
static bool
decides_alone(const struct merge_resolution *r, const struct merge_item *item)
{
	if (r->strategy == STRATEGY_MANUAL)
		return r->location.ptr != NULL ||
		       item->key.space == SPACE_NAMESPACE;
	return r->strategy != STRATEGY_AUTO;
}

enum err
plan_resolve(struct merge_plan *p, struct merge_item *item, bool *ret)
{
	const struct merge_resolution *r = resolution_of(p, item);

	*ret = r != NULL && decides_alone(r, item);
	if (!*ret)
		return OK;
	item->conflict = r->conflict;
	if (r->strategy == STRATEGY_SOURCE)
		take_source(p, item);
	else if (r->strategy == STRATEGY_TARGET)
		take_target(item);
	else
		take_manual(item, r);
	return OK;
}

enum err
plan_conflict(struct merge_plan *p, struct merge_item *item,
    enum merge_conflict conflict, struct str reason)
{
	bool resolved;

	item->outcome = MERGE_CONFLICT;
	item->conflict = conflict;
	item->reason = reason;
	return plan_resolve(p, item, &resolved);
}

/* ---- what both have changed, field by field */
static struct str
quoted(struct arena *a, struct str s)
{
	return json_mut_text(a, json_of(json_new(a), s));
}

static struct str
cut(struct arena *a, struct str text)
{
	size_t len = VALUE_SHOWN;

	if (text.ptr == NULL)
		return STR("null");
	if (text.len <= VALUE_SHOWN)
		return text;
	while (len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
		len--;
	return quoted(a, arena_printf(a, STR_FMT "...",
			     STR_ARG(((struct str){ text.ptr, len }))));
}

void
add_changed_field(struct arena *a, struct buf *io, struct str name,
    const struct str values[3])
{
	if (io->len >= FIELDS_SHOWN_BYTES)
		return;
	buf_add(io, arena_printf(a,
			"%s{\"property\":" STR_FMT ",\"base\":" STR_FMT
			",\"source\":" STR_FMT ",\"target\":" STR_FMT "}",
			io->len == 0 ? "[" : ",", STR_ARG(quoted(a, name)),
			STR_ARG(cut(a, values[0])), STR_ARG(cut(a, values[1])),
			STR_ARG(cut(a, values[2]))));
}

/* ---- properties of a namespace */
struct properties {
	struct arena *arena;
	struct pairs source, target, merged;
	struct str_map by_name[3]; /* of base, source, target */
	struct buf both;           /* as JSON */
	struct buf names;          /* the first of them */
	size_t count;
};

static bool
same_text(struct str a, struct str b)
{
	return (a.ptr == NULL) == (b.ptr == NULL) &&
	       (a.ptr == NULL || str_eq(a, b));
}

static struct str
value_in(const struct str_map *map, struct str name)
{
	const struct pair *pair = str_map_find(map, name);

	return pair != NULL ? pair->value : (struct str){ 0 };
}

static struct str_map
map_of(struct arena *a, struct pairs pairs)
{
	struct str_map map = str_map_in(a);

	for (size_t i = 0; i < pairs.count; i++)
		*str_map_slot(&map, pairs.at[i].name) = &pairs.at[i];
	return map;
}

static void
keep_pair(struct properties *m, struct str name, struct str value)
{
	if (value.ptr != NULL)
		m->merged.at[m->merged.count++] = (struct pair){ name, value };
}

static void
tell_pair(struct properties *m, struct str name, const struct str sides[3])
{
	struct str values[3] = { 0 };

	for (int i = 0; i < 3; i++)
		if (sides[i].ptr != NULL)
			values[i] = quoted(m->arena, sides[i]);
	add_changed_field(m->arena, &m->both, name, values);
	if (m->count++ >= NAMES_SHOWN)
		return;
	buf_add(&m->names, m->count == 1 ? STR(": ") : STR(", "));
	buf_add(&m->names, name);
}

static void
merge_pair(struct properties *m, struct str name)
{
	struct str base = value_in(&m->by_name[0], name);
	struct str source = value_in(&m->by_name[1], name);
	struct str target = value_in(&m->by_name[2], name);

	if (same_text(source, target) || same_text(source, base)) {
		keep_pair(m, name, target);
	} else if (same_text(target, base)) {
		keep_pair(m, name, source);
	} else {
		tell_pair(m, name, (struct str[]){ base, source, target });
	}
}

static enum err
merge_properties(struct call *c, struct merge_item *item, struct properties *m)
{
	struct str_map seen = str_map_in(c->arena);
	struct pairs base = { 0 };

	*m = (struct properties){ .arena = c->arena,
		.both = buf_in(c->arena),
		.names = buf_in(c->arena) };
	/* what was dropped before both made it again is nobody's base */
	if (item->has_base && version_is_live(&item->base))
		TRY(pairs_parse(c, item->base.body, &base));
	TRY(pairs_parse(c, item->source.body, &m->source));
	TRY(pairs_parse(c, item->target.body, &m->target));
	m->by_name[0] = map_of(c->arena, base);
	m->by_name[1] = map_of(c->arena, m->source);
	m->by_name[2] = map_of(c->arena, m->target);
	m->merged.at = ARENA_NEW(
	    c->arena, struct pair, m->source.count + m->target.count + 1);
	for (size_t i = 0; i < m->target.count + m->source.count; i++) {
		struct str name = i < m->target.count
				      ? m->target.at[i].name
				      : m->source.at[i - m->target.count].name;
		void **slot = str_map_slot(&seen, name);

		if (*slot == NULL)
			merge_pair(m, name);
		*slot = m;
	}
	return OK;
}

static enum err
namespace_content(struct merge_plan *p, struct merge_item *item)
{
	struct call *c = p->call;
	struct str shown = item_shown(c->arena, &item->target);
	struct error too_many;
	struct properties m;

	TRY(merge_properties(c, item, &m));
	if (m.both.len != 0) {
		buf_add_char(&m.both, ']');
		item->what = buf_str(&m.both);
		return plan_conflict(p, item, CONFLICT_OF_METADATA,
		    arena_printf(c->arena,
			"Both have changed properties of " STR_FMT STR_FMT,
			STR_ARG(shown), STR_ARG(buf_str(&m.names))));
	}
	if (properties_fit(m.merged, "together", &too_many) != OK)
		return plan_conflict(p, item, CONFLICT_OF_METADATA,
		    arena_printf(c->arena,
			"Both have added properties to " STR_FMT ", %s",
			STR_ARG(shown), too_many.message));
	item_put(item, &item->target);
	item->put.body = json_of_pairs(c->arena, m.merged);
	if (same_state(&item->put, &item->target))
		item->outcome = MERGE_SAME;
	return OK;
}

/* ---- tables and views */
static enum err
take_content(struct merge_item *item, const struct version *v)
{
	if (same_state(v, &item->target) && key_eq(item->key, item->target.key))
		item->outcome = MERGE_SAME;
	else
		item_put(item, v);
	return OK;
}

static enum err
no_content(struct merge_plan *p, struct merge_item *item)
{
	struct arena *a = p->call->arena;
	struct str shown = item_shown(a, &item->target);

	return plan_conflict(p, item,
	    item->target.kind == KIND_VIEW ? CONFLICT_OF_METADATA
					   : CONFLICT_OF_DATA,
	    arena_printf(a, "Both have changed " STR_FMT, STR_ARG(shown)));
}

static bool
has_file(const struct merge_item *item)
{
	return item->decided != NULL &&
	       item->decided->strategy == STRATEGY_MANUAL &&
	       item->decided->location.ptr != NULL;
}

enum err
plan_content(struct merge_plan *p, struct merge_item *item)
{
	const struct version *base = &item->base;
	bool known = item->has_base && version_is_live(base) &&
		     id_eq(base->object, item->target.object);

	item->decided = resolution_of(p, item);
	if (same_state(&item->source, &item->target))
		return take_content(item, &item->target);
	if (known && same_state(base, &item->source))
		return take_content(item, &item->target);
	if (known && same_state(base, &item->target))
		return take_content(item, &item->source);
	if (!known || p->sides->content == NULL || has_file(item))
		return no_content(p, item);
	TRY(p->sides->content(p->call, p->sides->content_arg, item));
	if (item->outcome == MERGE_CONFLICT)
		return plan_conflict(p, item, item->conflict, item->reason);
	if (item->decided != NULL)
		item->conflict = item->decided->conflict;
	return OK;
}

/* Neither side's change can be told from what the other has undone. */
static enum err
no_base(struct merge_plan *p, struct merge_item *item)
{
	struct arena *a = p->call->arena;
	struct str shown = item_shown(a, &item->target);

	return plan_conflict(p, item,
	    item->target.kind == KIND_TABLE ? CONFLICT_OF_DATA
					    : CONFLICT_OF_METADATA,
	    arena_printf(a,
		"Both have changed " STR_FMT
		" since a state that is older than history.retention and was "
		"forgotten",
		STR_ARG(shown)));
}

static bool
has_lost_base(const struct merge_plan *p, const struct merge_item *item)
{
	return p->base_lost && version_is_live(&item->source) &&
	       version_is_live(&item->target) &&
	       !same_state(&item->source, &item->target);
}

static enum err
namespace_both(struct merge_plan *p, struct merge_item *item)
{
	struct arena *a = p->call->arena;
	bool in_source = !version_is_live(&item->source);
	const struct version *v = in_source ? &item->target : &item->source;
	struct str shown = item_shown(a, v);

	if (version_is_live(&item->source) && version_is_live(&item->target))
		return namespace_content(p, item);
	if (item->has_base && version_is_live(&item->base) &&
	    same_state(&item->base, v)) {
		/* its properties are what they were: it is only gone */
		if (in_source)
			item_drop(item);
		else
			item->outcome = MERGE_KEEP;
		return OK;
	}
	item->deleted_in_source = in_source;
	return plan_conflict(p, item, CONFLICT_OF_NAMESPACE,
	    arena_printf(a,
		"One side has dropped " STR_FMT
		", and the other has changed it",
		STR_ARG(shown)));
}

enum err
plan_contents(struct merge_plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct merge_item *item = p->at[i];

		if (item->outcome != MERGE_CONFLICT || item->conflict != 0)
			continue;
		if (has_lost_base(p, item))
			TRY(no_base(p, item));
		else if (item->key.space == SPACE_NAMESPACE)
			TRY(namespace_both(p, item));
		else
			TRY(plan_content(p, item));
		TRY(arena_check(p->call->arena, p->call->error));
	}
	return OK;
}
