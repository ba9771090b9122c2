/* purging.c - purges: what nothing shows is erased from all history. */
#include "calls/store_call.h"
#include "catalog/purges.h"
#include "model.h"
#include "record/entities.h"
#include "record/value.h"
#include "tasks/purge_objects.h"
#include "versions/purge_check.h"

static bool
shows(const struct state *s, struct id object)
{
	for (int k = NAMESPACES; k < KEYS; k++)
		if (s->value[k] != 0 && id_eq(s->object[k], object))
			return true;
	return false;
}

static bool
is_shown(struct id object)
{
	for (int b = 0; b < m.branches; b++)
		if (m.branch[b].live && shows(state_at(head_of(b)), object))
			return true;
	for (int t = 0; t < TAGS; t++)
		if (m.tag[t].live && shows(state_at(m.tag[t].at), object))
			return true;
	return false;
}

/* ---- no state shows it any more, nor what its keys showed before it */
static void
erase_from(struct state *io, struct id object)
{
	for (int k = NAMESPACES; k < KEYS; k++) {
		if (!id_eq(io->object[k], object))
			continue;
		io->value[k] = 0;
		io->object[k] = (struct id){ 0 };
		io->moved[k] = false;
	}
}

static void
erase(struct id object)
{
	EQUAL(is_shown(object), false);
	tell("  erased %02x", object.b[15]);
	for (int b = 0; b < m.branches; b++) {
		erase_from(&m.branch[b].base.state, object);
		for (int n = 0; n < m.branch[b].count; n++)
			erase_from(&m.branch[b].own[n].state, object);
	}
	counts.purged++;
}

static void
erase_purged(void)
{
	const struct test where = { PURGE_CATALOG, TEST_EQ,
		value_id(m.catalog.id) };
	struct scan scan = { .entity = ENTITY_PURGES,
		.index = PURGES_BY_CATALOG,
		.limit = 500,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	GOOD(store_scan(&m.call, &scan, &rows));
	EQUAL(rows.next.ptr == NULL, true);
	for (size_t i = 0; i < rows.count; i++)
		if (rows.row[i][PURGE_STATE].as.i == PURGE_ERASED)
			erase(value_id_or_nil(rows.row[i][PURGE_OBJECT]));
}

/* What some branch shows as dropped, renamed or live; rather what nothing shows
 * any more. */
static struct id
some_object(void)
{
	struct id object = { 0 };

	for (int tries = 0; tries < 20; tries++) {
		const struct state *s = state_at(head_of(live_branch()));

		object = s->object[NAMESPACES +
				   (int)draw((unsigned)(KEYS - NAMESPACES))];
		if (!id_is_nil(object) && !is_shown(object))
			break;
	}
	return object;
}

void
purge_something(void)
{
	struct id object = some_object(), task;
	bool whole;
	enum err err;

	if (id_is_nil(object))
		return;
	tell("purge %02x", object.b[15]);
	err = purge_check(
	    &m.call, &m.catalog, m.catalog.main_branch, object, &whole);
	if (whole)
		EQUAL(err, is_shown(object) ? ERR_CONFLICT : OK);
	if (!is_shown(object))
		GOOD(purge_submit(
		    &m.call, &m.catalog, object, (struct id){ 0 }, &task));
	run_task(purge_objects, 0);
	erase_purged();
}
