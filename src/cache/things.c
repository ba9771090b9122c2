/*
 * things.c - what is kept of a thing is its tenant and its row; a tenant alone
 * says that there is no such thing.
 */
#include "cache/things.h"

#include "cache/kept.h"
#include "cache/row_code.h"

static struct str
pack(struct arena *a, const struct thing_ref *ref, const struct value *row)
{
	size_t count = control_fields(ref->thing);
	struct value *values = ARENA_NEW(a, struct value, count + 1);

	values[0] = value_id(ref->tenant);
	if (row == NULL)
		return row_pack(a, values, 1);
	memcpy(values + 1, row, count * sizeof(*row));
	return row_pack(a, values, count + 1);
}

/* Two tenants may share a log: false for what is another's. */
static bool
unpack(struct arena *a, const struct thing_ref *ref, struct str bytes,
    const struct value **ret)
{
	size_t count = control_fields(ref->thing);
	struct value *values = ARENA_NEW(a, struct value, count + 1);

	*ret = NULL;
	if (!row_unpack(bytes, values, 1)) {
		if (!row_unpack(bytes, values, count + 1))
			return false;
		*ret = values + 1;
	}
	return id_eq(value_id_or_nil(values[0]), ref->tenant);
}

enum err
thing_get(struct call *c, const struct thing_ref *ref, const struct value **ret)
{
	struct key key = control_key(c->arena, ref);
	struct kept kept;

	kept_find(c, control_log(ref->tenant), &key, &kept);
	if (kept.value.ptr != NULL && unpack(c->arena, ref, kept.value, ret))
		return OK;
	TRY(control_read(c, ref, ret));
	kept_put(c, &kept, &key, pack(c->arena, ref, *ret));
	return OK;
}
