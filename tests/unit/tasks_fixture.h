/* tasks_fixture.h - two tenants, and the steps that tests of tasks share. */
#ifndef PANGOLIN_TASKS_FIXTURE_H
#define PANGOLIN_TASKS_FIXTURE_H

#include "record/batch.h"
#include "tasks/queue.h"
#include "tests/unit/both_stores.h"

static const struct id acme = { { 1 } }, other = { { 2 } };

static inline void
have_tenant(struct id tenant)
{
	struct batch b = batch_of(&call);
	struct value *row = batch_replace(&b, ENTITY_TENANTS);
	char name[ID_TEXT];
	enum verdict verdict;
	size_t failed;

	id_format(tenant, name);
	row[TENANT_ID] = value_id(tenant);
	row[TENANT_NAME] = value_text(str_from(name));
	assert_ok(batch_apply(&b, 0, &verdict, &failed));
}

static inline struct id
submit(struct id tenant, int64_t now_us)
{
	const struct task new = {
		.tenant = tenant, .kind = STR("kind"), .catalog = STR("catalog")
	};
	struct id id;

	have_tenant(tenant);
	assert_ok(tasks_submit(&call, &new, now_us, &id));
	return id;
}

static inline struct task
get(struct id id)
{
	struct task t;

	assert_ok(tasks_get(&call, acme, id, &t));
	return t;
}

static inline struct task
change(struct id id, enum task_verb verb, int64_t now_us)
{
	struct task t;

	assert_ok(tasks_change(&call, acme, id, verb, now_us, &t));
	return t;
}

/* One worker asks for work while at most one task may run: its id is nil when
 * there is none. */
static inline struct task
claim(int64_t now_us)
{
	struct task t = { 0 };
	bool any;

	assert_ok(queue_claim(&call, now_us, 1, &t, &any));
	return any ? t : (struct task){ 0 };
}

#endif
