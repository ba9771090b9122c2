/*
 * migrate.c - makes and widens the tables.
 *
 * All of a migration is one transaction under one lock: of two nodes that
 * migrate at once the second finds the work done.  It waits only a moment for a
 * table in use: a statement that waits holds up those behind it.
 */
#include "base/clock.h"
#include "plugins/contract/check.h"
#include "postgres.h"

#define MIGRATE_WAIT (60 * CLOCK_SECOND)

struct migration {
	struct conn *conn;
	struct arena *arena;
	const struct schema *schema;
	int64_t from, deadline_us;
	struct error *error;
};

static enum err
run(void *migration, struct str sql)
{
	struct migration *m = migration;
	enum outcome outcome;

	conn_send(m->conn, arena_cstr(m->arena, sql), NULL);
	outcome = conn_flush(m->conn, m->deadline_us);
	if (outcome != DONE)
		return conn_fail(m->conn, outcome, m->error);
	return OK;
}

static enum err
read_int(struct migration *m, struct str sql, int64_t *ret)
{
	PGresult *r = NULL;

	TRY(run(m, sql));
	r = conn_take_last(m->conn);
	*ret = PQntuples(r) != 0 ? field_int(r, 0, 0) : 0;
	PQclear(r);
	return OK;
}

static enum err
read_version(struct migration *m, int64_t *ret)
{
	int64_t made = 0;

	*ret = 0;
	TRY(read_int(m,
	    STR("SELECT count(*) FROM pg_tables WHERE tablename = 'meta'"
		" AND schemaname = current_schema()"),
	    &made));
	if (made == 0)
		return OK;
	return read_int(m, STR("SELECT schema_version FROM meta"), ret);
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
postgres_check_version(
    struct conn *conn, const struct schema *schema, struct error *e)
{
	struct migration m = { .conn = conn,
		.arena = arena_new(),
		.deadline_us = clock_mono_us() + MIGRATE_WAIT,
		.error = e };
	int64_t stored = 0, min_writer = 0;
	enum err err = read_version(&m, &stored);

	if (err == OK && stored < schema->version)
		err = fail(e, ERR_UNAVAILABLE,
		    "The store has schema version %lld, not yet %u: migrate "
		    "it first.",
		    (long long)stored, schema->version);
	if (err == OK)
		err = read_int(
		    &m, STR("SELECT min_writer FROM meta"), &min_writer);
	if (err == OK)
		err = refuse_newer(min_writer, schema, e);
	arena_free(m.arena);
	return err;
}

static enum err
make_state(struct migration *m)
{
	TRY(run(m, STR("CREATE TABLE meta (one bigint PRIMARY KEY,"
		       " schema_version bigint NOT NULL,"
		       " min_writer bigint NOT NULL)")));
	return run(m, STR("INSERT INTO meta VALUES (1, 0, 1)"));
}

static enum err
widen(struct migration *m)
{
	const struct sql empty = sql_in(m->arena, &postgres_dialect);
	struct sql s = empty;

	if (m->from == 0)
		TRY(make_state(m));
	for (uint16_t i = 0; i < ROWLOG_ENTITIES; i++)
		TRY(sql_widen(&empty, &rowlog_entities[i], m->from, run, m));
	for (uint16_t i = 0; i < m->schema->count; i++)
		TRY(sql_widen(
		    &empty, &m->schema->entities[i], m->from, run, m));
	buf_printf(
	    &s.text, "UPDATE meta SET schema_version = %u", m->schema->version);
	return run(m, buf_str(&s.text));
}

/* Entries are updated by every commit: room beside them keeps that from
 * touching the index. */
static enum err
migrate_in_transaction(struct migration *m, const char *schema)
{
	struct str make = arena_printf(
	    m->arena, "CREATE SCHEMA IF NOT EXISTS \"%s\"", schema);

	TRY(run(m, STR("BEGIN ISOLATION LEVEL READ COMMITTED")));
	TRY(run(m, STR("SELECT pg_advisory_xact_lock(-1)")));
	TRY(run(m, STR("SET LOCAL lock_timeout = '3s'")));
	if (schema[0] != '\0')
		TRY(run(m, make));
	TRY(read_version(m, &m->from));
	TRY(refuse_newer(m->from, m->schema, m->error));
	if (m->from == m->schema->version)
		return OK;
	TRY(widen(m));
	if (m->from == 0)
		TRY(run(m, STR("ALTER TABLE entries SET (fillfactor = 70)")));
	return run(m, STR("COMMIT"));
}

static enum err
migrate(struct migration *m, const struct options *o)
{
	enum err err;

	do {
		err = migrate_in_transaction(m, o->schema);
		conn_settle(m->conn);
	} while (err == ERR_SLOW_DOWN && !m->conn->broken &&
		 clock_mono_us() < m->deadline_us);
	return err;
}

enum err
postgres_migrate(const struct plugin_settings *settings,
    const struct schema *schema, struct error *e)
{
	struct migration m = { .schema = schema,
		.deadline_us = clock_mono_us() + MIGRATE_WAIT,
		.error = e };
	struct options o;
	enum err err;

	TRY(check_schema(schema, e));
	TRY(options_read(settings, &o, e));
	err = conn_open(&o, clock_mono_us() + o.connect_us, &m.conn, e);
	if (err == OK) {
		m.arena = arena_new();
		err = migrate(&m, &o);
		arena_free(m.arena);
	}
	conn_close(m.conn);
	options_clear(&o);
	return err;
}
