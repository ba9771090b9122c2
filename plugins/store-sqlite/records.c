/* records.c - reading rows: the text is made by sql/, run here. */
#include "plugins/contract/check.h"
#include "plugins/contract/token.h"
#include "sqlite.h"

static const struct entity *
entity_of(const struct call *c, uint16_t number)
{
	return &sqlite_of(c)->schema->entities[number];
}

/* The first row of a statement, or NULL. */
static enum err
first_row(const struct call *c, struct db *db, const struct sql *sql,
    const struct entity *t, const struct value **ret)
{
	STATEMENT stmt;
	int code = db_start(db, sql, &stmt);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return db_fail(code, c->error);
	*ret = code == SQLITE_ROW ? column_row(c->arena, stmt, t) : NULL;
	return OK;
}

enum err
find_row(const struct call *c, struct db *db, const struct entity *t,
    const struct value *key, const struct value **ret)
{
	struct sql sql = sql_in(c->arena, &sqlite_dialect);

	sql_get(&sql, t, key);
	return first_row(c, db, &sql, t, ret);
}

enum err
find_first(const struct call *c, struct db *db, const struct scan *scan,
    const struct value **ret)
{
	const struct entity *t = entity_of(c, scan->entity);
	struct sql sql = sql_in(c->arena, &sqlite_dialect);

	sql_scan(&sql, t, scan, NULL);
	return first_row(c, db, &sql, t, ret);
}

enum err
find_head(const struct call *c, struct db *db, int64_t branch,
    const struct value **ret)
{
	const struct test of_branch = { .field = COMMIT_BRANCH,
		.op = TEST_EQ,
		.value = { VALUE_INT, { .i = branch } } };
	const struct scan last = { .entity = ENTITY_COMMITS,
		.index = INDEX_KEY,
		.descending = true,
		.limit = 1,
		.where = &of_branch,
		.where_count = 1 };

	return find_first(c, db, &last, ret);
}

static enum err
get_all(const struct call *c, struct db *db, const struct entity *t,
    const struct value *const *keys, struct rows *rows)
{
	rows->row = ARENA_NEW(c->arena, const struct value *, rows->count);
	for (size_t i = 0; i < rows->count; i++)
		TRY(find_row(c, db, t, keys[i], &rows->row[i]));
	return OK;
}

enum err
sqlite_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	struct rows rows = { .count = count };
	struct db *db;

	TRY(check_keys(sqlite_of(c)->schema, entity, keys, count, c->error));
	TRY(reader_take(c, &db));

	enum err err = get_all(c, db, entity_of(c, entity), keys, &rows);

	reader_give(c, db);
	if (err == OK)
		*ret = rows;
	return err;
}

static enum err
fetch_page(const struct call *c, struct db *db, const struct scan *scan,
    const struct sql *sql, struct rows *rows)
{
	const struct entity *t = entity_of(c, scan->entity);
	size_t room = 0;
	STATEMENT stmt;
	int code = db_start(db, sql, &stmt);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(stmt);
		if (code != SQLITE_ROW)
			break;
		if (rows->count == scan->limit) {
			rows->next = token_write(
			    c->arena, t, scan, rows->row[rows->count - 1]);
			return OK;
		}
		if (rows->count == room) {
			size_t more = room < 16 ? 16 : room * 2;

			rows->row = arena_grow(c->arena, rows->row,
			    room * sizeof(*rows->row),
			    more * sizeof(*rows->row));
			room = more;
		}
		rows->row[rows->count++] = column_row(c->arena, stmt, t);
	}
	return code == SQLITE_DONE ? OK : db_fail(code, c->error);
}

enum err
sqlite_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	struct sql sql = sql_in(c->arena, &sqlite_dialect);
	const struct value *after;
	struct rows rows = { .count = 0 };
	struct db *db;

	TRY(check_scan(sqlite_of(c)->schema, scan, c->error));

	const struct entity *t = entity_of(c, scan->entity);

	TRY(token_parse(c->arena, t, scan, &after, c->error));
	sql_scan(&sql, t, scan, after);
	TRY(reader_take(c, &db));

	enum err err = fetch_page(c, db, scan, &sql, &rows);

	reader_give(c, db);
	if (err == OK)
		*ret = rows;
	return err;
}

static enum err
count_rows(
    const struct call *c, struct db *db, const struct sql *sql, int64_t *ret)
{
	STATEMENT stmt;
	int code = db_start(db, sql, &stmt);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		return db_fail(code, c->error);
	*ret = sqlite3_column_int64(stmt, 0);
	return OK;
}

enum err
sqlite_count(struct call *c, const struct scan *scan, int64_t *ret)
{
	struct sql sql = sql_in(c->arena, &sqlite_dialect);
	struct db *db;

	TRY(check_scan(sqlite_of(c)->schema, scan, c->error));
	sql_count(&sql, entity_of(c, scan->entity), scan);
	TRY(reader_take(c, &db));

	enum err err = count_rows(c, db, &sql, ret);

	reader_give(c, db);
	return err;
}
