#include "catalog/views.h"

#include "base/clock.h"
#include "catalog/relation_write.h"
#include "catalog/table_file.h"
#include "iceberg/view.h"
#include "record/retry.h"

/* Until it is stored, or there is no place for it any more. */
static enum err
put_new(struct call *c, const struct branch *b, const struct metadata *m,
    struct relation *view)
{
	const struct key keys[] = { ident_key(view->ident),
		path_key(view->ident.ns) };
	struct retry retry = retry_of(c);
	struct version read[2];
	enum verdict verdict;

	do {
		TRY(branch_read(c, b, keys, 2, read));
		TRY(relation_place_check(c, KIND_VIEW, view->ident, read));
		TRY(relation_put(c, b, "create", read, m, view, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED
		   ? OK
		   : relation_races_lost(c, KIND_VIEW, view->ident);
}

enum err
views_create(struct call *c, const struct branch *b,
    const struct view_request *request, struct relation *ret)
{
	const struct key keys[] = { ident_key(request->ident),
		path_key(request->ident.ns) };
	struct version read[2];
	struct table_seed seed;
	struct metadata m;

	TRY(key_fits(b->limits, keys[0], c->error));
	TRY(branch_read(c, b, keys, 2, read));
	TRY(relation_place_check(c, KIND_VIEW, request->ident, read));

	TRY(relation_seed(c, b, request->ident, &read[1], &seed));
	TRY(view_create(c->arena, request->body, &seed, &m, c->error));
	TRY(table_places_guard(c, b, NULL, &m));
	*ret = (struct relation){ .kind = KIND_VIEW,
		.ident = request->ident,
		.object = relation_object(seed.uuid),
		.location = metadata_location(&m) };
	return put_new(c, b, &m, ret);
}

/* ---- replace */
static enum err
read_base(struct call *c, const struct version *read, struct ident ident,
    struct str *ret_text, struct metadata *ret)
{
	if (!version_is_live(read) || read->kind != KIND_VIEW)
		return relation_missing(c, KIND_VIEW, ident);
	TRY(table_file_read(c, read->location, ret_text));
	return table_file_damaged(
	    c, view_parse(c->arena, *ret_text, ret, c->error), read->location);
}

static enum err
try_replace(struct call *c, const struct branch *b,
    const struct view_changes *changes, struct relation *view,
    enum verdict *ret)
{
	const struct key keys[] = { ident_key(view->ident),
		path_key(view->ident.ns) };
	struct version read[2];
	struct metadata m;
	bool changed = false;

	TRY(branch_read(c, b, keys, 2, read));
	TRY(read_base(c, read, view->ident, &view->metadata, &m));
	m.deadline_us = c->deadline_us;
	TRY(view_requirements_check(
	    c->arena, changes->requirements, &m, c->error));
	view->object = read[0].object;
	view->metadata_location = read[0].location;

	struct table_places before = table_places_of(&m);

	TRY(view_updates_apply(&m, changes->updates, clock_now_us() / CLOCK_MS,
	    &changed, c->error));
	*ret = VERDICT_APPLIED;
	if (!changed)
		return OK;
	TRY(table_places_guard(c, b, &before, &m));
	if (!str_eq(metadata_location(&m), before.at[0]))
		view->location = metadata_location(&m);
	return relation_put(c, b, "change", read, &m, view, ret);
}

enum err
views_replace(struct call *c, const struct branch *b, struct ident ident,
    const struct view_changes *changes, struct relation *ret)
{
	struct retry retry = retry_of(c);
	enum verdict verdict;

	*ret = (struct relation){ .kind = KIND_VIEW, .ident = ident };
	do
		TRY(try_replace(c, b, changes, ret, &verdict));
	while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED
		   ? OK
		   : relation_races_lost(c, KIND_VIEW, ident);
}

/* ---- register */
static enum err
read_registered(struct call *c, const struct branch *b, struct str location,
    struct relation *view)
{
	struct metadata m;

	TRY(location_guard(c, b, "metadata-location", location));
	TRY(table_file_read(c, location, &view->metadata));
	TRY(view_parse(c->arena, view->metadata, &m, c->error));
	TRY(table_places_guard(c, b, NULL, &m));
	view->object = relation_object(view_uuid(&m));
	view->location = metadata_location(&m);
	view->metadata_location = location;
	return OK;
}

enum err
views_register(struct call *c, const struct branch *b, struct ident ident,
    struct str metadata_location, struct relation *ret)
{
	const struct key keys[] = { ident_key(ident), path_key(ident.ns) };
	struct retry retry = retry_of(c);
	struct version read[2];
	enum verdict verdict;

	*ret = (struct relation){ .kind = KIND_VIEW, .ident = ident };
	TRY(key_fits(b->limits, keys[0], c->error));
	do {
		TRY(branch_read(c, b, keys, 2, read));
		TRY(relation_place_check(c, KIND_VIEW, ident, read));
		TRY(read_registered(c, b, metadata_location, ret));
		TRY(relation_put(c, b, "register", read, NULL, ret, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED
		   ? OK
		   : relation_races_lost(c, KIND_VIEW, ident);
}
