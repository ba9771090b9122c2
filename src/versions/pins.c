#include "versions/pins.h"

#include <stdlib.h>

#include "base/list.h"
#include "record/control.h"
#include "versions/merge_bases.h"
#include "versions/merge_operations.h"

#define TRIES 5

/* ---- what is there */
static void
add_state(struct pins *p, struct point state)
{
	LIST_RESERVE(p->arena, p->states, p->count, p->room, 1);
	p->states[p->count++] = state;
}

static enum err
add_operations(struct call *c, const struct catalog *catalog, struct pins *io)
{
	const struct test where[] = {
		{ OPERATION_CATALOG, TEST_EQ, value_id(catalog->id) },
		{ OPERATION_STATUS, TEST_LT, value_int(STATUS_COMPLETED) },
	};
	const struct scan scan = { .entity = ENTITY_MERGE_OPERATIONS,
		.index = OPERATIONS_BY_CATALOG,
		.where = where,
		.where_count = 2 };
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));
	for (size_t i = 0; i < rows.count; i++) {
		const struct value *row = rows.row[i];

		add_state(
		    io, (struct point){ value_int_or(row[OPERATION_SOURCE], 0),
			    value_int_or(row[OPERATION_SOURCE_SEQ], 0) });
		add_state(
		    io, (struct point){ value_int_or(row[OPERATION_TARGET], 0),
			    value_int_or(row[OPERATION_TARGET_SEQ], 0) });
	}
	return OK;
}

/* Where a merge of any two begins; the states so far are those of merges. */
static enum err
add_bases(struct call *c, struct pins *io)
{
	const struct points open = { io->states, io->count };
	struct points bases;

	TRY(merge_bases(c, &io->refs, &open, &bases));
	for (size_t i = 0; i < bases.count; i++)
		add_state(io, bases.at[i]);
	return OK;
}

static enum err
head_of(struct call *c, struct id tenant, int64_t *ret)
{
	struct point head = { control_log(tenant), 0 };

	TRY(store_heads(c, &head, 1));
	*ret = head.seq;
	return OK;
}

/* ---- who needs whom */
static bool
need(struct pins *p, int64_t branch)
{
	void **slot;

	if (branch == 0)
		return false;
	slot = int_map_slot(&p->needed, branch, p->arena);
	if (*slot != NULL)
		return false;
	*slot = p;
	return true;
}

static bool
need_what_it_needs(struct pins *p, const struct ref *r)
{
	bool more = need(p, r->forked.branch);

	return need(p, r->parent.branch) || more;
}

/* A deleted branch is needed by one that is needed, and so on: a round for
 * each link of the longest chain of deleted branches. */
static void
find_needed(struct pins *p)
{
	bool more = true;

	for (size_t i = 0; i < p->refs.count; i++)
		if (p->refs.at[i].state == REF_LIVE &&
		    p->refs.at[i].kind == REF_BRANCH)
			(void)need(p, p->refs.at[i].id);
	for (size_t i = 0; i < p->count; i++)
		(void)need(p, p->states[i].branch);
	while (more) {
		more = false;
		for (size_t i = 0; i < p->refs.count; i++) {
			const struct ref *r = &p->refs.at[i];

			if (r->state == REF_LIVE || pins_need(p, r->id))
				more |= need_what_it_needs(p, r);
		}
	}
}

enum err
pins_read(struct call *c, const struct catalog *catalog, struct pins *ret)
{
	int64_t before, behind;

	TRY(head_of(c, catalog->tenant, &before));
	for (int i = 0; i < TRIES; i++) {
		struct pins p = { .arena = c->arena };

		TRY(refs_all(c, catalog, &p.refs));
		TRY(add_operations(c, catalog, &p));
		TRY(add_bases(c, &p));
		TRY(head_of(c, catalog->tenant, &behind));
		if (before == behind) {
			find_needed(&p);
			*ret = p;
			return OK;
		}
		before = behind;
	}
	return fail(c->error, ERR_SLOW_DOWN,
	    "The branches of catalog '" STR_FMT "' are being changed",
	    STR_ARG(catalog->name));
}

/* ---- looking */
const struct ref *
pins_next_branch(const struct pins *p, int64_t above)
{
	const struct ref *next = NULL;

	for (size_t i = 0; i < p->refs.count; i++) {
		const struct ref *r = &p->refs.at[i];

		if (r->kind == REF_BRANCH && r->id > above &&
		    (next == NULL || r->id < next->id))
			next = r;
	}
	return next;
}

bool
pins_need(const struct pins *p, int64_t branch)
{
	return int_map_find(&p->needed, branch) != NULL;
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
add(struct positions *io, struct point p, int64_t branch, int64_t upto)
{
	if (p.branch == branch && p.seq < upto)
		io->at[io->count++] = p.seq;
}

struct positions
pins_of(const struct pins *p, int64_t branch, int64_t upto)
{
	struct positions found = { ARENA_NEW(p->arena, int64_t,
				       2 * p->refs.count + p->count + 1),
		0 };
	size_t count = 0;

	for (size_t i = 0; i < p->refs.count; i++) {
		const struct ref *r = &p->refs.at[i];

		if (r->state != REF_LIVE && !pins_need(p, r->id))
			continue;
		add(&found, r->forked, branch, upto);
		add(&found, r->parent, branch, upto);
	}
	for (size_t i = 0; i < p->count; i++)
		add(&found, p->states[i], branch, upto);
	found.at[found.count++] = upto;
	qsort(found.at, found.count, sizeof(*found.at), by_number);
	for (size_t i = 0; i < found.count; i++)
		if (count == 0 || found.at[count - 1] != found.at[i])
			found.at[count++] = found.at[i];
	found.count = count;
	return found;
}
