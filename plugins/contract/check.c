#include "plugins/contract/check.h"

#include "base/clock.h"
#include "plugins/contract/value.h"

enum err
check_deadline(const struct call *c)
{
	if (clock_mono_us() >= c->deadline_us)
		return fail(c->error, ERR_SLOW_DOWN,
		    "The store was not reached in time.");
	return OK;
}

uint16_t
schema_commit_by_id(const struct schema *schema)
{
	const struct entity *t = &schema->entities[ENTITY_COMMITS];

	for (uint16_t i = 0; i < t->index_count; i++) {
		const struct index *x = &t->indexes[i];

		if (x->unique && x->field_count == 1 &&
		    x->field[0] == COMMIT_ID)
			return i;
	}
	return INDEX_KEY;
}

enum err
check_schema(const struct schema *schema, struct error *e)
{
	if (schema->count < ENTITY_FIRST_FREE ||
	    schema->entities[ENTITY_REFS].field_count < REF_FIELDS ||
	    schema->entities[ENTITY_COMMITS].field_count < COMMIT_FIELDS)
		return fail(e, ERR_BAD_REQUEST,
		    "The schema does not begin with refs and commits.");
	if (schema_commit_by_id(schema) == INDEX_KEY)
		return fail(e, ERR_BAD_REQUEST,
		    "The schema has no unique index on the id of a commit.");
	for (uint16_t i = 0; i < schema->count; i++) {
		const struct entity *t = &schema->entities[i];

		if (t->field_count > ENTITY_FIELDS_MAX || t->key_count == 0 ||
		    t->key_count > ORDER_MAX - 4 ||
		    t->key_count > t->field_count)
			return fail(e, ERR_BAD_REQUEST,
			    "Entity %s has too many fields or no key.",
			    t->name);
	}
	return OK;
}

static enum err
bad(struct error *e, const struct entity *t, const char *what)
{
	return fail(e, ERR_BAD_REQUEST, "Store call on %s: %s.", t->name, what);
}

static const struct entity *
find_entity(const struct schema *schema, uint16_t number)
{
	return number < schema->count ? &schema->entities[number] : NULL;
}

static enum err
no_entity(struct error *e, uint16_t number)
{
	return fail(
	    e, ERR_BAD_REQUEST, "Store call: there is no entity %u.", number);
}

static enum err
check_key(const struct entity *t, const struct value *key, struct error *e)
{
	if (key == NULL)
		return bad(e, t, "the key is missing");
	for (uint16_t i = 0; i < t->key_count; i++)
		if (key[i].type != t->fields[i].type)
			return bad(e, t, "a field of the key has another type");
	return OK;
}

enum err
check_keys(const struct schema *schema, uint16_t entity,
    const struct value *const *keys, size_t count, struct error *e)
{
	const struct entity *t = find_entity(schema, entity);

	if (t == NULL)
		return no_entity(e, entity);
	for (size_t i = 0; i < count; i++)
		TRY(check_key(t, keys[i], e));
	return OK;
}

static bool
value_fits(const struct value *v, enum value_type type)
{
	return v->type == VALUE_NULL || v->type == type;
}

static enum err
check_tests(const struct entity *t, const struct test *test, size_t count,
    struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		if (test[i].op == TEST_ABSENT) {
			if (count != 1)
				return bad(e, t, "absent is not alone");
			continue;
		}
		if (test[i].op < TEST_EQ || test[i].op > TEST_ABSENT)
			return bad(e, t, "there is no such test");
		if (test[i].field >= t->field_count)
			return bad(e, t, "a test names no field");

		enum value_type type = t->fields[test[i].field].type;

		if (!value_fits(&test[i].value, type))
			return bad(e, t, "a test has another type");
		if (test[i].op == TEST_PREFIX && type != VALUE_TEXT)
			return bad(e, t, "a prefix is not of text");
	}
	return OK;
}

enum err
check_scan(const struct schema *schema, const struct scan *s, struct error *e)
{
	const struct entity *t = find_entity(schema, s->entity);

	if (t == NULL)
		return no_entity(e, s->entity);
	if (s->index != INDEX_KEY && s->index >= t->index_count)
		return bad(e, t, "there is no such index");
	if (s->limit == 0)
		return bad(e, t, "the limit is 0");
	if (s->where_count == 1 && s->where[0].op == TEST_ABSENT)
		return bad(e, t, "a scan does not find what is absent");
	return check_tests(t, s->where, s->where_count, e);
}

/* Rows are found by one field, and `parent` holds values of that field. */
enum err
check_walk(const struct schema *schema, const struct scan *s, uint16_t parent,
    struct error *e)
{
	TRY(check_scan(schema, s, e));

	const struct entity *t = &schema->entities[s->entity];
	bool by_key = s->index == INDEX_KEY;
	const struct index *x = by_key ? NULL : &t->indexes[s->index];

	if (by_key ? t->key_count != 1 : !x->unique || x->field_count != 1)
		return bad(e, t, "a walk is not by one unique field");
	if (parent >= t->field_count ||
	    t->fields[parent].type != t->fields[by_key ? 0 : x->field[0]].type)
		return bad(e, t, "a walk has another type of parent");
	return OK;
}

static enum err
check_set(const struct entity *t, const struct write *w, struct error *e)
{
	if (t->field_count < ENTITY_FIELDS_MAX && w->set >> t->field_count != 0)
		return bad(e, t, "a write sets no field");
	for (uint16_t i = t->key_count; i < t->field_count; i++) {
		if ((w->set >> i & 1) == 0)
			continue;
		if (w->op == WRITE_ADD
			? w->row[i].type != VALUE_INT ||
			      t->fields[i].type != VALUE_INT
			: !value_fits(&w->row[i], t->fields[i].type))
			return bad(e, t, "a value has another type");
	}
	return OK;
}

static enum err
check_write(const struct schema *schema, const struct write *w, struct error *e)
{
	const struct entity *t = find_entity(schema, w->entity);

	if (t == NULL)
		return no_entity(e, w->entity);
	TRY(check_tests(t, w->when, w->when_count, e));
	switch (w->op) {
	case WRITE_PUT:
	case WRITE_ADD:
		TRY(check_key(t, w->row, e));
		return check_set(t, w, e);
	case WRITE_DELETE:
	case WRITE_TEST:
		return check_key(t, w->row, e);
	case WRITE_PURGE:
		if (w->limit == 0)
			return bad(e, t, "the limit is 0");
		if (w->when_count != 0 && w->when[0].op == TEST_ABSENT)
			return bad(e, t, "nothing absent can be purged");
		return OK;
	}
	return bad(e, t, "there is no such write");
}

static enum err
check_log_key(const struct key *k, bool named, struct error *e)
{
	if (k->space != SPACE_NAMESPACE && k->space != SPACE_RELATION)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: there is no key space %d.", (int)k->space);
	if (named && k->name.len == 0)
		return fail(
		    e, ERR_BAD_REQUEST, "Store call: a key has no name.");
	return OK;
}

static enum err
check_unit(const struct schema *schema, int64_t branch, const struct unit *u,
    struct error *e)
{
	if (branch == 0 && (u->put_count != 0 || u->expect_count != 0))
		return fail(
		    e, ERR_BAD_REQUEST, "Store call: branch 0 has no log.");
	for (size_t i = 0; i < u->expect_count; i++)
		TRY(check_log_key(
		    &u->expects[i].key, u->expects[i].op != EXPECT_EMPTY, e));
	for (size_t i = 0; i < u->put_count; i++) {
		TRY(check_log_key(&u->puts[i].key, true, e));
		if (u->puts[i].kind == 0)
			return fail(e, ERR_BAD_REQUEST,
			    "Store call: a version has no kind.");
	}
	for (size_t i = 0; i < u->write_count; i++)
		TRY(check_write(schema, &u->writes[i], e));
	return OK;
}

enum err
check_units(const struct schema *schema, int64_t branch, const struct unit *u,
    size_t count, struct error *e)
{
	if (branch < 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: there is no branch below 0.");
	for (size_t i = 0; i < count; i++)
		TRY(check_unit(schema, branch, &u[i], e));
	return OK;
}

enum err
check_chain(const struct chain *chain, uint32_t limit, struct error *e)
{
	if (limit == 0)
		return fail(e, ERR_BAD_REQUEST, "Store call: the limit is 0.");
	for (size_t i = 0; i < chain->count; i++)
		if (chain->link[i].branch <= 0 || chain->link[i].seq < 0)
			return fail(e, ERR_BAD_REQUEST,
			    "Store call: a link of the chain is no position.");
	return OK;
}

enum err
check_fold(
    const struct chain *chain, int64_t to, uint32_t limit, struct error *e)
{
	TRY(check_chain(chain, limit, e));
	for (size_t i = 0; i < chain->count; i++)
		if (chain->link[i].branch == to)
			return fail(e, ERR_BAD_REQUEST,
			    "Store call: a branch is folded into itself.");
	if (to <= 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: there is no branch to fold into.");
	return OK;
}

enum err
check_prune(struct point above, const int64_t *pins, size_t count,
    uint32_t limit, struct error *e)
{
	if (above.branch <= 0 || above.seq < -1 || limit == 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: a prune has no branch or limit.");
	for (size_t i = 0; i < count; i++)
		if (pins[i] < 0 || (i != 0 && pins[i] < pins[i - 1]))
			return fail(e, ERR_BAD_REQUEST,
			    "Store call: the pins do not ascend.");
	return OK;
}

enum err
check_erase(
    struct point above, struct id object, uint32_t limit, struct error *e)
{
	if (above.branch <= 0 || above.seq < -1 || limit == 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: nothing says where to erase, or how much.");
	if (id_is_nil(object))
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: there is no object to erase.");
	return OK;
}

enum err
check_changes(struct point above, uint32_t limit, struct error *e)
{
	if (above.branch <= 0 || above.seq < -1 || limit == 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: changes have no branch or limit.");
	return OK;
}

static bool
text_is_storable(struct str s)
{
	return (s.len == 0 || memchr(s.ptr, '\0', s.len) == NULL) &&
	       str_is_utf8(s);
}

static bool
key_is_storable(const struct key *k)
{
	return k->ns.len + k->name.len <= KEY_BYTES_MAX &&
	       text_is_storable(k->ns) && text_is_storable(k->name);
}

static bool
value_is_storable(const struct value *v)
{
	return v->type != VALUE_TEXT || text_is_storable(v->as.s);
}

static bool
write_is_storable(const struct entity *t, const struct write *w)
{
	size_t key_bytes = 0;

	for (size_t i = 0; i < w->when_count; i++)
		if (!value_is_storable(&w->when[i].value))
			return false;
	if (w->op == WRITE_PURGE)
		return true;
	for (uint16_t i = 0; i < t->key_count; i++) {
		if (!value_is_storable(&w->row[i]))
			return false;
		if (w->row[i].type == VALUE_TEXT ||
		    w->row[i].type == VALUE_BYTES)
			key_bytes += w->row[i].as.s.len;
	}
	for (uint16_t i = t->key_count; i < t->field_count; i++)
		if (w->op == WRITE_PUT && (w->set >> i & 1) != 0 &&
		    !value_is_storable(&w->row[i]))
			return false;
	return key_bytes <= KEY_BYTES_MAX;
}

bool
unit_is_storable(const struct schema *schema, const struct unit *u)
{
	if (!text_is_storable(u->author) || !text_is_storable(u->message))
		return false;
	for (size_t i = 0; i < u->expect_count; i++)
		if (!key_is_storable(&u->expects[i].key))
			return false;
	for (size_t i = 0; i < u->put_count; i++)
		if (!key_is_storable(&u->puts[i].key) ||
		    !text_is_storable(u->puts[i].location) ||
		    !text_is_storable(u->puts[i].body))
			return false;
	for (size_t i = 0; i < u->write_count; i++)
		if (!write_is_storable(
			&schema->entities[u->writes[i].entity], &u->writes[i]))
			return false;
	return true;
}

static bool
commit_is_of(const struct entity *t, int64_t branch, const struct value *row)
{
	if (row[COMMIT_BRANCH].type != VALUE_INT ||
	    row[COMMIT_BRANCH].as.i != branch ||
	    row[COMMIT_SEQ].type != VALUE_INT || row[COMMIT_SEQ].as.i < 1 ||
	    row[COMMIT_ID].type != VALUE_ID)
		return false;
	for (uint16_t i = 0; i < t->field_count; i++)
		if (!value_fits(&row[i], t->fields[i].type) ||
		    !value_is_storable(&row[i]))
			return false;
	return true;
}

static bool
version_is_of(int64_t branch, const struct version *v)
{
	return v->at.branch == branch && v->at.seq >= 0 && v->kind != 0 &&
	       v->origin.branch > 0 && v->key.name.len != 0 &&
	       (v->key.space == SPACE_NAMESPACE ||
		   v->key.space == SPACE_RELATION) &&
	       key_is_storable(&v->key) && text_is_storable(v->location) &&
	       text_is_storable(v->body);
}

enum err
check_history(const struct schema *schema, int64_t branch,
    const struct history *h, struct error *e)
{
	const struct entity *t = &schema->entities[ENTITY_COMMITS];

	if (branch <= 0)
		return fail(e, ERR_BAD_REQUEST,
		    "Store call: there is no branch to load.");
	for (size_t i = 0; i < h->commit_count; i++)
		if (!commit_is_of(t, branch, h->commits[i]))
			return fail(e, ERR_BAD_REQUEST,
			    "Store call: a commit cannot be loaded.");
	for (size_t i = 0; i < h->version_count; i++)
		if (!version_is_of(branch, &h->versions[i]))
			return fail(e, ERR_BAD_REQUEST,
			    "Store call: a version cannot be loaded.");
	return OK;
}

static bool
int_is(struct value v, int64_t n)
{
	return v.type == VALUE_INT && v.as.i == n;
}

enum verdict
branch_verdict(const struct value *ref, const struct unit *u)
{
	if (ref == NULL || !int_is(ref[REF_STATE], REF_LIVE))
		return VERDICT_GONE;
	if (!u->is_merge && int_is(ref[REF_PROTECTED], REF_CLOSED))
		return VERDICT_PROTECTED;
	return VERDICT_NONE;
}

bool
closes_branch(
    const struct schema *schema, const struct entity *t, const struct write *w)
{
	const uint64_t closing =
	    UINT64_C(1) << REF_STATE | UINT64_C(1) << REF_PROTECTED;
	bool is_new = w->when_count != 0 && w->when[0].op == TEST_ABSENT;

	return t == &schema->entities[ENTITY_REFS] && w->op == WRITE_PUT &&
	       (w->set & closing) != 0 && !is_new;
}

static bool
write_may_join(const struct write *w)
{
	bool absent = w->when_count != 0 && w->when[0].op == TEST_ABSENT;

	if (w->op == WRITE_TEST)
		return !absent;
	return w->op != WRITE_PURGE && w->entity >= ENTITY_FIRST_FREE;
}

bool
unit_may_join(const struct unit *u)
{
	for (size_t i = 0; i < u->write_count; i++)
		if (!write_may_join(&u->writes[i]))
			return false;
	return u->put_count != 0;
}
