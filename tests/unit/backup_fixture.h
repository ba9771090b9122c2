/*
 * backup_fixture.h - a store that is copied and put back, while others write.
 *
 * What others do happens at a chosen call of the copy: the store's table of
 * operations is replaced by one that does it behind the call.
 */
#ifndef PANGOLIN_BACKUP_FIXTURE_H
#define PANGOLIN_BACKUP_FIXTURE_H

#include "backup/backup.h"
#include "record/control.h"
#include "record/restore_mark.h"
#include "tests/unit/both_stores.h"

#define BRANCH 7
#define FORK 8

static const struct store_ops *real;
static struct store_ops hooked;
static struct {
	void (*heads)(int number), (*scan)(const struct scan *);
	int heads_calls, load_calls, load_fails_at;
} hook;

static inline void
watch_nothing(void *arg, const char *step, int64_t done, int64_t total)
{
	(void)arg;
	(void)step;
	assert_true(done >= 0 && (total == 0 || done <= total));
}

static const struct backup_watch nobody = { watch_nothing, NULL };

static inline enum err
hooked_heads(struct call *c, struct point *io, size_t count)
{
	TRY(real->heads(c, io, count));
	if (hook.heads != NULL)
		hook.heads(++hook.heads_calls);
	return OK;
}

static inline enum err
hooked_scan(struct call *c, const struct scan *scan, struct rows *ret)
{
	TRY(real->scan(c, scan, ret));
	if (hook.scan != NULL)
		hook.scan(scan);
	return OK;
}

static inline enum err
hooked_load(struct call *c, int64_t branch, const struct history *h)
{
	if (++hook.load_calls == hook.load_fails_at)
		return (fail)(c->error, ERR_UNAVAILABLE, "It is away.");
	return real->load(c, branch, h);
}

static inline void
hook_store(void)
{
	real = call.store->ops;
	hooked = *real;
	hooked.heads = hooked_heads;
	hooked.scan = hooked_scan;
	hooked.load = hooked_load;
	call.store->ops = &hooked;
	memset(&hook, 0, sizeof(hook));
}

static inline int
open_hooked(void **state)
{
	(void)open_named(state);
	hook_store();
	return 0;
}

/* ---- what is stored */
static inline struct id
id_of(int n)
{
	return (struct id){ { 1, [14] = (uint8_t)(n >> 8), (uint8_t)n } };
}

static inline void
put_ref(int64_t id, enum ref_kind kind, int64_t parent, int64_t seq)
{
	struct batch b = batch_of(&call);
	struct value *row = batch_insert(&b, ENTITY_REFS);
	enum verdict verdict;
	size_t failed;

	row[REF_ID] = value_int(id);
	row[REF_NAME] = value_text(STR("ref"));
	row[REF_KIND] = value_int(kind);
	row[REF_STATE] = value_int(REF_LIVE);
	row[REF_HORIZON] = value_int(0);
	if (parent != 0) {
		row[REF_PARENT] = row[REF_FORKED_FROM] = value_int(parent);
		row[REF_PARENT_SEQ] = row[REF_FORKED_SEQ] = value_int(seq);
	}
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static inline void
set_horizon(int64_t id, int64_t horizon)
{
	struct batch b = batch_of(&call);
	enum verdict verdict;
	size_t failed;

	update_set(
	    batch_update(&b, ENTITY_REFS, value_int(id),
		(struct test){ REF_STATE, TEST_EQ, value_int(REF_LIVE) }),
	    REF_HORIZON, value_int(horizon));
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static inline enum verdict
commit(int64_t branch, int n, const char *name, struct point merged)
{
	const struct version v = {
		.key = { SPACE_RELATION, STR("ns"), str_from(name) },
		.kind = 2,
		.deleted = name[0] == '-',
		.object = id_of(n),
		.location = STR("file:///x"),
		.body = STR("{}"),
	};
	struct unit u = { .id = id_of(n),
		.author = STR("alice"),
		.request_hash = STR("\1\2"),
		.merged = merged,
		.puts = &v,
		.put_count = 1 };

	assert_ok(store_apply(&call, branch, &u, 1));
	return u.verdict;
}

static const struct point no_point = { 0, 0 };

static inline void
put_commits(int64_t branch, int first, int count)
{
	static const char *const names[] = { "a", "b", "-c" };

	for (int i = 0; i < count; i++)
		assert_int_equal(
		    commit(branch, first + i, names[i % 3], no_point),
		    VERDICT_APPLIED);
}

static inline void
put_tenant(int n, const char *name)
{
	struct batch b = batch_of(&call);
	struct value *row = batch_insert(&b, ENTITY_TENANTS);
	enum verdict verdict;
	size_t failed;

	row[TENANT_ID] = value_id(id_of(n));
	row[TENANT_NAME] = value_text(str_from(name));
	control_name_id(&b, CONTROL_TENANT, id_of(n));
	assert_ok(control_apply(&b, (struct id){ 0 }, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

static inline void
put_task(int n, int64_t slot, int64_t results, int64_t rows)
{
	struct batch b = batch_of(&call);
	struct value *row = batch_insert(&b, ENTITY_TASKS);
	enum verdict verdict;
	size_t failed;

	row[TASK_ID] = value_id(id_of(n));
	row[TASK_RESULTS] = value_int(results);
	if (slot >= 0)
		row[TASK_SLOT] = value_int(slot);
	for (int64_t i = 0; i < rows; i++) {
		row = batch_insert(&b, ENTITY_TASK_RESULTS);
		row[TASK_RESULT_TASK] = value_id(id_of(n));
		row[TASK_RESULT_SEQ] = value_int(i);
		row[TASK_RESULT_ROW] = value_text(STR("{}"));
	}
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
	assert_int_equal(verdict, VERDICT_APPLIED);
}

/* ---- copies */
static inline enum err
copy(struct backup_file *f)
{
	*f = (struct backup_file){ .name = "it", .file = tmpfile() };
	assert_non_null(f->file);
	return backup_store(&call, f, &nobody);
}

/* Into a fresh store of this kind, which takes the place of the first. */
static inline void
open_another(const char *name)
{
	call.store->ops = real;
	real->close(call.store);
	remove_scratch();
	make_scratch();
	error = (struct error){ OK, "" };
	open_with_schema(name, &record_schema);
	hook_store();
}

static inline enum err
restore(struct backup_file *f)
{
	assert_ok(restore_check(f, &nobody, &error));
	return restore_store(&call, f, &nobody);
}

static inline void
end_copy(struct backup_file *f)
{
	(void)fclose(f->file);
	backup_close(f);
}

static inline int64_t
rows_of(const struct backup_file *f, const char *section)
{
	for (size_t i = 0; i < f->section_count; i++)
		if (strcmp(f->section[i].name, section) == 0)
			return f->section[i].rows;
	return -1;
}

static inline void
check_same(const struct backup_file *a, const struct backup_file *b)
{
	assert_int_equal(a->section_count, b->section_count);
	for (size_t i = 0; i < a->section_count; i++) {
		assert_string_equal(a->section[i].name, b->section[i].name);
		assert_int_equal(a->section[i].rows, b->section[i].rows);
		assert_string_equal(a->section[i].sha256, b->section[i].sha256);
	}
}

/* clang-format off */
#define TEST(name, store) \
	{ #name " on " store, name, open_hooked, close_named, (void *)store }
#define BOTH(name) TEST(name, "memory"), TEST(name, "sqlite")
/* clang-format on */

#endif
