#include "catalog/deleted_catalogs.h"

#include "base/clock.h"
#include "catalog/catalogs.h"
#include "catalog/protection.h"
#include "record/audit.h"
#include "record/control.h"

#define NOTE STR("deleted catalog ")
#define LOOKED STR("looked for deleted catalogs") /* a note of its own */
#define SOME 50                                   /* catalogs of one look */

static struct str
name_of(struct arena *a, struct id catalog)
{
	char text[ID_TEXT];

	id_format(catalog, text);
	return arena_printf(a, STR_FMT "%s", STR_ARG(NOTE), text);
}

static void
put(struct batch *b, struct str name, int64_t now_us)
{
	struct value *row = batch_replace(b, ENTITY_REVISIONS);

	row[REVISION_NAME] = value_text(name);
	row[REVISION_NUMBER] = value_int(now_us);
}

static void
note(struct batch *b, struct id catalog)
{
	put(b, name_of(b->call->arena, catalog), clock_now_us());
}

void
deleted_catalog_forget(struct batch *b, struct id catalog)
{
	batch_delete(
	    b, ENTITY_REVISIONS, value_text(name_of(b->call->arena, catalog)));
}

enum err
deleted_catalog_find(
    struct call *c, int64_t before_us, struct id *ret, bool *ret_any)
{
	const struct test where[] = {
		{ REVISION_NAME, TEST_PREFIX, value_text(NOTE) },
		{ REVISION_NUMBER, TEST_LE, value_int(before_us) },
	};
	const struct value *row;

	TRY(record_find(c, ENTITY_REVISIONS, INDEX_KEY, where, 2, &row));
	*ret_any = row != NULL &&
		   id_parse(str_skip(row[REVISION_NAME].as.s, NOTE.len), ret);
	return OK;
}

/* ---- deleting */
static enum err
delete_refs(struct call *c, struct id catalog, struct batch *b)
{
	struct test where[] = {
		{ REF_CATALOG, TEST_EQ, value_id(catalog) },
		{ REF_STATE, TEST_EQ, value_int(REF_LIVE) },
	};
	struct scan scan = { .entity = ENTITY_REFS,
		.index = REFS_BY_NAME,
		.where = where,
		.where_count = 2 };
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++)
		update_set(
		    batch_update(b, ENTITY_REFS, rows.row[i][REF_ID], where[1]),
		    REF_STATE, value_int(REF_DELETED));
	return OK;
}

/* A commit that begins later finds its branch gone; one that is under way may
 * still come before. */
enum err
catalogs_delete(struct call *c, struct id tenant, struct str name)
{
	struct batch b = batch_of(c);
	struct catalog catalog = { 0 };
	enum verdict verdict;
	size_t failed;

	TRY(catalogs_get(c, tenant, name, &catalog));
	TRY(protection_check(c, "Catalog", name, catalog.properties));
	TRY(delete_refs(c, catalog.id, &b));
	batch_delete(&b, ENTITY_CATALOGS, value_id(catalog.id));
	note(&b, catalog.id);
	control_name(&b, CONTROL_CATALOG, name);
	audit_add(&b, tenant, catalog.id, name);
	TRY(control_apply(&b, tenant, &verdict, &failed));
	if (verdict == VERDICT_CONFLICT)
		return fail(c->error, ERR_CONFLICT,
		    "A branch of catalog '" STR_FMT "' moves: try again",
		    STR_ARG(name));
	return OK;
}

/* ---- those of earlier releases */
static enum err
note_if_gone(struct call *c, struct id catalog)
{
	struct batch b = batch_of(c);
	const struct value *row;
	enum verdict verdict;
	size_t failed;

	TRY(record_find_by_key(c, ENTITY_CATALOGS, value_id(catalog), &row));
	if (row != NULL)
		return OK;
	note(&b, catalog);
	return batch_apply(&b, 0, &verdict, &failed);
}

/* The catalog of the next branch or tag, in the order of catalogs. */
static enum err
next_catalog(struct call *c, struct str after, struct id *ret, bool *ret_any)
{
	struct id last = { { 0 } };
	const struct value *row;

	if (after.len != 0 && !id_parse(after, &last))
		return fail(c->error, ERR_INTERNAL,
		    "The place in a list of catalogs is damaged");

	const struct test where[] = {
		{ REF_CATALOG, TEST_GT, value_id(last) },
		{ REF_KIND, TEST_NE, value_int(REF_CONTROL) },
	};

	TRY(record_find(c, ENTITY_REFS, REFS_BY_NAME, where, 2, &row));
	*ret_any = row != NULL;
	if (row != NULL)
		*ret = row[REF_CATALOG].as.id;
	return OK;
}

enum err
deleted_catalogs_look(struct call *c, struct str *io_after, bool *ret_more)
{
	struct batch b = batch_of(c);
	char text[ID_TEXT];
	const struct value *row;
	enum verdict verdict;
	struct id catalog;
	size_t failed;

	TRY(record_find_by_key(c, ENTITY_REVISIONS, value_text(LOOKED), &row));
	*ret_more = row == NULL;
	for (int i = 0; *ret_more && i < SOME; i++) {
		TRY(next_catalog(c, *io_after, &catalog, ret_more));
		if (!*ret_more)
			continue;
		TRY(note_if_gone(c, catalog));
		id_format(catalog, text);
		*io_after = arena_copy(c->arena, str_from(text));
	}
	if (row != NULL || *ret_more)
		return OK;
	put(&b, LOOKED, clock_now_us());
	return batch_apply(&b, 0, &verdict, &failed);
}
