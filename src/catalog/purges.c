#include "catalog/purges.h"

#include <sodium.h>

#include "base/clock.h"

#define MARK "purge" /* a line of its own: places begin with a slash */
#define HASH_BYTES 16

/* ---- tombstones */
struct str
purge_mark(struct arena *a, struct str places)
{
	return places.len == 0
		   ? STR(MARK)
		   : arena_printf(a, MARK "\n" STR_FMT, STR_ARG(places));
}

static bool
begins_with_mark(struct str body)
{
	return str_eq(str_cut(&body, '\n'), STR(MARK));
}

bool
purge_is_marked(const struct version *v)
{
	return v->deleted && (v->kind == KIND_TABLE || v->kind == KIND_VIEW) &&
	       begins_with_mark(v->body);
}

struct str
purge_places(struct str body)
{
	if (begins_with_mark(body))
		(void)str_cut(&body, '\n');
	return body.ptr != NULL ? body : STR("");
}

/* ---- rows */
struct id
purge_id(struct id catalog, struct id object)
{
	uint8_t hash[HASH_BYTES];
	crypto_generichash_state state;

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	(void)crypto_generichash_update(&state, catalog.b, sizeof(catalog.b));
	(void)crypto_generichash_update(&state, object.b, sizeof(object.b));
	(void)crypto_generichash_final(&state, hash, sizeof(hash));
	return id_v8(hash);
}

void
purge_insert(struct batch *b, struct id catalog, struct id object,
    enum purge_state state)
{
	struct value *row = batch_insert(b, ENTITY_PURGES);

	row[PURGE_ID] = value_id(purge_id(catalog, object));
	row[PURGE_CATALOG] = value_id(catalog);
	row[PURGE_OBJECT] = value_id(object);
	row[PURGE_STATE] = value_int(state);
	row[PURGE_SINCE_US] = value_int(clock_now_us());
	row[PURGE_PLACES] = value_text(STR(""));
}

enum err
purge_state_of(
    struct call *c, struct id catalog, struct id object, int64_t *ret)
{
	const struct value *row;

	TRY(record_find_by_key(
	    c, ENTITY_PURGES, value_id(purge_id(catalog, object)), &row));
	*ret = row != NULL ? value_int_or(row[PURGE_STATE], 0) : 0;
	return OK;
}

enum err
purge_check_none(struct call *c, struct id catalog, struct id object)
{
	char text[ID_TEXT];
	int64_t state;

	TRY(purge_state_of(c, catalog, object, &state));
	if (state == 0 || state == PURGE_ASKED)
		return OK;
	id_format(object, text);
	return fail(c->error, ERR_CONFLICT,
	    "The object %s is being purged: it does not come back", text);
}

void
purge_withdraw(struct draft *d, struct id catalog, struct id object)
{
	struct value *row = ARENA_NEW(d->arena, struct value, PURGE_FIELDS);
	struct test *test = ARENA_NEW(d->arena, struct test, 1);

	row[PURGE_ID] = value_id(purge_id(catalog, object));
	*test = (struct test){ PURGE_STATE, TEST_EQ, value_int(PURGE_ASKED) };
	draft_write(d, (struct write){ .entity = ENTITY_PURGES,
			   .op = WRITE_DELETE,
			   .row = row,
			   .when = test,
			   .when_count = 1 });
}

/* ---- units that bring back many */
enum err
purge_look(struct call *c, struct catalog *io)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_CATALOGS, value_id(io->id), &row));
	if (row == NULL)
		return fail(c->error, ERR_NO_SUCH_WAREHOUSE,
		    "Catalog does not exist: " STR_FMT, STR_ARG(io->name));
	io->purged_us = value_int_or(row[CATALOG_PURGED_US], 0);
	return OK;
}

void
purge_expect_none_since(struct draft *d, const struct catalog *catalog)
{
	struct value *row = ARENA_NEW(d->arena, struct value, CATALOG_FIELDS);
	struct test *same = ARENA_NEW(d->arena, struct test, 1);

	row[CATALOG_ID] = value_id(catalog->id);
	*same = (struct test){ CATALOG_PURGED_US, TEST_EQ,
		catalog->purged_us != 0 ? value_int(catalog->purged_us)
					: value_null() };
	draft_write(d, (struct write){ .entity = ENTITY_CATALOGS,
			   .op = WRITE_TEST,
			   .row = row,
			   .when = same,
			   .when_count = 1 });
}
