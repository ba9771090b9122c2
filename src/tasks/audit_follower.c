#include "tasks/audit_follower.h"

#include "base/buf.h"
#include "calls/store_call.h"
#include "catalog/branch.h"
#include "versions/commits.h"

#define COMMITS 256 /* of one unit */

struct following {
	struct call *call;
	int64_t branch, cursor, upto;
	bool has_cursor; /* there is a row */
	struct catalog catalog;
	struct str branch_name;
	struct commit_note *notes;
	size_t note_count, next_note;
};

/* ---- where */
static enum err
read_cursor(struct following *f)
{
	const struct value *row;

	TRY(record_find_by_key(
	    f->call, ENTITY_AUDIT_CURSORS, value_int(f->branch), &row));
	f->has_cursor = row != NULL;
	f->cursor = row != NULL ? value_int_or(row[AUDIT_CURSOR_SEQ], 0) : 0;
	return OK;
}

/* A catalog that was deleted: its last row in the audit log knows it. */
static enum err
find_deleted(struct following *f, struct value catalog, bool *ret)
{
	const struct test where[] = {
		{ ENTRY_RESOURCE_ID, TEST_EQ, catalog },
		{ ENTRY_ACTION, TEST_EQ, value_int(DEED_DELETE_CATALOG) },
	};
	const struct value *row;

	TRY(record_find(
	    f->call, ENTITY_AUDIT_LOGS, AUDIT_BY_RESOURCE, where, 2, &row));
	*ret = row != NULL;
	if (row != NULL)
		f->catalog = (struct catalog){
			.id = catalog.as.id,
			.tenant = value_id_or_nil(row[ENTRY_TENANT]),
			.name = value_str_or_absent(row[ENTRY_RESOURCE_NAME]),
		};
	return OK;
}

/* False: nobody knows whose the branch is. */
static enum err
find_catalog(struct following *f, bool *ret)
{
	const struct value *row, *ref;

	*ret = false;
	TRY(record_find_by_key(
	    f->call, ENTITY_REFS, value_int(f->branch), &ref));
	if (ref == NULL || value_int_or(ref[REF_KIND], 0) != REF_BRANCH)
		return OK;
	f->branch_name = value_str_or_absent(ref[REF_NAME]);
	if (f->branch_name.ptr == NULL)
		f->branch_name = value_str_or_absent(ref[REF_WAS_NAMED]);
	TRY(record_find_by_key(
	    f->call, ENTITY_CATALOGS, ref[REF_CATALOG], &row));
	if (row == NULL)
		return find_deleted(f, ref[REF_CATALOG], ret);
	*ret = true;
	f->catalog = (struct catalog){
		.id = value_id_or_nil(row[CATALOG_ID]),
		.tenant = value_id_or_nil(row[CATALOG_TENANT]),
		.name = value_str_or_absent(row[CATALOG_NAME]),
		.main_branch = value_int_or(row[CATALOG_MAIN], 0),
	};
	return OK;
}

/* ---- what a commit did */
struct told {
	enum audit_action action;
	struct id thing;
	struct str name; /* "sales/a.b/orders" */
	struct str from; /* of a rename; ptr NULL: it is none */
};

static void
add_levels(struct buf *b, struct str levels)
{
	for (size_t i = 0; i < levels.len; i++)
		buf_add_char(b, levels.ptr[i] == 0x1F ? '.' : levels.ptr[i]);
}

static struct str
name_of(const struct following *f, const struct version *v)
{
	struct buf b = buf_in(f->call->arena);
	bool is_namespace = v->key.space == SPACE_NAMESPACE;

	buf_add(&b, f->catalog.name);
	buf_add_char(&b, '/');
	add_levels(&b, v->key.ns);
	if (v->key.ns.len != 0)
		buf_add_char(&b, is_namespace ? '.' : '/');
	buf_add(&b, v->key.name);
	return buf_str(&b);
}

static enum audit_action
action_of(const struct commit_operation *o)
{
	bool is_new = o->old.kind == 0 || o->old.deleted;

	switch (o->now.kind) {
	case KIND_NAMESPACE:
		if (o->now.deleted)
			return DEED_DELETE_NAMESPACE;
		return is_new ? DEED_CREATE_NAMESPACE : DEED_UPDATE_NAMESPACE;
	case KIND_VIEW:
		if (o->now.deleted)
			return DEED_DROP_VIEW;
		return is_new ? DEED_CREATE_VIEW : DEED_UPDATE_VIEW;
	default:
		if (o->now.deleted)
			return DEED_DROP_TABLE;
		return is_new ? DEED_CREATE_TABLE : DEED_COMMIT_TABLE;
	}
}

/* Two operations that move one thing. */
static bool
is_rename(const struct commit *c, const struct commit_operation **ret_to)
{
	const struct commit_operation *a = c->operations;

	if (c->operation_count != 2 || a[0].now.kind != a[1].now.kind ||
	    a[0].now.kind == KIND_NAMESPACE ||
	    a[0].now.deleted == a[1].now.deleted)
		return false;
	*ret_to = a[0].now.deleted ? &a[1] : &a[0];
	return !id_is_nil(a[0].old.object) || !id_is_nil(a[1].old.object);
}

static struct told
tell(const struct following *f, const struct commit *c)
{
	const struct commit_operation *to;
	struct told told = { .action = DEED_CREATE_COMMIT, .thing = c->id };

	if (!id_is_nil(c->merged)) {
		told.action = DEED_MERGE_BRANCH;
		told.thing = (struct id){ { 0 } };
	} else if (c->operation_count == 1) {
		told.action = action_of(c->operations);
		told.thing = id_is_nil(c->operations->now.object)
				 ? c->operations->old.object
				 : c->operations->now.object;
		told.name = name_of(f, &c->operations->now);
	} else if (is_rename(c, &to)) {
		told.action = to->now.kind == KIND_VIEW ? DEED_RENAME_VIEW
							: DEED_RENAME_TABLE;
		told.thing = to->now.object;
		told.name = name_of(f, &to->now);
		told.from =
		    name_of(f, &c->operations[to == c->operations ? 1 : 0].now);
	}
	if (told.name.ptr == NULL)
		told.name = arena_printf(f->call->arena, STR_FMT "/" STR_FMT,
		    STR_ARG(f->catalog.name), STR_ARG(f->branch_name));
	return told;
}

static struct str
metadata_of(
    const struct following *f, const struct commit *c, const struct told *told)
{
	struct buf b = buf_in(f->call->arena);

	buf_add(&b, STR("{\"branch\":"));
	buf_add_json(&b, f->branch_name);
	if (told->from.ptr != NULL) {
		buf_add(&b, STR(",\"from\":"));
		buf_add_json(&b, told->from);
	}
	buf_printf(&b, ",\"changes\":%zu}", c->operation_count);
	return buf_str(&b);
}

/* ---- rows */
/* Notes come about in the order of their commits. */
static struct commit_note *
note_of(struct following *f, struct id commit)
{
	for (size_t i = 0; i < f->note_count; i++) {
		size_t at = (f->next_note + i) % f->note_count;

		if (id_eq(f->notes[at].commit, commit)) {
			f->next_note = at + 1;
			return &f->notes[at];
		}
	}
	return NULL;
}

static struct value
noted(const char *text)
{
	return text[0] != '\0' ? value_text(str_from(text)) : value_null();
}

static void
put_row(struct following *f, struct batch *b, const struct commit *c)
{
	struct commit_note *note = note_of(f, c->id);
	const struct told told = tell(f, c);
	struct value *row = batch_replace(b, ENTITY_AUDIT_LOGS);

	row[ENTRY_ID] = value_id(c->id);
	row[ENTRY_TENANT] = value_id_or_null(f->catalog.tenant);
	row[ENTRY_USERNAME] = value_text(c->author);
	row[ENTRY_ACTION] = value_int(told.action);
	row[ENTRY_RESOURCE_TYPE] = value_int(audit_resource_of(told.action));
	row[ENTRY_RESOURCE_ID] = value_id_or_null(told.thing);
	row[ENTRY_RESOURCE_NAME] = value_text(told.name);
	row[ENTRY_AT_US] = value_int(c->at_us);
	row[ENTRY_RESULT] = value_int(DEED_SUCCEEDED);
	row[ENTRY_METADATA] = value_text(metadata_of(f, c, &told));
	if (note == NULL)
		return;
	row[ENTRY_USER] = value_id_or_null(note->user);
	row[ENTRY_ADDRESS] = noted(note->address);
	row[ENTRY_AGENT] = noted(note->agent);
	note->is_on_record = true;
}

static void
forget_rows(struct following *f)
{
	for (size_t i = 0; i < f->note_count; i++)
		f->notes[i].is_on_record = false;
}

/* Commits behind the last note have notes that are still to be looked at, here
 * or on the node that made them. */
static bool
has_notes_left(const struct following *f)
{
	for (size_t i = 0; i < f->note_count; i++)
		if (!f->notes[i].is_on_record)
			return true;
	return f->note_count == 0;
}

static void
move_cursor(const struct following *f, struct batch *b, int64_t seq)
{
	struct value *row;

	if (f->has_cursor) {
		update_set(
		    batch_update(b, ENTITY_AUDIT_CURSORS, value_int(f->branch),
			(struct test){
			    AUDIT_CURSOR_SEQ, TEST_EQ, value_int(f->cursor) }),
		    AUDIT_CURSOR_SEQ, value_int(seq));
		return;
	}
	row = batch_insert(b, ENTITY_AUDIT_CURSORS);
	row[AUDIT_CURSOR_BRANCH] = value_int(f->branch);
	row[AUDIT_CURSOR_SEQ] = value_int(seq);
}

/* Fewer commits where these are more than one answer holds. */
static enum err
read_commits(struct following *f, struct commit_page *ret)
{
	const struct commit_filter any = { 0 };
	int64_t n = f->upto - f->cursor;

	if (n > COMMITS)
		n = COMMITS;
	for (;; n = (n + 1) / 2) {
		const struct point from = { f->branch, f->cursor + n };

		TRY(commits_list(f->call, &f->catalog, from, &any, n, 0, ret));
		if (n == 1 || (int64_t)ret->count == n)
			return OK;
	}
}

static enum err
write_some(struct following *f, int64_t since_us)
{
	struct batch b = batch_of(f->call);
	struct commit_page page;
	enum verdict verdict;
	size_t failed;

	TRY(read_commits(f, &page));
	if (page.count == 0)
		return fail(f->call->error, ERR_INTERNAL,
		    "A commit of a branch is not there");
	move_cursor(f, &b, page.at[0].at.seq);
	for (size_t i = page.count; i-- > 0;)
		if (page.at[i].at.branch == f->branch &&
		    page.at[i].at_us >= since_us)
			put_row(f, &b, &page.at[i]);
	TRY(batch_apply(&b, 0, &verdict, &failed));
	if (verdict == VERDICT_APPLIED)
		f->cursor = page.at[0].at.seq;
	else /* somebody else has written them */
		forget_rows(f);
	return OK;
}

enum err
audit_follow(struct call *c, int64_t branch, struct commit_note *notes,
    size_t note_count, int64_t since_us, bool *ret_more)
{
	struct following f = { .call = c,
		.branch = branch,
		.notes = notes,
		.note_count = note_count };
	struct point head = { branch, 0 };
	bool there;

	*ret_more = false;
	TRY(read_cursor(&f));
	TRY(store_heads(c, &head, 1));
	f.upto = head.seq;
	if (f.upto <= f.cursor)
		return OK;
	TRY(find_catalog(&f, &there));
	if (!there)
		return OK;
	TRY(write_some(&f, since_us));
	*ret_more = f.upto > f.cursor && has_notes_left(&f);
	return OK;
}

/* ---- notes that came too late */
static void
complete(struct batch *b, const struct commit_note *note)
{
	struct update u =
	    batch_update(b, ENTITY_AUDIT_LOGS, value_id(note->commit),
		(struct test){ ENTRY_ADDRESS, TEST_EQ, value_null() });

	update_set(u, ENTRY_USER, value_id_or_null(note->user));
	update_set(u, ENTRY_ADDRESS, noted(note->address));
	update_set(u, ENTRY_AGENT, noted(note->agent));
}

enum err
audit_complete(struct call *c, const struct commit_note *notes, size_t count)
{
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, count);
	struct value *ids = ARENA_NEW(c->arena, struct value, count);
	const struct commit_note **late =
	    ARENA_NEW(c->arena, const struct commit_note *, count);
	struct batch b = batch_of(c);
	enum verdict verdict;
	struct rows rows;
	size_t n = 0, failed;

	for (size_t i = 0; i < count; i++) {
		if (notes[i].is_on_record || notes[i].address[0] == '\0')
			continue;
		late[n] = &notes[i];
		ids[n] = value_id(notes[i].commit);
		keys[n] = &ids[n];
		n++;
	}
	if (n == 0)
		return OK;
	TRY(store_get(c, ENTITY_AUDIT_LOGS, keys, n, &rows));
	for (size_t i = 0; i < n; i++)
		if (rows.row[i] != NULL &&
		    rows.row[i][ENTRY_ADDRESS].type == VALUE_NULL)
			complete(&b, late[i]);
	return b.count != 0 ? batch_apply(&b, 0, &verdict, &failed) : OK;
}

/* ---- all branches */
static enum err
keep_behind(struct call *c, const struct rows *refs, struct audit_behind *ret)
{
	const struct value **keys =
	    ARENA_NEW(c->arena, const struct value *, refs->count);
	struct point *heads = ARENA_NEW(c->arena, struct point, refs->count);
	struct rows cursors;

	for (size_t i = 0; i < refs->count; i++) {
		keys[i] = &refs->row[i][REF_ID];
		heads[i] = (struct point){ keys[i]->as.i, 0 };
	}
	TRY(store_heads(c, heads, refs->count));
	TRY(store_get(c, ENTITY_AUDIT_CURSORS, keys, refs->count, &cursors));
	for (size_t i = 0; i < refs->count; i++) {
		const struct value *row = cursors.row[i];
		int64_t seq =
		    row != NULL ? value_int_or(row[AUDIT_CURSOR_SEQ], 0) : 0;

		if (heads[i].seq > seq)
			ret->branch[ret->count++] = heads[i].branch;
	}
	return OK;
}

enum err
audit_find_behind(struct call *c, int64_t *io_after, struct audit_behind *ret)
{
	const struct test where[] = {
		{ REF_ID, TEST_GT, value_int(*io_after) },
		{ REF_KIND, TEST_EQ, value_int(REF_BRANCH) },
	};
	const struct scan scan = { .entity = ENTITY_REFS,
		.index = INDEX_KEY,
		.limit = AUDIT_BEHIND_MAX,
		.where = where,
		.where_count = 2 };
	struct rows refs;

	ret->count = 0;
	TRY(store_scan(c, &scan, &refs));
	if (refs.count != 0)
		TRY(keep_behind(c, &refs, ret));
	*io_after =
	    refs.next.ptr != NULL ? refs.row[refs.count - 1][REF_ID].as.i : 0;
	return OK;
}
