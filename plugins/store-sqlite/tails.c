/*
 * tails.c - the last positions of logs, for a loop that asks all the time.
 *
 * SQLite tells cheaply whether any other connection has written since a
 * connection looked last.  The one for calls that must not wait never writes
 * itself, so while it is told that nothing has, what it read is right.
 */
#include "plugins/log/steps.h"
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

/* False: not all of them were read at this version. */
static bool
recall(const struct tails_read *read, int64_t version, struct point *io,
    size_t count)
{
	if (read->version != version)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t n = 0;

		while (n < read->count && read->at[n].branch != io[i].branch)
			n++;
		if (n == read->count)
			return false;
		io[i].seq = read->at[n].seq;
	}
	return true;
}

/* Within one snapshot, which the version is of. */
static enum err
read_all(struct engine *g, struct db *db, struct point *io, size_t count)
{
	struct tails_read *read = &db->tails;

	read->count = 0;
	TRY(data_version(db, &read->version, g->error));
	TRY(engine_tails(g, io, count));
	if (count <= TAILS_READ_MAX) {
		memcpy(read->at, io, count * sizeof(*io));
		read->count = count;
	}
	return OK;
}

enum err
sqlite_tails(struct call *c, struct point *io, size_t count)
{
	struct engine *g;
	int64_t version;

	if (!c->nowait)
		return call_tails(c, io, count);

	struct sqlite_store *s = (struct sqlite_store *)c->store;
	struct db *db = NULL;

	TRY(pool_borrow_prompt(s, c, &db));

	enum err err = data_version(db, &version, c->error);
	bool done = err == OK && recall(&db->tails, version, io, count);

	pool_leave(s, db);
	if (err != OK || done)
		return err;
	TRY(pool_begin(c, false, &g));
	g->asked.verb = "tails";
	err = read_all(g, db, io, count);

	enum err at_end = pool_end(g, false);

	return err != OK ? err : at_end;
}
