/*
 * backup.c - makes a consistent copy without a snapshot.
 *
 * Logs never change below their end, so all of them are copied up to one cut
 * that heads() gives.  Rows without history are read into memory between two
 * such cuts: a unit that writes a tenant, user, service user, warehouse,
 * catalog or their branch commits to a control log, so while no control log has
 * moved these rows are those of one instant.  If one moved, they are read
 * again.
 *
 * Rows are read after the cut: every branch that a commit below it names is
 * among them, because refs are never removed.  A branch made after the cut is
 * left out.  Rows that no log names are copied so that their parts belong
 * together: copy_pages.c.
 */
#include "backup/backup.h"

#include "backup/copy.h"
#include "backup/row_text.h"
#include "base/clock.h"
#include "record/batch.h"
#include "record/control.h"
#include "record/restore_mark.h"

#define CALL_US (60 * CLOCK_SECOND)
#define READ_TRIES 100

struct call *
copy_in_time(struct copy *k)
{
	k->call->deadline_us = clock_mono_us() + CALL_US;
	return k->call;
}

struct call *
copy_new_page(struct copy *k)
{
	arena_reset(k->page.arena);
	k->page.deadline_us = clock_mono_us() + CALL_US;
	return &k->page;
}

void
copy_moved(struct copy *k, int64_t by)
{
	k->done += by;
	k->watch->moved(k->watch->arg,
	    k->to->file != NULL ? "backup" : "compare", k->done, k->total);
}

enum err
copy_row(struct copy *k, const struct entity *t, const struct value *row)
{
	struct buf line = buf_in(k->page.arena);

	row_write(&line, t, row);
	return backup_row(k->to, buf_str(&line), k->call->error);
}

/* ---- what has no history */
static bool
is_in_memory(uint16_t entity)
{
	return entity != ENTITY_COMMITS && entity != ENTITY_TASK_RESULTS &&
	       entity != ENTITY_ANSWERS && entity != ENTITY_LOCATIONS &&
	       entity != ENTITY_CACHED; /* which no copy has */
}

static enum err
read_rows(struct copy *k, uint16_t entity)
{
	const struct scan scan = { .entity = entity, .index = INDEX_KEY };

	return record_list(copy_in_time(k), &scan, 0, 0, &k->rows[entity]);
}

static int64_t
log_number(const struct rows *refs, size_t i)
{
	return refs->row[i][REF_ID].as.i;
}

size_t
copy_find_log(const struct rows *refs, int64_t log)
{
	size_t low = 0, high = refs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (log_number(refs, middle) < log)
			low = middle + 1;
		else
			high = middle;
	}
	return low < refs->count && log_number(refs, low) == log ? low
								 : refs->count;
}

static enum err
read_heads(struct copy *k, const struct rows *refs, const struct point **ret)
{
	struct point *at = ARENA_NEW(k->call->arena, struct point, refs->count);

	for (size_t i = 0; i < refs->count; i++)
		at[i].branch = log_number(refs, i);
	TRY(store_heads(copy_in_time(k), at, refs->count));
	*ret = at;
	return OK;
}

/* Has nobody written to a control log since the cut?  A log that was not
 * there then had no commit. */
static enum err
is_still(
    struct copy *k, const struct rows *refs, const struct point *cut, bool *ret)
{
	const struct rows *tenants = &k->rows[ENTITY_TENANTS];
	struct call *c = copy_new_page(k);
	struct point *now =
	    ARENA_NEW(c->arena, struct point, tenants->count + 1);

	now[0].branch = control_log((struct id){ 0 });
	for (size_t i = 0; i < tenants->count; i++)
		now[i + 1].branch =
		    control_log(value_id_or_nil(tenants->row[i][TENANT_ID]));
	TRY(store_heads(c, now, tenants->count + 1));
	*ret = true;
	for (size_t i = 0; i <= tenants->count; i++) {
		size_t at = copy_find_log(refs, now[i].branch);

		if (now[i].seq != (at < refs->count ? cut[at].seq : 0))
			*ret = false;
	}
	return OK;
}

/* Pages of tasks are of different instants; two may have the same slot. */
static bool
slots_differ(const struct rows *tasks)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < tasks->count; i++) {
		int64_t slot = value_int_or(tasks->row[i][TASK_SLOT], -1);

		if (slot < 0 || slot >= 64)
			continue;
		if ((taken >> slot & 1) != 0)
			return false;
		taken |= UINT64_C(1) << slot;
	}
	return true;
}

static void
set_cut(struct copy *k, const struct rows *before, const struct point *cut)
{
	const struct rows *refs = &k->rows[ENTITY_REFS];

	k->cut = ARENA_NEW(k->call->arena, int64_t, refs->count);
	for (size_t i = 0; i < refs->count; i++) {
		size_t at = copy_find_log(before, log_number(refs, i));

		k->cut[i] = at < before->count ? cut[at].seq : LEFT_OUT;
	}
}

static bool
is_below_cut(const struct copy *k, struct value log, struct value seq)
{
	const struct rows *refs = &k->rows[ENTITY_REFS];
	size_t at;

	if (log.type != VALUE_INT)
		return true;
	at = copy_find_log(refs, log.as.i);
	return at < refs->count && value_int_or(seq, 0) <= k->cut[at];
}

/* The commit that a branch or tag begins at is copied, too: one that was made
 * or moved between two looks at the heads may begin behind a cut. */
static bool
refs_fit(const struct copy *k)
{
	const struct rows *refs = &k->rows[ENTITY_REFS];

	for (size_t i = 0; i < refs->count; i++) {
		const struct value *r = refs->row[i];

		if (k->cut[i] != LEFT_OUT &&
		    (!is_below_cut(k, r[REF_FORKED_FROM], r[REF_FORKED_SEQ]) ||
			!is_below_cut(k, r[REF_PARENT], r[REF_PARENT_SEQ])))
			return false;
	}
	return true;
}

static enum err
try_to_read(struct copy *k, bool *ret)
{
	const struct rows before = k->rows[ENTITY_REFS];
	const struct point *cut;

	TRY(read_heads(k, &before, &cut));
	for (uint16_t i = 0; i < record_schema.count; i++)
		if (is_in_memory(i))
			TRY(read_rows(k, i));
	TRY(is_still(k, &before, cut, ret));
	*ret = *ret && slots_differ(&k->rows[ENTITY_TASKS]);
	if (*ret)
		set_cut(k, &before, cut);
	*ret = *ret && refs_fit(k);
	return OK;
}

static enum err
read_records(struct copy *k)
{
	struct arena_mark mark = arena_mark(k->call->arena);

	for (int i = 0; i < READ_TRIES; i++) {
		bool fits;

		arena_cut(k->call->arena, mark);
		TRY(read_rows(k, ENTITY_REFS));
		TRY(try_to_read(k, &fits));
		if (fits)
			return OK;
	}
	return fail(k->call->error, ERR_CONFLICT,
	    "Users, catalogs or warehouses are changed all the time: try again "
	    "when less is going on");
}

/* ---- records */
/* Pruning raises the horizon first.  Below the cut the copy has what is left,
 * but not when versions went because of newer ones that it has not. */
static enum err
take_horizons(struct copy *k)
{
	const struct rows then = k->rows[ENTITY_REFS];

	TRY(read_rows(k, ENTITY_REFS));
	for (size_t i = 0; i < then.count; i++) {
		size_t now =
		    copy_find_log(&k->rows[ENTITY_REFS], log_number(&then, i));
		struct value *row =
		    ARENA_NEW(k->call->arena, struct value, REF_ALL_FIELDS);

		if (now == k->rows[ENTITY_REFS].count)
			continue;
		memcpy(row, then.row[i], REF_ALL_FIELDS * sizeof(*row));
		row[REF_HORIZON] = k->rows[ENTITY_REFS].row[now][REF_HORIZON];
		then.row[i] = row;
		if (k->cut[i] != LEFT_OUT &&
		    value_int_or(row[REF_HORIZON], 0) > k->cut[i])
			return fail(k->call->error, ERR_CONFLICT,
			    "A branch was pruned while it was copied: try "
			    "again");
	}
	k->rows[ENTITY_REFS] = then;
	return OK;
}

static bool
is_copied(const struct copy *k, uint16_t entity, size_t i)
{
	const struct value *row = k->rows[entity].row[i];

	if (entity == ENTITY_REFS)
		return k->cut[i] != LEFT_OUT;
	return entity != ENTITY_SECRETS || !restore_mark_is(row);
}

static enum err
copy_records(struct copy *k, uint16_t entity)
{
	const struct entity *t = &record_schema.entities[entity];

	TRY(backup_section(k->to, t->name, k->call->error));
	for (size_t i = 0; i < k->rows[entity].count; i++) {
		if (i % COPY_PAGE == 0)
			(void)copy_new_page(k);
		if (is_copied(k, entity, i))
			TRY(copy_row(k, t, k->rows[entity].row[i]));
	}
	copy_moved(k, (int64_t)k->rows[entity].count);
	return backup_section_end(k->to, k->call->error);
}

/* ---- all of it */
static enum err
add_count(struct copy *k, uint16_t entity)
{
	const struct scan all = {
		.entity = entity, .index = INDEX_KEY, .limit = 1
	};
	int64_t count;

	TRY(store_count(copy_new_page(k), &all, &count));
	k->total += count;
	return OK;
}

static enum err
count_work(struct copy *k)
{
	TRY(add_count(k, ENTITY_TASK_RESULTS));
	TRY(add_count(k, ENTITY_ANSWERS));
	TRY(add_count(k, ENTITY_LOCATIONS));
	for (size_t i = 0; i < k->rows[ENTITY_REFS].count; i++)
		if (k->cut[i] != LEFT_OUT) /* commits, versions */
			k->total += 2 * k->cut[i];
	for (uint16_t i = 0; i < record_schema.count; i++)
		if (is_in_memory(i))
			k->total += (int64_t)k->rows[i].count;
	return OK;
}

static enum err
copy_all(struct copy *k)
{
	TRY(backup_begin(k->to, k->call->error));
	TRY(copy_logs(k));
	TRY(take_horizons(k));
	for (uint16_t i = 0; i < record_schema.count; i++)
		if (is_in_memory(i))
			TRY(copy_records(k, i));
	TRY(copy_results(k));
	TRY(copy_answers(k));
	TRY(copy_locations(k));
	return backup_complete(k->to, k->call->error);
}

enum err
backup_store(
    struct call *c, struct backup_file *to, const struct backup_watch *watch)
{
	struct copy k = { .call = c, .page = *c, .to = to, .watch = watch };
	enum err err;

	to->schema = record_schema.version;
	k.page.arena = arena_new();
	err = read_records(&k);
	if (err == OK)
		err = count_work(&k);
	if (err == OK)
		err = copy_all(&k);
	arena_free(k.page.arena);
	return err;
}
