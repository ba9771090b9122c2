/*
 * apply.c - the only write: one transaction, a savepoint for each unit.
 *
 * Verdicts are kept aside until COMMIT has answered.  Only an error of COMMIT
 * itself leaves the outcome open; all errors before it change nothing.
 */
#include "base/clock.h"
#include "plugins/contract/check.h"
#include "sqlite.h"

static const char entry_sql[] =
    "SELECT seq, deleted FROM entries WHERE branch = ?1 AND space = ?2"
    " AND ns = ?3 AND name = ?4";
static const char live_sql[] =
    "SELECT 1 FROM entries WHERE branch = ?1 AND space IN (0, 1)"
    " AND ns = ?2 AND deleted = 0 LIMIT 1";
static const char put_version_sql[] =
    "INSERT INTO versions (branch, space, ns, name, seq, deleted,"
    " origin_branch, origin_seq, kind, object, location, body)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
static const char put_entry_sql[] =
    "INSERT INTO entries (branch, space, ns, name, seq, deleted)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    " ON CONFLICT (branch, space, ns, name)"
    " DO UPDATE SET seq = excluded.seq, deleted = excluded.deleted";

struct verdict_of {
	enum verdict verdict;
	size_t failed;
	int64_t seq;
	struct str first_hash;
};

struct apply {
	const struct call *call;
	const struct schema *schema;
	struct db *db;
	int64_t branch;
};

/* The commit before the next one of the branch. */
struct head {
	int64_t seq, at_us;
	const struct value *id; /* NULL: there is none */
};

static void
judge(struct verdict_of *v, enum verdict verdict, size_t failed)
{
	v->verdict = verdict;
	v->failed = failed;
}

static bool
decided(const struct verdict_of *v)
{
	return v->verdict != VERDICT_NONE;
}

/* A write that was refused for its data condemns its unit, no other. */
static enum err
refused(struct apply *a, int code, size_t number, struct verdict_of *v)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
		judge(v, VERDICT_CONFLICT, number);
		return OK;
	case SQLITE_CONSTRAINT_DATATYPE:
	case SQLITE_TOOBIG:
		judge(v, VERDICT_INVALID, 0);
		return OK;
	default:
		return db_fail(code, a->call->error);
	}
}

static enum err
find_branch(struct apply *a, const struct value **ret)
{
	const struct value key = { VALUE_INT, { .i = a->branch } };

	return find_row(
	    a->call, a->db, &a->schema->entities[ENTITY_REFS], &key, ret);
}

static enum err
find_commit(struct apply *a, const struct id *id, const struct value **ret)
{
	const struct test same_id = { .field = COMMIT_ID,
		.op = TEST_EQ,
		.value = { VALUE_ID, { .id = *id } } };
	const struct scan scan = { .entity = ENTITY_COMMITS,
		.index = INDEX_KEY,
		.limit = 1,
		.where = &same_id,
		.where_count = 1 };

	return find_first(a->call, a->db, &scan, ret);
}

/* The first commit of a fork continues where the parent was left. */
static enum err
load_head(struct apply *a, const struct value *ref, struct head *ret)
{
	const struct value *last;

	TRY(find_head(a->call, a->db, a->branch, &last));
	ret->seq = last != NULL ? last[COMMIT_SEQ].as.i : 0;
	ret->id = last != NULL ? &last[COMMIT_ID] : &ref[REF_FORK_COMMIT];

	const struct value *at =
	    last != NULL ? &last[COMMIT_AT_US] : &ref[REF_FORK_US];

	ret->at_us = at->type == VALUE_INT ? at->as.i : 0;
	return OK;
}

static struct str
never_null(struct str s)
{
	return s.len != 0 ? s : STR("");
}

static void
bind_key(struct apply *a, sqlite3_stmt *stmt, const struct key *k)
{
	(void)sqlite3_bind_int64(stmt, 1, a->branch);
	(void)sqlite3_bind_int(stmt, 2, (int)k->space);
	(void)bind_text(stmt, 3, never_null(k->ns));
	(void)bind_text(stmt, 4, never_null(k->name));
}

/* EXPECT_SEQ and EXPECT_LIVE */
static enum err
test_key(struct apply *a, const struct expect *x, bool *ret_holds)
{
	int64_t seq = 0;
	bool live = false;
	STATEMENT stmt;
	int code = db_prepare(a->db, str_from(entry_sql), &stmt);

	if (code == SQLITE_OK) {
		bind_key(a, stmt, &x->key);
		code = sqlite3_step(stmt);
	}
	if (code == SQLITE_ROW) {
		seq = sqlite3_column_int64(stmt, 0);
		live = sqlite3_column_int(stmt, 1) == 0;
	} else if (code != SQLITE_DONE) {
		return db_fail(code, a->call->error);
	}
	*ret_holds = seq == x->seq || (x->op == EXPECT_LIVE && live);
	return OK;
}

/* EXPECT_EMPTY, after the unit's own versions are written */
static enum err
test_empty(struct apply *a, const struct expect *x, bool *ret_holds)
{
	STATEMENT stmt;
	int code = db_prepare(a->db, str_from(live_sql), &stmt);

	if (code == SQLITE_OK) {
		(void)sqlite3_bind_int64(stmt, 1, a->branch);
		(void)bind_text(stmt, 2, never_null(x->key.ns));
		code = sqlite3_step(stmt);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return db_fail(code, a->call->error);
	*ret_holds = code == SQLITE_DONE;
	return OK;
}

static enum err
test_expects(
    struct apply *a, const struct unit *u, bool empty, struct verdict_of *v)
{
	for (size_t i = 0; i < u->expect_count && !decided(v); i++) {
		const struct expect *x = &u->expects[i];
		bool holds = true;

		if ((x->op == EXPECT_EMPTY) != empty)
			continue;
		TRY(empty ? test_empty(a, x, &holds) : test_key(a, x, &holds));
		if (!holds)
			judge(v, VERDICT_CONFLICT, i);
	}
	return OK;
}

static void
bind_version(
    struct apply *a, sqlite3_stmt *stmt, const struct version *put, int64_t seq)
{
	bool here = put->origin.branch == 0;

	(void)sqlite3_bind_int64(
	    stmt, 7, here ? a->branch : put->origin.branch);
	(void)sqlite3_bind_int64(stmt, 8, here ? seq : put->origin.seq);
	(void)sqlite3_bind_int(stmt, 9, put->kind);
	(void)bind_id(stmt, 10, &put->object);
	(void)bind_text(stmt, 11, put->location);
	(void)bind_text(stmt, 12, put->body);
}

/* Into `versions`, or (put whole: false) into `entries`. */
static int
put_into(struct apply *a, const struct version *put, int64_t seq, bool whole)
{
	STATEMENT stmt;
	int code = db_prepare(
	    a->db, str_from(whole ? put_version_sql : put_entry_sql), &stmt);

	if (code != SQLITE_OK)
		return code;
	bind_key(a, stmt, &put->key);
	(void)sqlite3_bind_int64(stmt, 5, seq);
	(void)sqlite3_bind_int(stmt, 6, put->deleted);
	if (whole)
		bind_version(a, stmt, put, seq);
	return sqlite3_step(stmt);
}

static enum err
put_versions(
    struct apply *a, const struct unit *u, int64_t seq, struct verdict_of *v)
{
	for (size_t i = 0; i < u->put_count && !decided(v); i++) {
		int code = put_into(a, &u->puts[i], seq, true);

		if (code == SQLITE_DONE)
			code = put_into(a, &u->puts[i], seq, false);
		if (code == SQLITE_CONSTRAINT_PRIMARYKEY)
			judge(v, VERDICT_INVALID, 0); /* twice in one unit */
		else if (code != SQLITE_DONE)
			TRY(refused(a, code, 0, v));
	}
	return OK;
}

static struct value
text_or_null(enum value_type type, struct str s)
{
	struct value v = { .type = VALUE_NULL };

	if (s.ptr != NULL)
		v = (struct value){ type, { .s = s } };
	return v;
}

static int
write_row(struct apply *a, const struct write *w, int *ret_changes)
{
	struct sql sql = sql_in(a->call->arena, &sqlite_dialect);
	STATEMENT stmt;
	int code;

	sql_write(&sql, &a->schema->entities[w->entity], w);
	code = db_start(a->db, &sql, &stmt);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	*ret_changes = sqlite3_changes(a->db->handle);
	return code;
}

static enum err
put_commit(struct apply *a, const struct unit *u, const struct head *head,
    struct verdict_of *v)
{
	int64_t now = clock_now_us();
	bool merged = u->merged.branch != 0;
	struct value row[COMMIT_FIELDS] = {
		[COMMIT_BRANCH] = { VALUE_INT, { .i = a->branch } },
		[COMMIT_SEQ] = { VALUE_INT, { .i = head->seq + 1 } },
		[COMMIT_ID] = { VALUE_ID, { .id = u->id } },
		[COMMIT_PARENT] = *head->id,
		[COMMIT_AUTHOR] = text_or_null(VALUE_TEXT, u->author),
		[COMMIT_MESSAGE] = text_or_null(VALUE_TEXT, u->message),
		[COMMIT_AT_US] = { VALUE_INT,
		    { .i = now > head->at_us ? now : head->at_us + 1 } },
		[COMMIT_HASH] = text_or_null(VALUE_BYTES, u->request_hash),
	};
	const struct write insert = { .entity = ENTITY_COMMITS,
		.op = WRITE_PUT,
		.row = row,
		.set = (UINT64_C(1) << COMMIT_FIELDS) - 1 };
	int changes, code;

	if (merged) {
		row[COMMIT_MERGED_BRANCH] =
		    (struct value){ VALUE_INT, { .i = u->merged.branch } };
		row[COMMIT_MERGED_SEQ] =
		    (struct value){ VALUE_INT, { .i = u->merged.seq } };
	}
	v->seq = head->seq + 1;
	code = write_row(a, &insert, &changes);
	return code == SQLITE_DONE ? OK : refused(a, code, 0, v);
}

static enum err
row_passes(struct apply *a, const struct write *w, size_t test_count, bool *ret)
{
	struct sql sql = sql_in(a->call->arena, &sqlite_dialect);
	STATEMENT stmt;
	int code;

	sql_find(
	    &sql, &a->schema->entities[w->entity], w->row, w->when, test_count);
	code = db_start(a->db, &sql, &stmt);
	if (code == SQLITE_OK)
		code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return db_fail(code, a->call->error);
	*ret = code == SQLITE_ROW;
	return OK;
}

static enum err
test_row(struct apply *a, const struct write *w, bool *ret_holds)
{
	bool absent = w->when_count != 0 && w->when[0].op == TEST_ABSENT;

	*ret_holds = true;
	if (w->when_count == 0)
		return OK;
	TRY(row_passes(a, w, absent ? 0 : w->when_count, ret_holds));
	if (absent)
		*ret_holds = !*ret_holds;
	return OK;
}

static enum err
apply_write(
    struct apply *a, const struct write *w, size_t number, struct verdict_of *v)
{
	bool holds = true;
	int changes, code;

	if (w->op == WRITE_TEST) {
		TRY(test_row(a, w, &holds));
	} else {
		code = write_row(a, w, &changes);
		if (code != SQLITE_DONE)
			return refused(a, code, number, v);
		if (sql_must_change(w))
			holds = changes != 0;
		else if (w->op == WRITE_DELETE && changes == 0 &&
			 w->when_count != 0) {
			/* not there is well; there, it failed the tests */
			TRY(row_passes(a, w, 0, &holds));
			holds = !holds;
		}
	}
	if (!holds)
		judge(v, VERDICT_CONFLICT, number);
	return OK;
}

static enum err
apply_writes(struct apply *a, const struct unit *u, struct verdict_of *v)
{
	for (size_t i = 0; i < u->write_count && !decided(v); i++)
		TRY(apply_write(a, &u->writes[i], u->expect_count + i, v));
	return OK;
}

static enum err
apply_log(struct apply *a, const struct unit *u, struct verdict_of *v)
{
	const struct value *ref, *first = NULL;
	struct head head;

	if (u->put_count != 0)
		TRY(find_commit(a, &u->id, &first));
	if (first != NULL) {
		judge(v, VERDICT_ALREADY, 0);
		v->seq = first[COMMIT_SEQ].as.i;
		if (first[COMMIT_HASH].type == VALUE_BYTES)
			v->first_hash = first[COMMIT_HASH].as.s;
		return OK;
	}
	TRY(find_branch(a, &ref));
	if (ref == NULL || ref[REF_STATE].type != VALUE_INT ||
	    ref[REF_STATE].as.i != REF_LIVE) {
		judge(v, VERDICT_GONE, 0);
		return OK;
	}
	TRY(test_expects(a, u, false, v));
	if (u->put_count != 0 && !decided(v)) {
		TRY(load_head(a, ref, &head));
		TRY(put_commit(a, u, &head, v));
		TRY(put_versions(a, u, head.seq + 1, v));
	}
	return test_expects(a, u, true, v);
}

static enum err
apply_unit(struct apply *a, const struct unit *u, struct verdict_of *v)
{
	if (!unit_is_storable(a->schema, u)) {
		judge(v, VERDICT_INVALID, 0);
		return OK;
	}
	if (a->branch != 0)
		TRY(apply_log(a, u, v));
	TRY(apply_writes(a, u, v));
	if (!decided(v))
		judge(v, VERDICT_APPLIED, 0);
	return OK;
}

static enum err
run(struct apply *a, struct str sql)
{
	int code = db_exec(a->db, sql);

	return code == SQLITE_OK ? OK : db_fail(code, a->call->error);
}

static enum err
apply_units(struct apply *a, const struct unit *units, size_t count,
    struct verdict_of *verdicts, bool *ret_changed)
{
	*ret_changed = false;
	for (size_t i = 0; i < count; i++) {
		struct verdict_of *v = &verdicts[i];

		TRY(run(a, STR("SAVEPOINT unit")));
		TRY(apply_unit(a, &units[i], v));
		if (v->verdict == VERDICT_APPLIED) {
			*ret_changed = true;
		} else {
			if (v->verdict != VERDICT_ALREADY)
				v->seq = 0;
			TRY(run(a, STR("ROLLBACK TO unit")));
		}
		TRY(run(a, STR("RELEASE unit")));
	}
	return OK;
}

/* The last frame of the log that COMMIT writes is what makes it valid: on a
 * full disk there is none.  Of any other failure the outcome is open. */
static enum err
commit(struct apply *a)
{
	int code = db_exec(a->db, STR("COMMIT"));

	if (code == SQLITE_OK)
		return OK;
	if ((code & 0xFF) == SQLITE_FULL)
		return db_fail(code, a->call->error);
	return fail(a->call->error, ERR_COMMIT_UNKNOWN,
	    "The store did not tell whether the commit was kept.");
}

enum err
sqlite_apply(struct call *c, int64_t branch, struct unit *units, size_t count)
{
	struct verdict_of *verdicts =
	    ARENA_NEW(c->arena, struct verdict_of, count);
	struct apply a = {
		.call = c, .schema = sqlite_of(c)->schema, .branch = branch
	};
	bool changed;

	TRY(check_units(a.schema, branch, units, count, c->error));
	TRY(writer_take(c, &a.db));

	enum err err = apply_units(&a, units, count, verdicts, &changed);

	if (err == OK && changed)
		err = commit(&a);
	writer_give(c);
	for (size_t i = 0; i < count && err == OK; i++) {
		units[i].verdict = verdicts[i].verdict;
		units[i].failed = verdicts[i].failed;
		units[i].seq = verdicts[i].seq;
		units[i].first_hash = verdicts[i].first_hash;
	}
	return err;
}
