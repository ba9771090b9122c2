/*
 * heads.c - reads the heads of logs, for a loop that asks all the time.
 *
 * SQLite tells cheaply whether any other connection has written since a
 * connection looked last.  The connection for calls that must not wait never
 * writes itself, so until it is told of a write, what it read is right.
 */
#include "plugins/rowlog/steps.h"
#include "sqlite.h"

static enum err
data_version(struct db *db, int64_t *ret, struct error *e)
{
	STATEMENT stmt;
	int code = db_prepare(db, STR("PRAGMA data_version"), &stmt);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		return db_fail(code, e);
	*ret = sqlite3_column_int64(stmt, 0);
	return OK;
}

/* Where the log is among those that were read; a poll names them in the same
 * order as the one before, so the search goes on from the last. */
static bool
find(const struct point *at, size_t count, int64_t log, size_t *io)
{
	for (size_t left = count; left != 0; left--) {
		if (*io >= count)
			*io = 0;
		if (at[*io].branch == log)
			return true;
		++*io;
	}
	return false;
}

/* False: not all of them were read at this version. */
static bool
recall(const struct heads_read *read, int64_t version, struct point *io,
    size_t count)
{
	size_t n = 0;

	if (read->version != version)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!find(read->at, read->count, io[i].branch, &n))
			return false;
		io[i].seq = read->at[n].seq;
	}
	return true;
}

/* Within one snapshot, which the version is of.  A call that is stopped keeps
 * what it has read, so the next one comes further. */
static enum err
read_missing(struct engine *g, struct db *db, struct point *io, size_t count)
{
	struct heads_read *read = &db->heads;
	struct point *at = ARENA_NEW(g->arena, struct point, count);
	int64_t version;
	size_t known, n = 0;

	TRY(data_version(db, &version, g->error));
	if (read->version != version || read->count == HEADS_READ_MAX)
		read->count = 0;
	read->version = version;
	known = read->count;
	for (size_t i = 0; i < count; i++) {
		at[i] = io[i];
		if (find(read->at, known, at[i].branch, &n)) {
			at[i].seq = read->at[n].seq;
			continue;
		}
		TRY(rowlog_heads(g, &at[i], 1));
		if (read->count < HEADS_READ_MAX)
			read->at[read->count++] = at[i];
	}
	memcpy(io, at, count * sizeof(*io));
	return OK;
}

enum err
sqlite_heads(struct call *c, struct point *io, size_t count)
{
	struct engine *g;
	int64_t version;

	if (!c->nowait)
		return call_heads(c, io, count);

	struct sqlite_store *s = (struct sqlite_store *)c->store;
	struct db *db = NULL;

	TRY(pool_borrow_prompt(s, c, &db));

	enum err err = data_version(db, &version, c->error);
	bool done = err == OK && recall(&db->heads, version, io, count);

	pool_leave(s, db);
	if (err != OK || done)
		return err;
	TRY(pool_begin(c, false, &g));
	g->asked.verb = "heads";
	err = read_missing(g, db, io, count);

	enum err at_end = pool_end(g, false);

	return err != OK ? err : at_end;
}
