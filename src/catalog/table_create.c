/* table_create.c - new tables: created, staged, registered. */
#include "catalog/entry.h"
#include "catalog/grounds.h"
#include "catalog/table_file.h"
#include "catalog/tables.h"
#include "iceberg/create_table.h"
#include "iceberg/metadata_check.h"
#include "object/object.h"

/* The metadata of a table that is to be. */
static enum err
new_metadata(struct call *c, const struct branch *b,
    const struct table_request *request, const struct version *ns,
    struct metadata *ret)
{
	struct table_seed seed = entry_seed(c, b, request->ident, ns);

	TRY(create_table(
	    c->arena, request->body, &seed, request->stage, ret, c->error));
	TRY(table_places_guard(c, b, NULL, ret));
	if (str_eq(metadata_location(ret), seed.location))
		return OK;
	return grounds_check(c, b, metadata_location(ret));
}

enum err
tables_create(struct call *c, const struct branch *b,
    const struct table_request *request, struct relation *ret)
{
	const struct key keys[] = { ident_key(request->ident),
		path_key(request->ident.ns) };
	enum verdict verdict = VERDICT_CONFLICT;
	struct version read[2];
	struct metadata m;

	TRY(key_fits(b->limits, keys[0], c->error));
	TRY(branch_read(c, b, keys, 2, read));
	TRY(entry_place_check(c, KIND_TABLE, request->ident, read));
	TRY(new_metadata(c, b, request, &read[1], &m));
	*ret = (struct relation){ .kind = KIND_TABLE,
		.ident = request->ident,
		.object = entry_object(metadata_uuid(&m)),
		.metadata = metadata_text(&m),
		.location = metadata_location(&m) };
	TRY(object_prepare_table(c, metadata_location(&m)));
	if (request->stage)
		return OK;
	for (int i = 0; i < BRANCH_TRIES; i++) {
		TRY(entry_put(c, b, "create", read, &m, ret, &verdict));
		if (verdict == VERDICT_APPLIED)
			return OK;
		TRY(branch_read(c, b, keys, 2, read));
		TRY(entry_place_check(c, KIND_TABLE, request->ident, read));
	}
	return entry_races_lost(c, KIND_TABLE, request->ident);
}

static enum err
read_registered(struct call *c, const struct branch *b, struct str location,
    struct relation *ret)
{
	struct metadata m;

	TRY(location_guard(c, b, "metadata-location", location));
	TRY(table_file_read(c, location, &ret->metadata));
	TRY(metadata_parse(c->arena, ret->metadata, &m, c->error));
	TRY(metadata_check_all(&m, c->error));
	TRY(table_places_guard(c, b, NULL, &m));
	ret->object = entry_object(metadata_uuid(&m));
	ret->location = metadata_location(&m);
	ret->metadata_location = location;
	return OK;
}

enum err
tables_register(struct call *c, const struct branch *b, struct ident ident,
    struct str metadata_location, bool overwrite, struct relation *ret)
{
	const struct key keys[] = { ident_key(ident), path_key(ident.ns) };
	enum verdict verdict = VERDICT_CONFLICT;
	struct version read[2];
	bool replace;

	ret->kind = KIND_TABLE;
	ret->ident = ident;
	TRY(key_fits(b->limits, keys[0], c->error));
	TRY(read_registered(c, b, metadata_location, ret));
	for (int i = 0; i < BRANCH_TRIES; i++) {
		TRY(branch_read(c, b, keys, 2, read));
		replace = overwrite && version_is_live(&read[0]) &&
			  read[0].kind == KIND_TABLE;
		if (!replace)
			TRY(entry_place_check(c, KIND_TABLE, ident, read));
		TRY(entry_put(c, b, "register", read, NULL, ret, &verdict));
		if (verdict == VERDICT_APPLIED)
			return OK;
	}
	return entry_races_lost(c, KIND_TABLE, ident);
}
