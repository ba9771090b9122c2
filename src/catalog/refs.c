#include "catalog/refs.h"

#include <stdlib.h>
#include <sys/random.h>

#include "cache/record_cache.h"
#include "record/control.h"
#include "record/value.h"

/* ---- names */
static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "2026-11-01", whatever follows. */
static bool
is_like_a_date(struct str name)
{
	static const char form[] = "dddd-dd-dd";

	if (name.len < sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == 'd' ? !is_digit(name.ptr[i])
				   : name.ptr[i] != form[i])
			return false;
	return true;
}

enum err
ref_name_check(struct str name, struct error *e)
{
	struct id id;
	bool plain = name.len != 0 && name.len <= REF_NAME_MAX &&
		     is_letter_or_digit(name.ptr[0]);

	for (size_t i = 0; plain && i < name.len; i++)
		plain = is_letter_or_digit(name.ptr[i]) ||
			memchr("._-", name.ptr[i], 3) != NULL;
	if (!plain)
		return fail(e, ERR_BAD_REQUEST,
		    "The name of a branch or tag has 1 to 128 of the "
		    "characters A-Z a-z 0-9 . _ - and begins with a letter or "
		    "digit");
	if (id_parse(name, &id) || is_like_a_date(name))
		return fail(e, ERR_BAD_REQUEST,
		    "The name of a branch or tag may look neither like a UUID "
		    "nor like a date: " STR_FMT,
		    STR_ARG(name));
	return OK;
}

/* ---- rows */
static struct point
point_of(struct value branch, struct value seq)
{
	return (struct point){ value_int_or(branch, 0), value_int_or(seq, 0) };
}

/* 1 is what rows of main say from before there were branches, and mean nothing
 * by it; and what a branch says that was protected before stores looked. */
static bool
is_protected(const struct value *row)
{
	int64_t is = value_int_or(row[REF_PROTECTED], 0);

	return is == REF_CLOSED ||
	       (is == 1 && row[REF_TYPE].type != VALUE_NULL);
}

static struct ref
ref_of_row(const struct value *row)
{
	struct ref r = {
		.id = value_int_or(row[REF_ID], 0),
		.catalog = value_id_or_nil(row[REF_CATALOG]),
		.name = value_str_or_absent(row[REF_NAME]),
		.kind = (enum ref_kind)value_int_or(row[REF_KIND], REF_BRANCH),
		.state =
		    (enum ref_state)value_int_or(row[REF_STATE], REF_DELETED),
		.forked = point_of(row[REF_FORKED_FROM], row[REF_FORKED_SEQ]),
		.parent = point_of(row[REF_PARENT], row[REF_PARENT_SEQ]),
		.fork_commit = value_id_or_nil(row[REF_FORK_COMMIT]),
		.fork_us = value_int_or(row[REF_FORK_US], 0),
		.horizon = value_int_or(row[REF_HORIZON], 0),
		.type = (enum branch_type)value_int_or(
		    row[REF_TYPE], BRANCH_INGEST),
		.is_partial = value_int_or(row[REF_PARTIAL], 0) != 0,
		.created_us = value_int_or(row[REF_CREATED_US], 0),
		.created_by = value_id_or_nil(row[REF_CREATED_BY]),
	};

	r.is_protected = is_protected(row);
	if (r.name.ptr == NULL)
		r.name = value_str_or_absent(row[REF_WAS_NAMED]);
	return r;
}

enum err
ref_find(struct call *c, const struct catalog *catalog, struct str name,
    const struct ref **ret)
{
	const struct control_ref wanted = { .kind = CONTROL_REF,
		.tenant = catalog->tenant,
		.id = catalog->id,
		.name = name };
	const struct value *row = NULL;
	struct error ignored;
	struct ref *found;

	*ret = NULL;
	if (ref_name_check(name, &ignored) != OK)
		return OK;
	TRY(record_cache_find(c, &wanted, &row));
	if (row == NULL)
		return OK;
	found = ARENA_NEW(c->arena, struct ref, 1);
	*found = ref_of_row(row);
	*ret = found;
	return OK;
}

enum err
ref_get(struct call *c, const struct catalog *catalog, struct str name,
    struct ref *ret)
{
	const struct ref *found;

	TRY(ref_find(c, catalog, name, &found));
	if (found == NULL)
		return fail(c->error, ERR_NO_SUCH_REF,
		    "Catalog '" STR_FMT "' has no branch or tag '" STR_FMT "'",
		    STR_ARG(catalog->name), STR_ARG(name));
	*ret = *found;
	return OK;
}

enum err
ref_get_by_id(
    struct call *c, const struct catalog *catalog, int64_t id, struct ref *ret)
{
	const struct control_ref wanted = { .kind = CONTROL_REF_NUMBER,
		.tenant = catalog->tenant,
		.number = id };
	const struct value *row = NULL;
	struct ref found;

	TRY(record_cache_find(c, &wanted, &row));
	if (row != NULL)
		found = ref_of_row(row);
	if (row == NULL || !id_eq(found.catalog, catalog->id))
		return fail(c->error, ERR_NO_SUCH_REF,
		    "Catalog '" STR_FMT "' has no such branch",
		    STR_ARG(catalog->name));
	*ret = found;
	return OK;
}

enum err
refs_list(struct call *c, const struct catalog *catalog, enum ref_kind kind,
    int64_t limit, int64_t offset, struct ref_list *ret)
{
	const struct test where[] = {
		{ REF_CATALOG, TEST_EQ, value_id(catalog->id) },
		{ REF_KIND, TEST_EQ, value_int(kind) },
		{ REF_STATE, TEST_EQ, value_int(REF_LIVE) },
	};
	const struct scan scan = { .entity = ENTITY_REFS,
		.index = REFS_BY_NAME,
		.where = where,
		.where_count = 3 };
	struct rows rows;

	TRY(record_page(c, &scan, limit, offset, &rows));

	struct ref *at = ARENA_NEW(c->arena, struct ref, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		at[i] = ref_of_row(rows.row[i]);
	*ret = (struct ref_list){ at, rows.count, rows.next.ptr != NULL };
	return OK;
}

enum err
refs_all(struct call *c, const struct catalog *catalog, struct ref_list *ret)
{
	const struct test where = { REF_CATALOG, TEST_EQ,
		value_id(catalog->id) };
	const struct scan scan = { .entity = ENTITY_REFS,
		.index = REFS_BY_NAME,
		.where = &where,
		.where_count = 1 };
	struct rows rows;

	TRY(record_list(c, &scan, 0, 0, &rows));

	struct ref *at = ARENA_NEW(c->arena, struct ref, rows.count);

	for (size_t i = 0; i < rows.count; i++)
		at[i] = ref_of_row(rows.row[i]);
	*ret = (struct ref_list){ at, rows.count, false };
	return OK;
}

/* ---- numbers */
int64_t
branch_number(void)
{
	uint64_t n = 0;

	while (n == 0) {
		if (getrandom(&n, sizeof(n), 0) != sizeof(n))
			abort();
		n >>= 64 - 47;
	}
	return (int64_t)n;
}

/* ---- writing */
static void
put_point(struct value *branch, struct value *seq, struct point p)
{
	if (p.branch == 0)
		return;
	*branch = value_int(p.branch);
	*seq = value_int(p.seq);
}

void
ref_insert(struct batch *b, const struct catalog *catalog, const struct ref *r)
{
	struct value *row = batch_insert(b, ENTITY_REFS);

	row[REF_ID] = value_int(r->id);
	row[REF_CATALOG] = value_id(catalog->id);
	row[REF_NAME] = value_text(r->name);
	row[REF_KIND] = value_int(r->kind);
	row[REF_STATE] = value_int(r->state);
	put_point(&row[REF_FORKED_FROM], &row[REF_FORKED_SEQ], r->forked);
	put_point(&row[REF_PARENT], &row[REF_PARENT_SEQ], r->parent);
	row[REF_FORK_COMMIT] = value_id_or_null(r->fork_commit);
	if (!id_is_nil(r->fork_commit))
		row[REF_FORK_US] = value_int(r->fork_us);
	row[REF_HORIZON] = value_int(r->horizon);
	row[REF_PROTECTED] = value_int(r->is_protected ? REF_CLOSED : 0);
	row[REF_TYPE] = value_int(r->type);
	row[REF_PARTIAL] = value_int(r->is_partial);
	row[REF_CREATED_US] = value_int(r->created_us);
	row[REF_CREATED_BY] = value_id_or_null(r->created_by);
	control_name_ref(b, catalog->id, r->name, r->id);
}

struct update
ref_update(
    struct batch *b, const struct ref *r, struct str new_name, struct test test)
{
	struct update u = batch_update(b, ENTITY_REFS, value_int(r->id), test);

	control_name_ref(b, r->catalog, r->name, r->id);
	if (new_name.ptr != NULL) {
		update_set(u, REF_NAME, value_text(new_name));
		control_name_ref(b, r->catalog, new_name, r->id);
	}
	return u;
}

void
ref_delete(struct batch *b, const struct ref *r, struct test test)
{
	struct update u = ref_update(b, r, (struct str){ 0 }, test);

	update_set(u, REF_STATE, value_int(REF_DELETED));
	update_set(u, REF_NAME, value_null());
	update_set(u, REF_WAS_NAMED, value_text(r->name));
}
