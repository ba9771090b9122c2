/* table_create.c - new tables: created, staged, registered. */
#include "catalog/location_claims.h"
#include "catalog/location_owners.h"
#include "catalog/protection.h"
#include "catalog/relation_write.h"
#include "catalog/table_file.h"
#include "catalog/tables.h"
#include "iceberg/create_table.h"
#include "iceberg/metadata_check.h"
#include "object/object.h"
#include "record/retry.h"

/* The metadata of a table that is to be. */
static enum err
new_metadata(struct call *c, const struct branch *b,
    const struct table_request *request, const struct version *ns,
    struct metadata *ret, bool *ret_fresh)
{
	struct table_seed seed;

	TRY(relation_seed(c, b, request->ident, ns, &seed));

	TRY(create_table(
	    c->arena, request->body, &seed, request->stage, ret, c->error));
	TRY(table_places_guard(c, b, NULL, ret));
	*ret_fresh = !b->plain_locations &&
		     str_eq(metadata_location(ret), seed.location);
	if (*ret_fresh || !request->stage)
		return OK; /* others are claimed before anything is written */
	TRY(location_claims_check(c, b, metadata_location(ret)));
	return location_owners_check(c, b, metadata_location(ret));
}

enum err
tables_create(struct call *c, const struct branch *b,
    const struct table_request *request, struct relation *ret)
{
	const struct key keys[] = { ident_key(request->ident),
		path_key(request->ident.ns) };
	struct version read[2];
	enum verdict verdict;
	struct metadata m;
	bool fresh;

	TRY(key_fits(b->limits, keys[0], c->error));
	TRY(branch_read(c, b, keys, 2, read));
	TRY(relation_place_check(c, KIND_TABLE, request->ident, read));
	TRY(new_metadata(c, b, request, &read[1], &m, &fresh));
	*ret = (struct relation){ .kind = KIND_TABLE,
		.ident = request->ident,
		.object = relation_object(metadata_uuid(&m)),
		.metadata = metadata_text(&m),
		.location = metadata_location(&m),
		.is_fresh = fresh };
	if (request->stage)
		return object_prepare_table(c, metadata_location(&m));

	struct retry retry = retry_of(c);

	for (;;) {
		TRY(relation_put(c, b, "create", read, &m, ret, &verdict));
		if (verdict == VERDICT_APPLIED)
			return OK;
		if (!retry_again(&retry))
			return relation_races_lost(
			    c, KIND_TABLE, request->ident);
		TRY(branch_read(c, b, keys, 2, read));
		TRY(relation_place_check(c, KIND_TABLE, request->ident, read));
	}
}

static enum err
read_registered(struct call *c, const struct branch *b, struct str location,
    struct relation *ret)
{
	struct metadata m;

	TRY(location_guard(c, b, "metadata-location", location));
	TRY(table_file_read(c, location, &ret->metadata));
	TRY(table_file_parse(c, ret->metadata, &m));
	TRY(metadata_check_all(&m, c->error));
	TRY(table_places_guard(c, b, NULL, &m));
	ret->object = relation_object(metadata_uuid(&m));
	ret->location = metadata_location(&m);
	ret->metadata_location = location;
	return OK;
}

enum err
tables_register(struct call *c, const struct branch *b, struct ident ident,
    struct str metadata_location, bool overwrite, struct relation *ret)
{
	const struct key keys[] = { ident_key(ident), path_key(ident.ns) };
	struct version read[2];
	enum verdict verdict;
	bool replace;

	*ret = (struct relation){ .kind = KIND_TABLE, .ident = ident };
	TRY(key_fits(b->limits, keys[0], c->error));
	TRY(read_registered(c, b, metadata_location, ret));

	struct retry retry = retry_of(c);

	do {
		TRY(branch_read(c, b, keys, 2, read));
		replace = overwrite && version_is_live(&read[0]) &&
			  read[0].kind == KIND_TABLE;
		if (replace)
			TRY(protection_check_relation(c, &read[0], ident));
		else
			TRY(relation_place_check(c, KIND_TABLE, ident, read));
		TRY(relation_put(c, b, "register", read, NULL, ret, &verdict));
	} while (verdict == VERDICT_CONFLICT && retry_again(&retry));
	return verdict == VERDICT_APPLIED
		   ? OK
		   : relation_races_lost(c, KIND_TABLE, ident);
}
