/* control.c - one table says how each thing is named, and found in the store.
 */
#include "record/control.h"

/* Numbers of control logs have this bit, those of branches never do. */
#define LOG_BIT ((uint64_t)1 << 62)

#define HASH_START 14695981039346656037u /* FNV-1a, 64 bits */
#define HASH_PRIME 1099511628211u

/* Stored with each version: there is nothing but the name to be told. */
#define KIND_CHANGED 1

/* clang-format off */
static const struct thing_row {
	struct str ns; /* of its versions' keys */
	uint16_t entity;
	uint16_t index;  /* INDEX_KEY: it is named by its id */
	uint16_t tenant; /* field; FIELD_NONE: it is in no tenant */
	uint16_t name;   /* field */
} things[] = {
#define FIELD_NONE UINT16_MAX
	[THING_TENANT]       = { STR_INIT("tenants"), ENTITY_TENANTS, INDEX_KEY, FIELD_NONE, TENANT_ID },
	[THING_TENANT_NAME]  = { STR_INIT("tenant-names"), ENTITY_TENANTS, TENANTS_BY_NAME, FIELD_NONE, TENANT_NAME },
	[THING_USER]         = { STR_INIT("users"), ENTITY_USERS, INDEX_KEY, FIELD_NONE, USER_ID },
	[THING_SERVICE_USER] = { STR_INIT("service-users"), ENTITY_SERVICE_USERS, INDEX_KEY, FIELD_NONE, SERVICE_USER_ID },
	[THING_WAREHOUSE]    = { STR_INIT("warehouses"), ENTITY_WAREHOUSES, WAREHOUSES_BY_NAME, WAREHOUSE_TENANT, WAREHOUSE_NAME },
	[THING_CATALOG]      = { STR_INIT("catalogs"), ENTITY_CATALOGS, CATALOGS_BY_NAME, CATALOG_TENANT, CATALOG_NAME },
	[THING_TOKEN]        = { STR_INIT("tokens"), ENTITY_ACTIVE_TOKENS, INDEX_KEY, FIELD_NONE, TOKEN_ID },
};
/* clang-format on */

/* Two tenants whose hashes are equal share a log, and forget a little more
 * than they need to. */
int64_t
control_log(struct id tenant)
{
	uint64_t h = HASH_START;

	for (size_t i = 0; i < sizeof(tenant.b); i++)
		h = (h ^ tenant.b[i]) * HASH_PRIME;
	return (int64_t)((h & (LOG_BIT - 1)) | LOG_BIT);
}

static struct key
key_of(enum thing thing, struct str name)
{
	return (struct key){ SPACE_RELATION, things[thing].ns, name };
}

void
control_name(struct batch *b, enum thing thing, struct str name)
{
	batch_put(b, (struct version){
			 .key = key_of(thing, name), .kind = KIND_CHANGED });
}

static struct str
id_text(struct arena *a, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_copy(a, str_from(text));
}

void
control_name_id(struct batch *b, enum thing thing, struct id id)
{
	control_name(b, thing, id_text(b->call->arena, id));
}

/* Somebody else may be faster: then there is one. */
static enum err
make_log(struct call *c, int64_t log)
{
	struct batch b = batch_of(c);
	struct value *row = batch_insert(&b, ENTITY_REFS);
	enum verdict verdict;
	size_t failed;

	row[REF_ID] = value_int(log);
	row[REF_NAME] = value_text(STR("control"));
	row[REF_KIND] = value_int(REF_CONTROL);
	row[REF_STATE] = value_int(REF_LIVE);
	row[REF_HORIZON] = value_int(0);
	row[REF_PROTECTED] = value_int(1);

	enum err err = batch_apply(&b, 0, &verdict, &failed);

	return err == ERR_COMMIT_UNKNOWN ? OK : err;
}

enum err
control_apply(
    struct batch *b, struct id tenant, enum verdict *ret, size_t *ret_failed)
{
	int64_t log = control_log(tenant);

	TRY(batch_apply(b, log, ret, ret_failed));
	if (*ret != VERDICT_GONE)
		return OK;
	TRY(make_log(b->call, log));
	TRY(batch_apply(b, log, ret, ret_failed));
	if (*ret == VERDICT_GONE)
		return fail(b->call->error, ERR_INTERNAL,
		    "The store's control log is not live");
	return OK;
}

struct key
control_key(struct arena *a, const struct thing_ref *t)
{
	return key_of(
	    t->thing, t->name.ptr != NULL ? t->name : id_text(a, t->id));
}

size_t
control_fields(enum thing thing)
{
	return record_schema.entities[things[thing].entity].field_count;
}

enum err
control_read(
    struct call *c, const struct thing_ref *ref, const struct value **ret)
{
	const struct thing_row *t = &things[ref->thing];
	struct test where[] = {
		{ t->name, TEST_EQ, value_text(ref->name) },
		{ t->tenant, TEST_EQ, value_id(ref->tenant) },
	};

	if (ref->name.ptr == NULL)
		return record_get(c, t->entity, value_id(ref->id), ret);
	return record_find(c, t->entity, t->index, where,
	    t->tenant == FIELD_NONE ? 1 : 2, ret);
}
