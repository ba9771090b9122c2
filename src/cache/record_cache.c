/*
 * record_cache.c - a cached value is the tenant and its record's row; the
 * tenant alone says that there is no such record.
 */
#include "cache/record_cache.h"

#include "cache/read_cache.h"
#include "cache/row_code.h"

static struct str
pack(struct arena *a, const struct control_ref *ref, const struct value *row)
{
	size_t count = control_fields(ref->kind);
	struct value *values = ARENA_NEW(a, struct value, count + 1);

	values[0] = value_id(ref->tenant);
	if (row == NULL)
		return row_pack(a, values, 1);
	memcpy(values + 1, row, count * sizeof(*row));
	return row_pack(a, values, count + 1);
}

/* Two tenants may share a log.  False: the value is of another tenant. */
static bool
unpack(struct arena *a, const struct control_ref *ref, struct str bytes,
    const struct value **ret)
{
	size_t count = control_fields(ref->kind);
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
record_cache_find(
    struct call *c, const struct control_ref *ref, const struct value **ret)
{
	struct key key = control_key(c->arena, ref);
	struct cached_read cached;

	read_cache_find(c, control_log(ref->tenant), &key, &cached);
	if (cached.value.ptr != NULL &&
	    unpack(c->arena, ref, cached.value, ret))
		return OK;
	TRY(control_read(c, ref, ret));
	read_cache_put(c, &cached, &key, pack(c->arena, ref, *ret));
	return OK;
}
