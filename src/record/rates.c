#include "record/rates.h"

#include <sodium.h>

#include "base/clock.h"
#include "record/batch.h"
#include "record/retry.h"

#define EXPIRE_ROWS 500

/* Clocks of nodes may differ by so much. */
#define SKEW_US (60 * CLOCK_SECOND)

struct id
rates_id(char kind, struct str name)
{
	crypto_generichash_state state;
	struct id id;

	(void)crypto_generichash_init(&state, NULL, 0, sizeof(id.b));
	(void)crypto_generichash_update(
	    &state, (const uint8_t *)&kind, sizeof(kind));
	(void)crypto_generichash_update(
	    &state, (const uint8_t *)name.ptr, name.len);
	(void)crypto_generichash_final(&state, id.b, sizeof(id.b));
	return id;
}

static enum err
retry_failed(struct call *c)
{
	return fail(c->error, ERR_SLOW_DOWN,
	    "Others changed the same count until the time was over");
}

/* A row that is not there, or whose field is what was read. */
static struct update
new_or_old(
    struct batch *b, struct id id, const struct value *old, uint16_t field)
{
	return batch_update(b, ENTITY_RATES, value_id(id),
	    old != NULL ? (struct test){ field, TEST_EQ, old[field] }
			: (struct test){ .op = TEST_ABSENT });
}

static int64_t
pause_us(const struct rates_rule *rule, int64_t pauses)
{
	int64_t longest = rule->longest_us > rule->window_us ? rule->longest_us
							     : rule->window_us;
	int64_t pause = rule->window_us;

	while (pauses-- > 0 && pause < longest)
		pause *= 2;
	return pause < longest ? pause : longest;
}

static bool
is_full(const struct value *row, const struct rates_rule *rule)
{
	return value_int_or(row[RATE_COUNT], 0) >= rule->limit;
}

/* When the window ends, or the pause of a count that is full. */
static int64_t
end_of(const struct value *row, const struct rates_rule *rule)
{
	int64_t pauses = value_int_or(row[RATE_PAUSES], 0);

	return value_int_or(row[RATE_BEGUN_US], 0) +
	       pause_us(rule, is_full(row, rule) ? pauses : 0);
}

/* The first of a window.  Of two nodes that begin one the second fails, and
 * charges the window of the first. */
static enum err
begin_window(struct call *c, struct id id, const struct value *old,
    const struct rates_rule *rule, int64_t now_us, bool *ret)
{
	struct batch b = batch_of(c);
	struct update u;
	int64_t pauses = 0;
	enum verdict verdict;
	size_t failed;

	if (old != NULL && is_full(old, rule)) {
		int64_t before = value_int_or(old[RATE_PAUSES], 0);

		if (now_us - end_of(old, rule) <= pause_us(rule, before))
			pauses = before + 1;
	}
	u = new_or_old(&b, id, old, RATE_BEGUN_US);
	update_set(u, RATE_COUNT, value_int(1));
	update_set(u, RATE_BEGUN_US, value_int(now_us));
	update_set(u, RATE_PAUSES, value_int(pauses));
	update_set(
	    u, RATE_END_US, value_int(now_us + 2 * pause_us(rule, pauses)));
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	return OK;
}

static enum err
add(struct call *c, struct id id, uint16_t field, int64_t n,
    const struct test *tests, size_t count, bool *ret)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_add_many(&b, ENTITY_RATES, value_id(id), field, n, tests, count);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	return OK;
}

enum err
rates_charge(struct call *c, struct id id, const struct rates_rule *rule,
    int64_t *ret_begun_us, int64_t *ret_wait_us)
{
	struct retry retry = retry_of(c);
	const struct value *row;
	bool charged;

	do {
		int64_t now = clock_now_us(), begun = now;

		TRY(record_find_by_key(c, ENTITY_RATES, value_id(id), &row));
		if (row == NULL || end_of(row, rule) <= now) {
			TRY(begin_window(c, id, row, rule, now, &charged));
		} else if (is_full(row, rule)) {
			*ret_wait_us = end_of(row, rule) - now;
			return OK;
		} else {
			const struct test tests[] = {
				{ RATE_BEGUN_US, TEST_EQ, row[RATE_BEGUN_US] },
				{ RATE_COUNT, TEST_LT, value_int(rule->limit) }
			};

			begun = value_int_or(row[RATE_BEGUN_US], 0);
			TRY(add(c, id, RATE_COUNT, 1, tests, 2, &charged));
		}
		if (charged) {
			*ret_begun_us = begun;
			*ret_wait_us = 0;
			return OK;
		}
	} while (retry_again(&retry));
	return retry_failed(c);
}

enum err
rates_give_back(struct call *c, struct id id, int64_t begun_us)
{
	const struct test tests[] = { { RATE_BEGUN_US, TEST_EQ,
					  value_int(begun_us) },
		{ RATE_COUNT, TEST_GT, value_int(0) } };
	bool ignored;

	return add(c, id, RATE_COUNT, -1, tests, 2, &ignored);
}

enum err
rates_forget(struct call *c, struct id id)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_delete(&b, ENTITY_RATES, value_id(id));
	return batch_apply(&b, 0, &verdict, &failed);
}

enum err
rates_expire(struct call *c, int64_t now_us, bool *ret_more)
{
	const struct test old = { RATE_END_US, TEST_LT,
		value_int(now_us - SKEW_US) };
	const struct scan scan = { .entity = ENTITY_RATES,
		.index = RATES_BY_END,
		.limit = EXPIRE_ROWS,
		.where = &old,
		.where_count = 1 };
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct rows rows;
	size_t failed;

	TRY(store_scan(c, &scan, &rows));
	*ret_more = rows.next.ptr != NULL;
	for (size_t i = 0; i < rows.count; i++)
		batch_delete_when(&b, ENTITY_RATES, rows.row[i][RATE_ID], old);
	return rows.count != 0 ? batch_apply(&b, 0, &verdict, &failed) : OK;
}
