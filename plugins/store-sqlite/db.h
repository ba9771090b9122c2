/*
 * db.h - one SQLite connection: statements, values, errors.
 *
 * A connection serves one thread at a time.  Statements are prepared when
 * first used, kept, and reset before the call ends: an open one would keep
 * the write-ahead log from being emptied.
 */
#ifndef PANGOLIN_DB_H
#define PANGOLIN_DB_H

#include <sqlite3.h>

#include "plugin/store.h"
#include "plugins/sql/sql.h"

#define DB_CACHE 128 /* statements kept, by a hash of their text */

/* Positions that were read when the file had this version (heads.c). */
#define HEADS_READ_MAX 1024 /* as many as a node has in use */
struct heads_read {
	int64_t version;
	size_t count; /* 0: nothing was read */
	struct point at[HEADS_READ_MAX];
};

struct db_statement {
	sqlite3_stmt *stmt; /* NULL: free */
	uint64_t used_in;   /* the last call */
};

struct db {
	sqlite3 *handle;
	uint64_t call;           /* counts them */
	int64_t rows;            /* this one has read or written */
	int64_t deadline_us;     /* of the call: how long to wait for a lock */
	int64_t stop_us;         /* DB_PROMPT: statements stop here */
	struct heads_read heads; /* DB_PROMPT */
	struct db_statement cache[DB_CACHE];
};

extern const struct dialect sqlite_dialect;

enum db_use {
	DB_READ,
	DB_PROMPT, /* reads that never wait, and stop at stop_us */
	DB_WRITE,
	DB_MIGRATE /* makes the file */
};

MUST_CHECK enum err db_open(
    const char *path, enum db_use, struct db **ret, struct error *);
void db_close(struct db *); /* accepts NULL */

/* A failure of SQLite as the contract names it. */
enum err db_fail(int code, struct error *);

/* Statements without parameters and rows: BEGIN, COMMIT, CREATE TABLE. */
int db_exec(struct db *, struct str sql);

/* Prepared, or bound and stepped once; given back by going out of scope.  One
 * at a time: the next may take its place in the cache. */
int db_prepare(struct db *, struct str sql, sqlite3_stmt **ret);
int db_first(struct db *, const struct sql *, sqlite3_stmt **ret);
void db_finish(sqlite3_stmt **);
#define STATEMENT __attribute__((cleanup(db_finish))) sqlite3_stmt *

/* How the statements of this call found their rows. */
void db_explain(struct db *, struct arena *, struct slow_statement *ret);

/* All fields of the entity, in its order. */
const struct value *column_row(
    struct arena *, sqlite3_stmt *, const struct entity *);

#endif
