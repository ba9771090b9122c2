/*
 * copy_pages.c - copies rows that refer to others and are named by no log.
 *
 * A result of a task is copied if the task's row, which was read before, counts
 * it.  An answer that was given without a commit and its claim among the
 * commits are one unit: both are copied, or neither.  Locations are read behind
 * the logs, so that each table of the copy has its own; rows of tables that are
 * younger than the copy are for the sweep to find, which looks at those that
 * nobody is known to need.
 */
#include <stdlib.h>

#include "backup/copy.h"
#include "base/clock.h"
#include "record/batch.h"

#define TOKEN_MAX 512

/* All rows of an entity by key, page by page. */
static enum err
each_row(struct copy *k, uint16_t entity,
    enum err take(struct copy *, const struct value *row, void *arg), void *arg)
{
	struct scan scan = {
		.entity = entity, .index = INDEX_KEY, .limit = COPY_PAGE
	};
	char token[TOKEN_MAX]; /* outlives the page that it came with */
	struct rows page;

	do {
		TRY(store_scan(copy_new_page(k), &scan, &page));
		for (size_t i = 0; i < page.count; i++)
			TRY(take(k, page.row[i], arg));
		copy_moved(k, (int64_t)page.count);
		if (page.next.len > sizeof(token))
			return fail(k->call->error, ERR_INTERNAL,
			    "The token of a page is too long");
		if (page.next.len != 0)
			memcpy(token, page.next.ptr, page.next.len);
		scan.after = (struct str){ token, page.next.len };
	} while (page.next.ptr != NULL);
	return OK;
}

/* ---- results of tasks */
/* Does the copy have the task of a result, and does that count it?  Tasks and
 * results have the same order: *io_task goes along. */
static bool
is_counted(
    const struct rows *tasks, const struct value *result, size_t *io_task)
{
	const struct id *of = &result[TASK_RESULT_TASK].as.id;

	while (*io_task < tasks->count &&
	       memcmp(tasks->row[*io_task][TASK_ID].as.id.b, of->b,
		   sizeof(of->b)) < 0)
		++*io_task;
	return *io_task < tasks->count &&
	       id_eq(tasks->row[*io_task][TASK_ID].as.id, *of) &&
	       result[TASK_RESULT_SEQ].as.i <
		   value_int_or(tasks->row[*io_task][TASK_RESULTS], 0);
}

static enum err
take_result(struct copy *k, const struct value *row, void *arg)
{
	if (!is_counted(&k->rows[ENTITY_TASKS], row, arg))
		return OK;
	return copy_row(k, &record_schema.entities[ENTITY_TASK_RESULTS], row);
}

enum err
copy_results(struct copy *k)
{
	const struct entity *t = &record_schema.entities[ENTITY_TASK_RESULTS];
	size_t task = 0;

	TRY(backup_section(k->to, t->name, k->call->error));
	TRY(each_row(k, ENTITY_TASK_RESULTS, take_result, &task));
	return backup_section_end(k->to, k->call->error);
}

/* ---- answers and their claims */
struct claim {
	const struct value *row; /* of commits */
	bool answered;           /* its answer is in the copy */
};

struct claims {
	struct claim *at; /* sorted by id */
	size_t count;
};

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return memcmp(x->row[COMMIT_ID].as.id.b, y->row[COMMIT_ID].as.id.b,
	    sizeof(struct id));
}

/* Read before the answers: one that comes later has no claim here. */
static enum err
read_claims(struct copy *k, struct claims *ret)
{
	const struct test no_log = { COMMIT_BRANCH, TEST_EQ, value_int(0) };
	const struct scan scan = { .entity = ENTITY_COMMITS,
		.index = INDEX_KEY,
		.where = &no_log,
		.where_count = 1 };
	struct rows rows;

	TRY(record_list(copy_in_time(k), &scan, 0, 0, &rows));
	ret->count = rows.count;
	ret->at = ARENA_NEW(k->call->arena, struct claim, rows.count);
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i].row = rows.row[i];
	if (rows.count != 0)
		qsort(ret->at, rows.count, sizeof(*ret->at), compare_claims);
	return OK;
}

static struct claim *
find_claim(const struct claims *all, struct id id)
{
	struct value row[COMMIT_FIELDS] = { [COMMIT_ID] = value_id(id) };
	const struct claim wanted = { .row = row };

	if (all->count == 0)
		return NULL;
	return bsearch(
	    &wanted, all->at, all->count, sizeof(wanted), compare_claims);
}

static enum err
take_answer(struct copy *k, const struct value *row, void *arg)
{
	struct claim *claim = find_claim(arg, row[ANSWER_ID].as.id);

	if (claim == NULL)
		return OK;
	claim->answered = true;
	return copy_row(k, &record_schema.entities[ENTITY_ANSWERS], row);
}

static enum err
write_claims(struct copy *k, const struct claims *claims)
{
	const struct entity *t = &record_schema.entities[ENTITY_COMMITS];

	for (size_t i = 0; i < claims->count; i++) {
		if (i % COPY_PAGE == 0)
			(void)copy_new_page(k);
		if (claims->at[i].answered)
			TRY(copy_row(k, t, claims->at[i].row));
	}
	return OK;
}

enum err
copy_answers(struct copy *k)
{
	const struct entity *t = &record_schema.entities[ENTITY_ANSWERS];
	struct claims claims;

	TRY(read_claims(k, &claims));
	TRY(backup_section(k->to, t->name, k->call->error));
	TRY(each_row(k, ENTITY_ANSWERS, take_answer, &claims));
	TRY(backup_section_end(k->to, k->call->error));
	TRY(backup_section(k->to, SECTION_CLAIMS, k->call->error));
	TRY(write_claims(k, &claims));
	return backup_section_end(k->to, k->call->error);
}

/* ---- locations */
static enum err
take_location(struct copy *k, const struct value *row, void *arg)
{
	struct value copy[LOCATION_FIELDS];

	(void)arg;
	memcpy(copy, row, sizeof(copy));
	if (copy[LOCATION_LEFT_US].type == VALUE_NULL)
		copy[LOCATION_LEFT_US] = value_int(clock_now_us());
	return copy_row(k, &record_schema.entities[ENTITY_LOCATIONS], copy);
}

enum err
copy_locations(struct copy *k)
{
	const struct entity *t = &record_schema.entities[ENTITY_LOCATIONS];

	TRY(backup_section(k->to, t->name, k->call->error));
	TRY(each_row(k, ENTITY_LOCATIONS, take_location, NULL));
	return backup_section_end(k->to, k->call->error);
}
