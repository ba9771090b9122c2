/* suite.c - short ways to say things to a store. */
#include "suite.h"

struct value
null_value(void)
{
	return (struct value){ .type = VALUE_NULL };
}

struct value
int_value(int64_t n)
{
	return (struct value){ VALUE_INT, { .i = n } };
}

struct value
text_value(const char *s)
{
	return s == NULL ? null_value()
			 : (struct value){ VALUE_TEXT, { .s = str_from(s) } };
}

struct value
bytes_value(const void *p, size_t len)
{
	return (struct value){ VALUE_BYTES, { .s = { p, len } } };
}

struct id
id_of(uint32_t n)
{
	struct id id = { { 0xA0 } };

	for (int i = 0; i < 4; i++)
		id.b[12 + i] = (uint8_t)(n >> (24 - 8 * i));
	return id;
}

struct value
id_value(uint32_t n)
{
	return (struct value){ VALUE_ID, { .id = id_of(n) } };
}

struct test
test_of(uint16_t field, enum test_op op, struct value value)
{
	return (struct test){ .field = field, .op = op, .value = value };
}

struct call *
in_time(struct fixture *f)
{
	f->call = (struct call){ .store = f->store,
		.arena = f->arena,
		.error = &f->error,
		.deadline_us = clock_mono_us() + 30 * CLOCK_SECOND };
	return &f->call;
}

enum verdict
apply_one(struct fixture *f, int64_t branch, struct unit *u)
{
	enum err err = store_apply(in_time(f), branch, u, 1);

	if (err != OK)
		printf("  apply: %s\n", f->error.message);
	CHECK(err == OK);
	return err == OK ? u->verdict : VERDICT_NONE;
}

enum verdict
write_rows(struct fixture *f, const struct write *writes, size_t count)
{
	struct unit u = { .writes = writes, .write_count = count };

	return apply_one(f, 0, &u);
}

enum verdict
put_row(
    struct fixture *f, uint16_t entity, const struct value *row, uint64_t set)
{
	const struct write w = {
		.entity = entity, .op = WRITE_PUT, .row = row, .set = set
	};

	return write_rows(f, &w, 1);
}

enum verdict
put_item(struct fixture *f, int64_t id, const char *name, int64_t size,
    const char *tag)
{
	const struct value row[ITEM_FIELDS] = {
		[ITEM_ID] = int_value(id),
		[ITEM_NAME] = text_value(name),
		[ITEM_SIZE] = int_value(size),
		[ITEM_TAG] = text_value(tag),
	};

	return put_row(
	    f, ITEMS, row, SET(ITEM_NAME) | SET(ITEM_SIZE) | SET(ITEM_TAG));
}

const struct value *
get_row(struct fixture *f, uint16_t entity, const struct value *key)
{
	struct rows rows = { .count = 0 };

	CHECK(store_get(in_time(f), entity, &key, 1, &rows) == OK);
	CHECK(rows.count == 1);
	return rows.count == 1 ? rows.row[0] : NULL;
}

const struct value *
get_item(struct fixture *f, int64_t id)
{
	const struct value key = int_value(id);

	return get_row(f, ITEMS, &key);
}

void
put_branch(struct fixture *f, int64_t branch, struct point fork)
{
	bool forked = fork.branch != 0;
	char name[32];
	struct value row[REF_FIELDS] = {
		[REF_ID] = int_value(branch),
		[REF_CATALOG] = id_value(1),
		[REF_KIND] = int_value(REF_BRANCH),
		[REF_STATE] = int_value(REF_LIVE),
	};

	(void)snprintf(name, sizeof(name), "b%lld", (long long)branch);
	row[REF_NAME] = text_value(name);
	if (forked) {
		const struct value *commit =
		    get_commit(f, fork.branch, fork.seq);

		row[REF_FORKED_FROM] = row[REF_PARENT] = int_value(fork.branch);
		row[REF_FORKED_SEQ] = row[REF_PARENT_SEQ] = int_value(fork.seq);
		if (commit != NULL) {
			row[REF_FORK_COMMIT] = commit[COMMIT_ID];
			row[REF_FORK_US] = commit[COMMIT_AT_US];
		}
	}
	CHECK(put_row(f, ENTITY_REFS, row, SET(REF_FIELDS) - 1) ==
	      VERDICT_APPLIED);
}

void
delete_branch(struct fixture *f, int64_t branch)
{
	const struct value row[REF_FIELDS] = {
		[REF_ID] = int_value(branch),
		[REF_STATE] = int_value(REF_DELETED),
	};

	CHECK(put_row(f, ENTITY_REFS, row, SET(REF_STATE)) == VERDICT_APPLIED);
}

void
protect_branch(struct fixture *f, int64_t branch, int64_t value)
{
	const struct value row[REF_FIELDS] = {
		[REF_ID] = int_value(branch),
		[REF_PROTECTED] = int_value(value),
	};

	CHECK(put_row(f, ENTITY_REFS, row, SET(REF_PROTECTED)) ==
	      VERDICT_APPLIED);
}

struct key
table_key(const char *ns, const char *name)
{
	return (struct key){ SPACE_RELATION, str_from(ns), str_from(name) };
}

struct version
table_version(const char *ns, const char *name, const char *location)
{
	return (struct version){ .key = table_key(ns, name),
		.kind = 1,
		.object = id_of(7),
		.location = str_from(location),
		.body = STR("{}") };
}

struct version
tombstone(const char *ns, const char *name)
{
	struct version v = table_version(ns, name, NULL);

	v.deleted = true;
	return v;
}

struct expect
expect_seq(const char *ns, const char *name, int64_t seq)
{
	return (struct expect){ EXPECT_SEQ, table_key(ns, name), seq };
}

struct unit
unit_of(uint32_t id, const struct version *puts, size_t count)
{
	return (struct unit){ .id = id_of(id),
		.author = STR("alice"),
		.message = STR("a commit"),
		.puts = puts,
		.put_count = count };
}

int64_t
put_version(
    struct fixture *f, int64_t branch, uint32_t id, struct version version)
{
	struct unit u = unit_of(id, &version, 1);

	return apply_one(f, branch, &u) == VERDICT_APPLIED ? u.seq : 0;
}

int64_t
head_of(struct fixture *f, int64_t branch)
{
	struct point p = { branch, -1 };

	CHECK(store_heads(in_time(f), &p, 1) == OK);
	return p.seq;
}

struct version
read_at(struct fixture *f, struct point at, const char *ns, const char *name)
{
	const struct chain chain = { &at, 1 };
	const struct key key = table_key(ns, name);
	struct version v = { .kind = -1 };

	CHECK(store_read(in_time(f), chain, &key, 1, &v) == OK);
	return v;
}

const struct value *
get_commit(struct fixture *f, int64_t branch, int64_t seq)
{
	const struct value key[] = { int_value(branch), int_value(seq) };

	return get_row(f, ENTITY_COMMITS, key);
}

enum verdict
claim_id(struct fixture *f, uint32_t id)
{
	const struct test absent = { .op = TEST_ABSENT };
	const struct value row[COMMIT_FIELDS] = {
		[COMMIT_BRANCH] = int_value(0),
		[COMMIT_SEQ] = int_value(INT64_MAX - id),
		[COMMIT_ID] = id_value(id),
		[COMMIT_HASH] = bytes_value("hash", 4),
	};
	const struct write w = { .entity = ENTITY_COMMITS,
		.op = WRITE_PUT,
		.row = row,
		.set = SET(COMMIT_ID) | SET(COMMIT_HASH),
		.when = &absent,
		.when_count = 1 };

	return write_rows(f, &w, 1);
}
