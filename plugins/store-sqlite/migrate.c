/*
 * migrate.c - makes and widens the tables.
 *
 * All of a migration is one transaction, begun before the stored version is
 * read: of two processes the second finds the work done.  A database that is to
 * be widened is first copied beside itself, as it stands in that moment.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/contract/check.h"
#include "sqlite.h"

/* A table holds what is known about the whole file. */
#define STATE_TABLE "meta"

struct migration {
	struct db *db;
	struct arena *arena;
	const struct schema *schema;
	const char *path;
	int64_t from; /* the stored version; 0: an empty file */
	struct error *error;
};

char *
sqlite_path(const struct plugin_settings *settings)
{
	struct str path = settings->value[0], dir = settings->state_dir;
	char *text;
	int n;

	if (str_starts_with(path, STR("/")) || dir.len == 0)
		n = asprintf(&text, STR_FMT, STR_ARG(path));
	else
		n = asprintf(
		    &text, STR_FMT "/" STR_FMT, STR_ARG(dir), STR_ARG(path));
	if (n < 0)
		abort(); /* as the arena does without memory */
	return text;
}

static enum err
run(void *migration, struct str sql)
{
	struct migration *m = migration;
	int code = db_exec(m->db, sql);

	return code == SQLITE_OK ? OK : db_fail(code, m->error);
}

static enum err
read_int(struct db *db, struct str sql, int64_t *ret, struct error *e)
{
	STATEMENT stmt;
	int code = db_prepare(db, sql, &stmt);

	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code != SQLITE_ROW)
		return db_fail(code, e);
	*ret = sqlite3_column_int64(stmt, 0);
	return OK;
}

static enum err
read_version(struct db *db, int64_t *ret, struct error *e)
{
	int64_t tables = 0;

	*ret = 0;
	TRY(read_int(db,
	    STR("SELECT count(*) FROM sqlite_schema WHERE name = '" STATE_TABLE
		"'"),
	    &tables, e));
	if (tables == 0)
		return OK;
	return read_int(
	    db, STR("SELECT schema_version FROM " STATE_TABLE), ret, e);
}

static enum err
refuse_newer(int64_t stored, const struct schema *schema, struct error *e)
{
	if (stored <= schema->version)
		return OK;
	return fail(e, ERR_UNAVAILABLE,
	    "The store has schema version %lld, this program knows %u.",
	    (long long)stored, schema->version);
}

/* An older program may go on beside a newer one until that raises
 * min_writer; a newer one must not start before migrate(). */
enum err
sqlite_check_version(
    struct db *db, const struct schema *schema, struct error *e)
{
	int64_t stored = 0, min_writer = 0;

	TRY(read_version(db, &stored, e));
	if (stored < schema->version)
		return fail(e, ERR_UNAVAILABLE,
		    "The store has schema version %lld, not yet %u: migrate "
		    "it first.",
		    (long long)stored, schema->version);
	TRY(read_int(
	    db, STR("SELECT min_writer FROM " STATE_TABLE), &min_writer, e));
	return refuse_newer(min_writer, schema, e);
}

/* The key that tokens are signed with is in it.  Files that SQLite puts beside
 * it have the mode of the database.  One that is there is not opened: closing
 * it would take the locks of others in this process (sqlite.org/lockingv3). */
static bool
make_private(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char name[PATH_MAX];
	struct stat st;

	if (fd >= 0)
		return close(fd) == 0;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (snprintf(name, sizeof(name), "%s%s", path, suffixes[i]) <
			(int)sizeof(name) &&
		    stat(name, &st) == 0 && (st.st_mode & 077) != 0 &&
		    chmod(name, st.st_mode & 0700) != 0)
			return false;
	return true;
}

static enum err
make_file_private(const char *path, struct error *e)
{
	if (make_private(path))
		return OK;
	return fail(e, ERR_UNAVAILABLE,
	    "%s cannot be kept from others (%s): it has to belong to who runs "
	    "this program",
	    path, strerrordesc_np(errno));
}

static enum err
no_copy(struct migration *m)
{
	return fail(m->error, ERR_UNAVAILABLE,
	    "The store could not be copied aside before it is widened.");
}

static enum err
sync_and_rename(struct migration *m, const char *from, const char *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0 && rename(from, to) == 0;

	if (fd >= 0)
		(void)close(fd);
	return done ? OK : no_copy(m);
}

/* The copy is made through a connection of its own, because VACUUM cannot
 * run in the transaction that keeps others from writing meanwhile. */
static enum err
copy_aside(struct migration *m)
{
	struct str to =
	    arena_printf(m->arena, "%s.v%lld.bak", m->path, (long long)m->from);
	struct str part = arena_printf(m->arena, "%s.part", to.ptr);
	struct db *reader;

	if ((unlink(part.ptr) != 0 && errno != ENOENT) ||
	    !make_private(part.ptr))
		return no_copy(m);
	TRY(db_open(m->path, DB_MIGRATE, &reader, m->error));

	char *sql = sqlite3_mprintf("VACUUM INTO %Q", part.ptr);
	int code = sqlite3_exec(reader->handle, sql, NULL, NULL, NULL);

	sqlite3_free(sql);
	db_close(reader);
	if (code != SQLITE_OK)
		return no_copy(m);
	return sync_and_rename(m, part.ptr, to.ptr);
}

static enum err
make_state(struct migration *m)
{
	TRY(run(m, STR("CREATE TABLE " STATE_TABLE " (one INTEGER PRIMARY KEY,"
		       " schema_version INTEGER NOT NULL,"
		       " min_writer INTEGER NOT NULL) STRICT")));
	return run(m, STR("INSERT INTO " STATE_TABLE " VALUES (1, 0, 1)"));
}

static enum err
widen(struct migration *m)
{
	const struct sql empty = sql_in(m->arena, &sqlite_dialect);
	struct sql s = empty;

	TRY(m->from != 0 ? copy_aside(m) : make_state(m));
	for (uint16_t i = 0; i < ROWLOG_ENTITIES; i++)
		TRY(sql_widen(&empty, &rowlog_entities[i], m->from, run, m));
	for (uint16_t i = 0; i < m->schema->count; i++)
		TRY(sql_widen(
		    &empty, &m->schema->entities[i], m->from, run, m));
	buf_printf(&s.text, "UPDATE " STATE_TABLE " SET schema_version = %u",
	    m->schema->version);
	return run(m, buf_str(&s.text));
}

static enum err
migrate_in_transaction(struct migration *m)
{
	TRY(run(m, STR("BEGIN IMMEDIATE")));
	TRY(read_version(m->db, &m->from, m->error));
	TRY(refuse_newer(m->from, m->schema, m->error));
	if (m->from == m->schema->version)
		return OK;
	TRY(widen(m));
	return run(m, STR("COMMIT"));
}

enum err
sqlite_migrate(const struct plugin_settings *settings,
    const struct schema *schema, struct error *e)
{
	char *path = sqlite_path(settings);
	struct migration m = { .schema = schema, .path = path, .error = e };
	enum err err = check_schema(schema, e);

	if (err == OK)
		err = make_file_private(path, e);
	if (err == OK)
		err = db_open(path, DB_MIGRATE, &m.db, e);
	if (err == OK) {
		m.arena = arena_new();
		err = migrate_in_transaction(&m);
		arena_free(m.arena);
	}
	db_close(m.db); /* what was not committed is rolled back */
	free(path);
	return err;
}
