#include "record/audit_log.h"

#include "calls/store_call.h"
#include "calls/usage.h"

#define TESTS_MAX 8

static struct audit_entry
entry_of(const struct value *row)
{
	return (struct audit_entry){
		.id = value_id_or_nil(row[ENTRY_ID]),
		.tenant = value_id_or_nil(row[ENTRY_TENANT]),
		.user = value_id_or_nil(row[ENTRY_USER]),
		.thing = value_id_or_nil(row[ENTRY_RESOURCE_ID]),
		.username = value_str_or_absent(row[ENTRY_USERNAME]),
		.name = value_str_or_absent(row[ENTRY_RESOURCE_NAME]),
		.address = value_str_or_absent(row[ENTRY_ADDRESS]),
		.agent = value_str_or_absent(row[ENTRY_AGENT]),
		.error = value_str_or_absent(row[ENTRY_ERROR]),
		.metadata = value_str_or_absent(row[ENTRY_METADATA]),
		.action = value_int_or(row[ENTRY_ACTION], 0),
		.resource = value_int_or(row[ENTRY_RESOURCE_TYPE], 0),
		.result = (enum audit_result)value_int_or(
		    row[ENTRY_RESULT], DEED_SUCCEEDED),
		.at_us = value_int_or(row[ENTRY_AT_US], 0),
	};
}

static void
add(struct test *tests, size_t *io_count, uint16_t field, enum test_op op,
    struct value value)
{
	tests[(*io_count)++] = (struct test){ field, op, value };
}

static void
add_number(struct test *tests, size_t *io_count, uint16_t field, int number)
{
	if (number != 0)
		add(tests, io_count, field, TEST_EQ, value_int(number));
}

static struct scan
scan_of(const struct audit_filter *f, struct test tests[TESTS_MAX])
{
	struct scan scan = { .entity = ENTITY_AUDIT_LOGS,
		.index = AUDIT_BY_TIME,
		.descending = true,
		.limit = 1,
		.where = tests,
		.after = f->after };
	size_t n = 0;

	if (!id_is_nil(f->tenant)) {
		scan.index = AUDIT_BY_TENANT;
		add(tests, &n, ENTRY_TENANT, TEST_EQ, value_id(f->tenant));
	}
	if (!id_is_nil(f->user)) {
		scan.index = AUDIT_BY_USER;
		add(tests, &n, ENTRY_USER, TEST_EQ, value_id(f->user));
	}
	if (!id_is_nil(f->thing)) {
		scan.index = AUDIT_BY_RESOURCE;
		add(tests, &n, ENTRY_RESOURCE_ID, TEST_EQ, value_id(f->thing));
	}
	if (f->since_us != 0)
		add(tests, &n, ENTRY_AT_US, TEST_GE, value_int(f->since_us));
	if (f->until_us != 0)
		add(tests, &n, ENTRY_AT_US, TEST_LE, value_int(f->until_us));
	add_number(tests, &n, ENTRY_ACTION, (int)f->action);
	add_number(tests, &n, ENTRY_RESOURCE_TYPE, (int)f->resource);
	add_number(tests, &n, ENTRY_RESULT, f->result);
	scan.where_count = n;
	return scan;
}

enum err
audit_list(struct call *c, const struct audit_filter *f, int64_t limit,
    int64_t offset, struct audit_entries *ret)
{
	struct test tests[TESTS_MAX];
	struct scan scan = scan_of(f, tests);
	struct rows rows;

	if (c->nowait)
		return usage_would_block(c, "A filter may pass few entries");
	TRY(record_page(c, &scan, limit, offset, &rows));
	*ret = (struct audit_entries){
		.at = ARENA_NEW(c->arena, struct audit_entry, rows.count),
		.count = rows.count,
		.next = rows.next,
	};
	for (size_t i = 0; i < rows.count; i++)
		ret->at[i] = entry_of(rows.row[i]);
	return OK;
}

enum err
audit_count(struct call *c, const struct audit_filter *f, int64_t *ret)
{
	struct test tests[TESTS_MAX];
	struct scan scan = scan_of(f, tests);

	if (c->nowait)
		return usage_would_block(c, "All entries are counted");
	return store_count(c, &scan, ret);
}

enum err
audit_get(
    struct call *c, struct id tenant, struct id id, struct audit_entry *ret)
{
	const struct value *row;

	TRY(record_find_by_key(c, ENTITY_AUDIT_LOGS, value_id(id), &row));
	if (row == NULL ||
	    (!id_is_nil(tenant) &&
		!id_eq(value_id_or_nil(row[ENTRY_TENANT]), tenant)))
		return fail(c->error, ERR_NOT_FOUND, "Audit event not found");
	*ret = entry_of(row);
	return OK;
}
