/* log.c - reading the logs of branches. */
#include "plugins/contract/check.h"
#include "sqlite.h"

#define VERSION_COLUMNS                                                        \
	"seq, space, ns, name, origin_branch, origin_seq, kind, deleted, "     \
	"object, location, body"

static const char newest_sql[] =
    "SELECT " VERSION_COLUMNS
    " FROM versions WHERE branch = ?1 AND space = ?2 AND ns = ?3"
    " AND name = ?4 AND seq <= ?5 ORDER BY seq DESC LIMIT 1";

/* `entries` gives the names; what is younger than the position is passed over
 * before the limit counts, or a full link could look exhausted. */
static const char list_sql[] =
    "SELECT v.seq, v.space, v.ns, v.name,"
    " v.origin_branch, v.origin_seq, v.kind, v.deleted, v.object, v.location,"
    " v.body FROM entries e CROSS JOIN versions v ON v.branch = e.branch"
    " AND v.space = e.space AND v.ns = e.ns AND v.name = e.name"
    " AND v.seq = (SELECT max(seq) FROM versions WHERE branch = e.branch"
    " AND space = e.space AND ns = e.ns AND name = e.name AND seq <= ?5)"
    " WHERE e.branch = ?1 AND e.space = ?2 AND e.ns = ?3 AND e.name > ?4"
    " ORDER BY e.name LIMIT ?6";

static const char changes_sql[] =
    "SELECT " VERSION_COLUMNS
    " FROM versions WHERE branch = ?1 AND seq > ?2 AND seq <= ?3"
    " ORDER BY seq, space, ns, name";

/* A list of versions that grows in the arena of the call. */
struct found {
	struct arena *arena;
	struct version *at;
	size_t count, room;
};

static void
found_add(struct found *f, const struct version *v)
{
	if (f->count == f->room) {
		size_t room = f->room < 16 ? 16 : f->room * 2;

		f->at = arena_grow(f->arena, f->at, f->room * sizeof(*f->at),
		    room * sizeof(*f->at));
		f->room = room;
	}
	f->at[f->count++] = *v;
}

static struct version
column_version(struct arena *a, sqlite3_stmt *stmt, int64_t branch)
{
	return (struct version){
		.at = { branch, sqlite3_column_int64(stmt, 0) },
		.key = { .space = (enum space)sqlite3_column_int(stmt, 1),
		    .ns = column_text(a, stmt, 2),
		    .name = column_text(a, stmt, 3) },
		.origin = { sqlite3_column_int64(stmt, 4),
		    sqlite3_column_int64(stmt, 5) },
		.kind = sqlite3_column_int(stmt, 6),
		.deleted = sqlite3_column_int(stmt, 7) != 0,
		.object = column_id(stmt, 8),
		.location = column_text(a, stmt, 9),
		.body = column_text(a, stmt, 10),
	};
}

static struct str
never_null(struct str s)
{
	return s.len != 0 ? s : STR("");
}

static void
bind_key(sqlite3_stmt *stmt, int64_t branch, const struct key *k)
{
	(void)sqlite3_bind_int64(stmt, 1, branch);
	(void)sqlite3_bind_int(stmt, 2, (int)k->space);
	(void)bind_text(stmt, 3, never_null(k->ns));
	(void)bind_text(stmt, 4, never_null(k->name));
}

/* The newest version of a key at or below a position; kind 0: none. */
static enum err
find_version(const struct call *c, struct db *db, struct point at,
    const struct key *k, struct version *ret)
{
	STATEMENT stmt;
	int code = db_prepare(db, str_from(newest_sql), &stmt);

	if (code == SQLITE_OK) {
		bind_key(stmt, at.branch, k);
		(void)sqlite3_bind_int64(stmt, 5, at.seq);
		code = sqlite3_step(stmt);
	}
	if (code == SQLITE_ROW)
		*ret = column_version(c->arena, stmt, at.branch);
	else if (code == SQLITE_DONE)
		*ret = (struct version){ .key = *k };
	else
		return db_fail(code, c->error);
	return OK;
}

static enum err
read_key(const struct call *c, struct db *db, struct chain chain,
    const struct key *k, struct version *ret)
{
	*ret = (struct version){ .key = *k };
	for (size_t i = 0; i < chain.count && ret->kind == 0; i++)
		TRY(find_version(c, db, chain.link[i], k, ret));
	return OK;
}

static enum err
read_keys(const struct call *c, struct db *db, struct chain chain,
    const struct key *keys, size_t count, struct version *found)
{
	for (size_t i = 0; i < count; i++)
		TRY(read_key(c, db, chain, &keys[i], &found[i]));
	return OK;
}

enum err
sqlite_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct version *found = ARENA_NEW(c->arena, struct version, count);
	struct db *db;

	TRY(check_chain(&chain, 1, c->error));
	TRY(reader_take(c, &db));

	enum err err = read_keys(c, db, chain, keys, count, found);

	reader_give(c, db);
	if (err == OK && count != 0)
		memcpy(ret, found, count * sizeof(*ret));
	return err;
}

static enum err
list_link(const struct call *c, struct db *db, struct point link,
    const struct key *after, uint32_t limit, struct found *f)
{
	STATEMENT stmt;
	int code = db_prepare(db, str_from(list_sql), &stmt);

	if (code != SQLITE_OK)
		return db_fail(code, c->error);
	bind_key(stmt, link.branch, after);
	(void)sqlite3_bind_int64(stmt, 5, link.seq);
	(void)sqlite3_bind_int64(stmt, 6, limit);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct version v = column_version(c->arena, stmt, link.branch);

		found_add(f, &v);
	}
	return code == SQLITE_DONE ? OK : db_fail(code, c->error);
}

static enum err
list_chain(const struct call *c, struct db *db, struct chain chain,
    const struct key *after, uint32_t limit, struct versions *list)
{
	struct found f = { .arena = c->arena };

	for (size_t i = 0; i < chain.count; i++) {
		size_t before = f.count;

		TRY(list_link(c, db, chain.link[i], after, limit, &f));
		list->more = list->more || f.count - before == limit;
	}
	list->at = f.at;
	list->count = f.count;
	return OK;
}

enum err
sqlite_list(struct call *c, struct chain chain, struct key after,
    uint32_t limit, struct versions *ret)
{
	struct versions list = { .count = 0 };
	struct db *db;

	TRY(check_chain(&chain, limit, c->error));
	TRY(reader_take(c, &db));

	enum err err = list_chain(c, db, chain, &after, limit, &list);

	reader_give(c, db);
	if (err == OK)
		*ret = list;
	return err;
}

/* Whole commits: a reader that goes on behind a position must not miss the
 * rest of it.  Only the first may exceed the limit. */
static enum err
list_changes(const struct call *c, struct db *db, struct point above,
    int64_t upto, uint32_t limit, struct versions *list)
{
	struct found f = { .arena = c->arena };
	size_t whole = 0; /* versions of commits that are complete */
	STATEMENT stmt;
	int code = db_prepare(db, str_from(changes_sql), &stmt);

	if (code != SQLITE_OK)
		return db_fail(code, c->error);
	(void)sqlite3_bind_int64(stmt, 1, above.branch);
	(void)sqlite3_bind_int64(stmt, 2, above.seq);
	(void)sqlite3_bind_int64(stmt, 3, upto);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t seq = sqlite3_column_int64(stmt, 0);

		if (f.count != 0 && f.at[f.count - 1].at.seq != seq)
			whole = f.count;
		if (whole != 0 && f.count >= limit)
			break;

		struct version v = column_version(c->arena, stmt, above.branch);

		found_add(&f, &v);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return db_fail(code, c->error);
	*list = (struct versions){ .at = f.at,
		.count = code == SQLITE_ROW ? whole : f.count,
		.more = code == SQLITE_ROW };
	return OK;
}

enum err
sqlite_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	const struct chain link = { &above, 1 };
	struct versions list;
	struct db *db;

	TRY(check_chain(&link, limit, c->error));
	TRY(reader_take(c, &db));

	enum err err = list_changes(c, db, above, upto, limit, &list);

	reader_give(c, db);
	if (err == OK)
		*ret = list;
	return err;
}

static enum err
find_tails(
    const struct call *c, struct db *db, struct point *tails, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct value *head;

		TRY(find_head(c, db, tails[i].branch, &head));
		tails[i].seq = head != NULL ? head[COMMIT_SEQ].as.i : 0;
	}
	return OK;
}

enum err
sqlite_tails(struct call *c, struct point *io, size_t count)
{
	struct point *tails = ARENA_NEW(c->arena, struct point, count);
	struct db *db;

	if (count == 0)
		return OK;
	memcpy(tails, io, count * sizeof(*io));
	TRY(reader_take(c, &db));

	enum err err = find_tails(c, db, tails, count);

	reader_give(c, db);
	if (err == OK)
		memcpy(io, tails, count * sizeof(*io));
	return err;
}
