/* reads.c - reads the logs, and rows by their keys: a statement each. */
#include "base/clock.h"
#include "plugins/contract/check.h"
#include "plugins/contract/value.h"
#include "postgres.h"
#include "statements.h"

static const struct schema *
schema_of(const struct call *c)
{
	return ((struct rowlog_store *)c->store)->schema;
}

/* unnest($1, $2 ..) WITH ORDINALITY k(k0, k1 .., n) joined to the table */
static void
add_get(struct sql *s, const struct entity *t)
{
	sql_columns(s, t, "t.");
	sql_add(s, " FROM unnest(");
	for (uint16_t i = 0; i < t->key_count; i++)
		buf_printf(&s->text, "%s$%u", i != 0 ? ", " : "", i + 1u);
	sql_add(s, ") WITH ORDINALITY k(");
	for (uint16_t i = 0; i < t->key_count; i++)
		buf_printf(&s->text, "k%u, ", i);
	sql_add(s, "n) LEFT JOIN LATERAL (SELECT * FROM ");
	sql_name(s, t->name);
	for (uint16_t i = 0; i < t->key_count; i++) {
		sql_add(s, i == 0 ? " WHERE " : " AND ");
		sql_name(s, t->fields[i].name);
		buf_printf(&s->text, " = k%u", i);
	}
	sql_add(s, " OFFSET 0) t ON true ORDER BY k.n");
}

enum err
postgres_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	TRY(check_keys(schema_of(c), entity, keys, count, c->error));

	const struct entity *t = &schema_of(c)->entities[entity];
	struct sql sql = sql_in(c->arena, &postgres_dialect);
	struct params p = params_in(c->arena);
	PGresult *r = NULL;

	for (uint16_t i = 0; i < t->key_count; i++) {
		struct array x = array_of(c->arena, t->fields[i].type);

		for (size_t k = 0; k < count; k++)
			array_add(&x, &keys[k][i]);
		params_add_array(&p, &x);
	}
	add_get(&sql, t);
	TRY(ask(c,
	    &(struct query){ { "get", t, NULL, 0 },
		arena_cstr(c->arena, buf_str(&sql.text)), &p },
	    &r));
	*ret = result_rows(c->arena, r, t);
	PQclear(r);
	for (size_t i = 0; i < ret->count; i++)
		if (ret->row[i][0].type == VALUE_NULL)
			ret->row[i] = NULL; /* a key is never NULL */
	return OK;
}

enum err
postgres_walk(
    struct call *c, const struct scan *scan, uint16_t parent, struct rows *ret)
{
	TRY(check_walk(schema_of(c), scan, parent, c->error));

	const struct entity *t = &schema_of(c)->entities[scan->entity];
	struct sql sql = sql_in(c->arena, &postgres_dialect);
	PGresult *r = NULL;

	sql_walk(&sql, t, scan, parent);

	const struct query q = query_of(
	    &sql, &(struct asked){ "walk", t, scan->where, scan->where_count });

	TRY(ask(c, &q, &r));
	*ret = result_rows(c->arena, r, t);
	PQclear(r);
	return OK;
}

enum err
postgres_heads(struct call *c, struct point *io, size_t count)
{
	struct array branches = array_of(c->arena, VALUE_INT);
	struct params p = params_in(c->arena);
	PGresult *r = NULL;

	for (size_t i = 0; i < count; i++)
		array_add_int(&branches, io[i].branch);
	params_add_array(&p, &branches);
	TRY(ask(c, &QUERY("heads", statement_heads, &p), &r));
	for (size_t i = 0; i < count; i++)
		io[i].seq = field_int(r, (int)i, 0);
	PQclear(r);
	return OK;
}

static void
add_chain(struct params *p, struct chain chain)
{
	struct array branches = array_of(p->arena, VALUE_INT);
	struct array positions = array_of(p->arena, VALUE_INT);

	for (size_t i = 0; i < chain.count; i++) {
		array_add_int(&branches, chain.link[i].branch);
		array_add_int(&positions, chain.link[i].seq);
	}
	params_add_array(p, &branches);
	params_add_array(p, &positions);
}

static struct version
version_at(struct arena *a, const PGresult *r, int row)
{
	return version_of(result_row(a, r, row, ROWLOG_VERSIONS));
}

static struct versions
versions_of(struct arena *a, const PGresult *r, int count)
{
	struct version *v = ARENA_NEW(a, struct version, (size_t)count);

	for (int i = 0; i < count; i++)
		v[i] = version_at(a, r, i);
	return (struct versions){ v, (size_t)count, false };
}

enum err
postgres_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct array space = array_of(c->arena, VALUE_INT);
	struct array ns = array_of(c->arena, VALUE_TEXT), name = ns;
	struct params p = params_in(c->arena);
	PGresult *r = NULL;

	TRY(check_chain(&chain, 1, c->error));
	for (size_t i = 0; i < count; i++) {
		array_add_int(&space, keys[i].space);
		array_add(
		    &ns, &(struct value){ VALUE_TEXT, .as.s = keys[i].ns });
		array_add_text(&name, keys[i].name);
	}
	params_add_array(&p, &space);
	params_add_array(&p, &ns);
	params_add_array(&p, &name);
	add_chain(&p, chain);
	TRY(ask(c, &QUERY("read", statement_read, &p), &r));
	for (size_t i = 0; i < count; i++)
		ret[i] = (struct version){ .key = keys[i] };
	for (int i = 0; i < PQntuples(r); i++)
		ret[field_int(r, i, VERSION_FIELDS) - 1] =
		    version_at(c->arena, r, i);
	PQclear(r);
	return OK;
}

enum err
postgres_list(struct call *c, struct chain chain, struct key after,
    uint32_t limit, struct versions *ret)
{
	struct params p = params_in(c->arena);
	uint32_t of_link = 0;
	int64_t link = 0;
	PGresult *r = NULL;

	TRY(check_chain(&chain, limit, c->error));
	add_chain(&p, chain);
	params_add_int(&p, after.space);
	params_add_text(&p, after.ns);
	params_add_text(&p, after.name);
	params_add_int(&p, limit);
	TRY(ask(c, &QUERY("list", statement_list, &p), &r));
	*ret = versions_of(c->arena, r, PQntuples(r));
	for (int i = 0; i < PQntuples(r); i++) {
		int64_t now = field_int(r, i, VERSION_FIELDS);

		of_link = now == link ? of_link + 1 : 1;
		link = now;
		ret->more = ret->more || of_link == limit;
	}
	PQclear(r);
	return OK;
}

enum err
postgres_changes(struct call *c, struct point above, int64_t upto,
    uint32_t limit, struct versions *ret)
{
	struct params p = params_in(c->arena);
	PGresult *r = NULL;

	TRY(check_changes(above, limit, c->error));
	params_add_int(&p, above.branch);
	params_add_int(&p, above.seq);
	params_add_int(&p, upto);
	params_add_int(&p, limit);
	TRY(ask(c, &QUERY("changes", statement_changes, &p), &r));
	*ret = versions_of(c->arena, r, PQntuples(r));
	ret->more = ret->count != 0 && field_int(r, 0, VERSION_FIELDS) != 0;
	PQclear(r);
	return OK;
}

enum err
postgres_fold(struct call *c, struct chain chain, int64_t to,
    struct key *io_after, uint32_t limit)
{
	struct params p = params_in(c->arena);
	PGresult *r = NULL;

	TRY(check_fold(&chain, to, limit, c->error));
	add_chain(&p, chain);
	params_add_int(&p, to);
	params_add_int(&p, io_after->space);
	params_add_text(&p, io_after->ns);
	params_add_text(&p, io_after->name);
	params_add_int(&p, limit);
	TRY(ask_until_told(c, to, &QUERY("fold", statement_fold, &p), &r));

	const bool more = PQntuples(r) != 0 && field_int(r, 0, 3) == limit;

	*io_after = (struct key){ .name = STR("") };
	if (more) {
		io_after->space = (enum space)field_int(r, 0, 0);
		io_after->ns = field_value(c->arena, r, 0, 1, VALUE_TEXT).as.s;
		io_after->name =
		    field_value(c->arena, r, 0, 2, VALUE_TEXT).as.s;
	}
	PQclear(r);
	return OK;
}

/* Changes versions, and lists them. */
static enum err
change_versions(struct call *c, struct point *io_above, const struct query *q,
    struct versions *ret)
{
	enum outcome outcome = LOST;
	PGresult *r = NULL;
	char state[6];

	TRY(ask_locked(c, io_above->branch, q, &r, &outcome, state));
	if (outcome == FAILED)
		return c->error->code;
	if (outcome != DONE)
		return fail(c->error, ERR_COMMIT_UNKNOWN,
		    "The store did not tell whether the versions are gone.");

	bool none = PQgetisnull(r, 0, VERSION_BRANCH);

	*ret = versions_of(c->arena, r, none ? 0 : PQntuples(r));
	ret->more = field_int(r, 0, VERSION_FIELDS + 1) != 0;
	io_above->seq = field_int(r, 0, VERSION_FIELDS);
	PQclear(r);
	return OK;
}

enum err
postgres_prune(struct call *c, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret)
{
	struct array all = array_of(c->arena, VALUE_INT);
	struct params p = params_in(c->arena);

	TRY(check_prune(*io_above, pins, count, limit, c->error));
	for (size_t i = 0; i < count; i++)
		array_add_int(&all, pins[i]);
	params_add_int(&p, io_above->branch);
	params_add_int(&p, io_above->seq);
	params_add_int(&p, count != 0 ? pins[count - 1] : INT64_MAX);
	params_add_int(&p, limit);
	if (count != 0)
		params_add_array(&p, &all);
	return change_versions(c, io_above,
	    count != 0 ? &QUERY("prune", statement_prune, &p)
		       : &QUERY("prune all", statement_prune_all, &p),
	    ret);
}

enum err
postgres_erase(struct call *c, struct point *io_above, struct id object,
    bool live, uint32_t limit, struct versions *ret)
{
	const struct value id = { VALUE_ID, { .id = object } };
	struct params p = params_in(c->arena);

	TRY(check_erase(*io_above, object, limit, c->error));
	params_add_int(&p, io_above->branch);
	params_add_int(&p, io_above->seq);
	params_add_int(&p, INT64_MAX);
	params_add_int(&p, limit);
	params_add(&p, &id);
	params_add_int(&p, live);
	return change_versions(
	    c, io_above, &QUERY("erase", statement_erase, &p), ret);
}
