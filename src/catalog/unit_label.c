#include "catalog/unit_label.h"

#include "base/hash.h"
#include "record/entities.h"

/* Bit 0 is free: it tells who changes the key. */
static uint64_t
folded(uint64_t h)
{
	return (h ^ h >> 32) << 1;
}

uint64_t
hash_key(int64_t branch, const struct key *k)
{
	uint64_t h = hash_add(HASH_START, &branch, sizeof(branch));

	h = hash_add(h, &k->space, sizeof(k->space));
	h = hash_add(h, &k->ns.len, sizeof(k->ns.len));
	h = hash_add(h, k->ns.ptr, k->ns.len);
	h = hash_add(h, k->name.ptr, k->name.len);
	return folded(h);
}

static uint64_t
hash_value(uint64_t h, const struct value *v)
{
	h = hash_add(h, &v->type, sizeof(v->type));
	switch (v->type) {
	case VALUE_NULL:
		break;
	case VALUE_INT:
		return hash_add(h, &v->as.i, sizeof(v->as.i));
	case VALUE_TEXT:
	case VALUE_BYTES:
		h = hash_add(h, &v->as.s.len, sizeof(v->as.s.len));
		return hash_add(h, v->as.s.ptr, v->as.s.len);
	case VALUE_ID:
		return hash_add(h, v->as.id.b, sizeof(v->as.id.b));
	}
	return h;
}

static uint64_t
hash_row(const struct write *w)
{
	uint64_t h = hash_add(HASH_START, &w->entity, sizeof(w->entity));

	for (uint16_t i = 0; i < record_schema.entities[w->entity].key_count;
	     i++)
		h = hash_value(h, &w->row[i]);
	return folded(h);
}

/* A purge has no key that says which rows it takes; what it writes of branches
 * and of ids decides other units, of its batch perhaps. */
static bool
writes_may_join(const struct unit *u)
{
	for (size_t i = 0; i < u->write_count; i++) {
		const struct write *w = &u->writes[i];

		if (w->op == WRITE_PURGE ||
		    (w->op != WRITE_TEST && w->entity < ENTITY_FIRST_FREE))
			return false;
	}
	return true;
}

static void
add_key(struct unit_label *label, uint64_t hash, bool changes)
{
	label->key[label->key_count++] = hash | changes;
}

bool
label_unit(int64_t branch, const struct unit *u, struct unit_label *ret)
{
	*ret = (struct unit_label){ .branch = branch };
	if (u->put_count == 0 || u->request_hash.len > UNIT_HASH_BYTES ||
	    u->put_count + u->expect_count + u->write_count > UNIT_KEYS ||
	    !writes_may_join(u))
		return false;
	for (size_t i = 0; i < u->put_count; i++)
		add_key(ret, hash_key(branch, &u->puts[i].key), true);
	for (size_t i = 0; i < u->expect_count; i++)
		add_key(ret, hash_key(branch, &u->expects[i].key), false);
	for (size_t i = 0; i < u->write_count; i++)
		add_key(ret, hash_row(&u->writes[i]),
		    u->writes[i].op != WRITE_TEST);
	return true;
}
