#include "record/restore_mark.h"

#include "base/clock.h"

#define NAME STR("unfinished restore")

bool
restore_mark_is(const struct value *secret)
{
	return str_eq(value_str_or_absent(secret[SECRET_NAME]), NAME);
}

enum err
restore_mark_find(struct call *c, struct id *ret)
{
	const struct value *row;
	struct str id;

	TRY(record_find_by_key(c, ENTITY_SECRETS, value_text(NAME), &row));
	*ret = (struct id){ 0 };
	if (row == NULL)
		return OK;
	id = value_str_or_absent(row[SECRET_VALUE]);
	if (id.len != sizeof(ret->b))
		return fail(
		    c->error, ERR_INTERNAL, "The mark of a restore is damaged");
	memcpy(ret->b, id.ptr, sizeof(ret->b));
	return OK;
}

enum err
restore_mark_refuse(struct call *c)
{
	struct id id;

	TRY(restore_mark_find(c, &id));
	if (id_is_nil(id))
		return OK;
	return fail(c->error, ERR_CONFLICT,
	    "The store has only a part of a backup, because a restore did not "
	    "come to its end: restore the same file again, or empty the "
	    "store");
}

void
restore_mark_expect_none(struct batch *b)
{
	batch_expect(b, ENTITY_SECRETS, value_text(NAME),
	    (struct test){ .op = TEST_ABSENT });
}

enum err
restore_mark_put(struct call *c, struct id id, bool *ret)
{
	struct batch b = batch_of(c);
	struct value *row = batch_insert(&b, ENTITY_SECRETS);
	enum verdict verdict;
	size_t failed;

	row[SECRET_NAME] = value_text(NAME);
	row[SECRET_VALUE] =
	    value_bytes((struct str){ (const char *)id.b, sizeof(id.b) });
	row[SECRET_CREATED_US] = value_int(clock_now_us());
	TRY(batch_apply(&b, 0, &verdict, &failed));
	*ret = verdict == VERDICT_APPLIED;
	return OK;
}

enum err
restore_mark_remove(struct call *c)
{
	struct batch b = batch_of(c);
	enum verdict verdict;
	size_t failed;

	batch_delete(&b, ENTITY_SECRETS, value_text(NAME));
	return batch_apply(&b, 0, &verdict, &failed);
}
