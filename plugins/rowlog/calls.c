/*
 * calls.c - the calls of the store contract: each checks, begins, works, ends.
 */
#include "base/clock.h"
#include "plugins/contract/check.h"
#include "plugins/rowlog/steps.h"

static const struct rowlog_store *
store_of(const struct call *c)
{
	return (const struct rowlog_store *)c->store;
}

static enum err
begin(const struct call *c, const struct asked *asked, bool write,
    struct engine **ret)
{
	TRY(check_deadline(c));
	TRY(store_of(c)->ops->begin(c, write, ret));
	(*ret)->asked = *asked;
	return OK;
}

static enum err
begin_read(const struct call *c, const char *verb, struct engine **ret)
{
	return begin(c, &(struct asked){ .verb = verb }, false, ret);
}

static enum err
begin_write(const struct call *c, const char *verb, struct engine **ret)
{
	return begin(c, &(struct asked){ .verb = verb }, true, ret);
}

static enum err
begin_scan(const struct call *c, const char *verb, const struct scan *scan,
    struct engine **ret)
{
	const struct asked asked = { verb,
		&store_of(c)->schema->entities[scan->entity], scan->where,
		scan->where_count };

	return begin(c, &asked, false, ret);
}

/* The outcome of a call that only read. */
static enum err
end(struct engine *g, enum err err)
{
	enum err at_end = g->ops->end(g, false);

	return err != OK ? err : at_end;
}

enum err
call_get(struct call *c, uint16_t entity, const struct value *const *keys,
    size_t count, struct rows *ret)
{
	struct engine *g;

	TRY(check_keys(store_of(c)->schema, entity, keys, count, c->error));
	TRY(begin(c,
	    &(struct asked){
		"get", &store_of(c)->schema->entities[entity], NULL, 0 },
	    false, &g));
	return end(g, rowlog_get(g, entity, keys, count, ret));
}

enum err
call_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	struct engine *g;

	TRY(check_scan(store_of(c)->schema, scan, c->error));
	TRY(begin_scan(c, "scan", scan, &g));
	return end(g, rowlog_scan(g, scan, ret));
}

enum err
call_count(struct call *c, const struct scan *scan, int64_t *ret)
{
	const struct schema *schema = store_of(c)->schema;
	struct engine *g;

	TRY(check_scan(schema, scan, c->error));
	TRY(begin_scan(c, "count", scan, &g));
	return end(
	    g, g->ops->count(g, &schema->entities[scan->entity], scan, ret));
}

enum err
call_walk(
    struct call *c, const struct scan *scan, uint16_t parent, struct rows *ret)
{
	struct engine *g;

	TRY(check_walk(store_of(c)->schema, scan, parent, c->error));
	TRY(begin_scan(c, "walk", scan, &g));
	return end(g, rowlog_walk(g, scan, parent, ret));
}

enum err
call_heads(struct call *c, struct point *io, size_t count)
{
	struct engine *g;

	TRY(begin_read(c, "heads", &g));
	return end(g, rowlog_heads(g, io, count));
}

enum err
call_ping(struct call *c, struct store_stats *ret)
{
	int64_t began = clock_mono_us();
	struct point none = { 0, 0 };

	TRY(call_heads(c, &none, 1));
	ret->latency_us = clock_mono_us() - began;
	return OK;
}

enum err
call_read(struct call *c, struct chain chain, const struct key *keys,
    size_t count, struct version *ret)
{
	struct engine *g;

	TRY(check_chain(&chain, 1, c->error));
	TRY(begin_read(c, "read", &g));
	return end(g, rowlog_read(g, chain, keys, count, ret));
}

enum err
call_list(struct call *c, struct chain chain, struct key after, uint32_t limit,
    struct versions *ret)
{
	struct engine *g;

	TRY(check_chain(&chain, limit, c->error));
	TRY(begin_read(c, "list", &g));
	return end(g, rowlog_list(g, chain, after, limit, ret));
}

enum err
call_changes(struct call *c, struct point above, int64_t upto, uint32_t limit,
    struct versions *ret)
{
	struct engine *g;

	TRY(check_changes(above, limit, c->error));
	TRY(begin_read(c, "changes", &g));
	return end(g, rowlog_changes(g, above, upto, limit, ret));
}

static bool
any_applied(const struct unit_result *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].verdict == VERDICT_APPLIED)
			return true;
	return false;
}

/* The units are told when it is durable. */
enum err
call_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct unit_result *all;
	struct engine *g;

	TRY(check_units(store_of(c)->schema, branch, units, count, c->error));
	TRY(begin_write(c, "apply", &g));

	enum err err = rowlog_apply(g, branch, units, count, &all);

	if (err != OK) {
		(void)g->ops->end(g, false);
		return err;
	}
	TRY(g->ops->end(g, any_applied(all, count)));
	for (size_t i = 0; i < count; i++) {
		units[i].verdict = all[i].verdict;
		units[i].failed = all[i].failed;
		units[i].seq = all[i].seq;
		units[i].first_hash = all[i].first_hash;
	}
	return OK;
}

/* The outcome of a call that wrote: told when it is durable. */
static enum err
end_write(struct engine *g, enum err err)
{
	enum err at_end = g->ops->end(g, err == OK);

	return err != OK ? err : at_end;
}

enum err
call_fold(struct call *c, struct chain chain, int64_t to, struct key *io_after,
    uint32_t limit)
{
	struct key after = *io_after;
	struct engine *g;

	TRY(check_fold(&chain, to, limit, c->error));
	TRY(begin_write(c, "fold", &g));
	TRY(end_write(g, rowlog_fold(g, chain, to, &after, limit)));
	*io_after = after;
	return OK;
}

enum err
call_prune(struct call *c, struct point *io_above, const int64_t *pins,
    size_t count, uint32_t limit, struct versions *ret)
{
	struct point above = *io_above;
	struct versions dropped;
	struct engine *g;

	TRY(check_prune(above, pins, count, limit, c->error));
	TRY(begin_write(c, "prune", &g));
	TRY(end_write(
	    g, rowlog_prune(g, &above, pins, count, limit, &dropped)));
	*io_above = above;
	*ret = dropped;
	return OK;
}

enum err
call_erase(struct call *c, struct point *io_above, struct id object, bool live,
    uint32_t limit, struct versions *ret)
{
	struct point above = *io_above;
	struct versions erased;
	struct engine *g;

	TRY(check_erase(above, object, limit, c->error));
	TRY(begin_write(c, "erase", &g));
	TRY(end_write(
	    g, rowlog_erase(g, &above, object, live, limit, &erased)));
	*io_above = above;
	*ret = erased;
	return OK;
}

enum err
call_load(struct call *c, int64_t branch, const struct history *history)
{
	struct engine *g;

	TRY(check_history(store_of(c)->schema, branch, history, c->error));
	TRY(begin_write(c, "load", &g));
	return end_write(g, rowlog_load(g, history));
}
