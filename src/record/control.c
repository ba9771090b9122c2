/*
 * control.c - one table says how each kind is named on a log and found in the
 * store.
 */
#include "record/control.h"

#include "base/hash.h"

#include <inttypes.h>

/* Numbers of control logs have this bit, those of branches never do. */
#define LOG_BIT ((uint64_t)1 << 62)

/* Stored with each version: there is nothing but the name to be told. */
#define KIND_CHANGED 1

/* clang-format off */
static const struct control_row {
	struct str ns; /* of its versions' keys */
	uint16_t entity;
	uint16_t index;  /* INDEX_KEY: it is named by its id */
	uint16_t tenant; /* field; FIELD_NONE: it is in no tenant */
	uint16_t name;   /* field */
} kinds[] = {
#define FIELD_NONE UINT16_MAX
	[CONTROL_TENANT]       = { STR_INIT("tenants"), ENTITY_TENANTS, INDEX_KEY, FIELD_NONE, TENANT_ID },
	[CONTROL_TENANT_NAME]  = { STR_INIT("tenant-names"), ENTITY_TENANTS, TENANTS_BY_NAME, FIELD_NONE, TENANT_NAME },
	[CONTROL_USER]         = { STR_INIT("users"), ENTITY_USERS, INDEX_KEY, FIELD_NONE, USER_ID },
	[CONTROL_SERVICE_USER] = { STR_INIT("service-users"), ENTITY_SERVICE_USERS, INDEX_KEY, FIELD_NONE, SERVICE_USER_ID },
	[CONTROL_WAREHOUSE]    = { STR_INIT("warehouses"), ENTITY_WAREHOUSES, WAREHOUSES_BY_NAME, WAREHOUSE_TENANT, WAREHOUSE_NAME },
	[CONTROL_CATALOG]      = { STR_INIT("catalogs"), ENTITY_CATALOGS, CATALOGS_BY_NAME, CATALOG_TENANT, CATALOG_NAME },
	[CONTROL_TOKEN]        = { STR_INIT("tokens"), ENTITY_ACTIVE_TOKENS, INDEX_KEY, FIELD_NONE, TOKEN_ID },
	[CONTROL_REF]          = { STR_INIT("refs"), ENTITY_REFS, REFS_BY_NAME, FIELD_NONE, REF_NAME },
	[CONTROL_REF_NUMBER]   = { STR_INIT("ref-numbers"), ENTITY_REFS, INDEX_KEY, FIELD_NONE, REF_ID },
	[CONTROL_ROLE]         = { STR_INIT("roles"), ENTITY_ROLES, INDEX_KEY, FIELD_NONE, ROLE_ID },
	[CONTROL_RIGHTS]       = { STR_INIT("rights"), ENTITY_PERMISSIONS, INDEX_KEY, FIELD_NONE, PERMISSION_ID },
	[CONTROL_SECRET]       = { STR_INIT("secrets"), ENTITY_SECRETS, INDEX_KEY, FIELD_NONE, SECRET_NAME },
};
/* clang-format on */

/* Two tenants whose hashes are equal share a log, and forget a little more
 * than they need to. */
int64_t
control_log(struct id tenant)
{
	uint64_t h = hash_add(HASH_START, tenant.b, sizeof(tenant.b));

	return (int64_t)((h & (LOG_BIT - 1)) | LOG_BIT);
}

static struct key
key_of(enum control_kind kind, struct str name)
{
	return (struct key){ SPACE_RELATION, kinds[kind].ns, name };
}

void
control_name(struct batch *b, enum control_kind kind, struct str name)
{
	batch_put(b, (struct version){
			 .key = key_of(kind, name), .kind = KIND_CHANGED });
}

static struct str
id_text(struct arena *a, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_copy(a, str_from(text));
}

void
control_name_id(struct batch *b, enum control_kind kind, struct id id)
{
	control_name(b, kind, id_text(b->call->arena, id));
}

static struct str
ref_text(struct arena *a, struct id catalog, struct str name)
{
	struct str id = id_text(a, catalog);

	return arena_printf(a, STR_FMT "/" STR_FMT, STR_ARG(id), STR_ARG(name));
}

static struct str
number_text(struct arena *a, int64_t number)
{
	return arena_printf(a, "%" PRId64, number);
}

void
control_name_ref(
    struct batch *b, struct id catalog, struct str name, int64_t number)
{
	struct arena *a = b->call->arena;

	if (name.ptr != NULL)
		control_name(b, CONTROL_REF, ref_text(a, catalog, name));
	control_name(b, CONTROL_REF_NUMBER, number_text(a, number));
}

bool
control_ref_number(const struct version *v, int64_t *ret)
{
	return str_eq(v->key.ns, kinds[CONTROL_REF_NUMBER].ns) &&
	       str_to_int(v->key.name, ret);
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
	row[REF_PROTECTED] = value_int(0);

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
control_key(struct arena *a, const struct control_ref *t)
{
	if (t->kind == CONTROL_REF)
		return key_of(t->kind, ref_text(a, t->id, t->name));
	if (t->kind == CONTROL_REF_NUMBER)
		return key_of(t->kind, number_text(a, t->number));
	return key_of(
	    t->kind, t->name.ptr != NULL ? t->name : id_text(a, t->id));
}

size_t
control_fields(enum control_kind kind)
{
	return record_schema.entities[kinds[kind].entity].field_count;
}

static enum err
read_ref(
    struct call *c, const struct control_ref *ref, const struct value **ret)
{
	const struct test where[] = {
		{ REF_CATALOG, TEST_EQ, value_id(ref->id) },
		{ REF_NAME, TEST_EQ, value_text(ref->name) },
		{ REF_STATE, TEST_EQ, value_int(REF_LIVE) },
	};

	return record_find(c, ENTITY_REFS, REFS_BY_NAME, where, 3, ret);
}

enum err
control_read(
    struct call *c, const struct control_ref *ref, const struct value **ret)
{
	const struct control_row *t = &kinds[ref->kind];
	struct test where[] = {
		{ t->name, TEST_EQ, value_text(ref->name) },
		{ t->tenant, TEST_EQ, value_id(ref->tenant) },
	};

	if (ref->kind == CONTROL_REF)
		return read_ref(c, ref, ret);
	if (ref->kind == CONTROL_REF_NUMBER)
		return record_find_by_key(
		    c, t->entity, value_int(ref->number), ret);
	if (ref->name.ptr == NULL)
		return record_find_by_key(c, t->entity, value_id(ref->id), ret);
	return record_find(c, t->entity, t->index, where,
	    t->tenant == FIELD_NONE ? 1 : 2, ret);
}
