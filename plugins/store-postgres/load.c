/*
 * load.c - load(): one statement inserts commits, versions and entries, from
 * an array for each column, where they are missing.
 */
#include "plugins/contract/check.h"
#include "postgres.h"

/* Columns of rows that are added one by one. */
struct columns {
	const struct entity *entity;
	struct array at[ENTITY_FIELDS_MAX];
};

static void
columns_init(struct columns *c, struct arena *a, const struct entity *t)
{
	c->entity = t;
	for (uint16_t i = 0; i < t->field_count; i++)
		c->at[i] = array_of(a, t->fields[i].type);
}

static void
columns_add(struct columns *c, const struct value *row)
{
	for (uint16_t i = 0; i < c->entity->field_count; i++)
		array_add(&c->at[i], &row[i]);
}

static void
add_names(struct sql *s, const struct entity *t)
{
	for (uint16_t i = 0; i < t->field_count; i++) {
		sql_add(s, i != 0 ? ", " : "");
		sql_name(s, t->fields[i].name);
	}
}

/* name AS MATERIALIZED (SELECT * FROM unnest($1, $2 ..) x(branch, seq ..)) */
static void
add_rows(
    struct sql *s, struct params *p, const char *name, const struct columns *c)
{
	sql_add(s, name);
	sql_add(s, " AS MATERIALIZED (SELECT * FROM unnest(");
	for (uint16_t i = 0; i < c->entity->field_count; i++) {
		params_add_array(p, &c->at[i]);
		buf_printf(&s->text, "%s$%d", i != 0 ? ", " : "", p->count);
	}
	sql_add(s, ") x(");
	add_names(s, c->entity);
	sql_add(s, "))");
}

static void
add_insert(struct sql *s, const struct entity *t, const char *from)
{
	sql_add(s, "(INSERT INTO ");
	sql_name(s, t->name);
	sql_add(s, " (");
	add_names(s, t);
	sql_add(s, ") SELECT * FROM ");
	sql_add(s, from);
	sql_add(s, " ON CONFLICT DO NOTHING)");
}

/* Of several versions of a key the newest is its entry, unless a newer one
 * is there. */
static const char add_entries[] =
    "INSERT INTO entries (branch, space, ns, name, seq, deleted)"
    " SELECT DISTINCT ON (space, ns, name) branch, space, ns, name, seq,"
    " deleted FROM w ORDER BY space, ns, name, seq DESC"
    " ON CONFLICT (branch, space, ns, name) DO UPDATE"
    " SET seq = excluded.seq, deleted = excluded.deleted"
    " WHERE entries.seq < excluded.seq";

enum err
postgres_load(struct call *c, int64_t branch, const struct history *h)
{
	const struct schema *schema = ((struct rowlog_store *)c->store)->schema;
	struct columns *commits = ARENA_NEW(c->arena, struct columns, 2);
	struct columns *versions = commits + 1;
	struct sql s = sql_in(c->arena, &postgres_dialect);
	struct params p = params_in(c->arena);
	PGresult *r = NULL;

	TRY(check_history(schema, branch, h, c->error));
	columns_init(commits, c->arena, &schema->entities[ENTITY_COMMITS]);
	columns_init(versions, c->arena, ROWLOG_VERSIONS);
	for (size_t i = 0; i < h->commit_count; i++)
		columns_add(commits, h->commits[i]);
	for (size_t i = 0; i < h->version_count; i++) {
		struct value row[VERSION_FIELDS];

		version_to_row(&h->versions[i], h->versions[i].at, row);
		columns_add(versions, row);
	}
	sql_add(&s, "WITH ");
	add_rows(&s, &p, "u", commits);
	sql_add(&s, ", ");
	add_rows(&s, &p, "w", versions);
	sql_add(&s, ", c AS ");
	add_insert(&s, commits->entity, "u");
	sql_add(&s, ", v AS ");
	add_insert(&s, versions->entity, "w");
	sql_add(&s, add_entries);
	TRY(ask_until_told(c, branch,
	    &QUERY("load", arena_cstr(c->arena, buf_str(&s.text)), &p), &r));
	PQclear(r);
	return OK;
}
