/* tables.c - what needs no look into a metadata file, and loading one. */
#include "catalog/tables.h"

#include "catalog/namespaces.h"
#include "catalog/table_entry.h"
#include "catalog/table_file.h"

enum err
tables_list(struct call *c, const struct branch *b, struct str ns,
    struct page page, struct listing *ret)
{
	struct key key = path_key(ns);
	struct version read;

	TRY(branch_read(c, b, &key, 1, &read));
	if (!version_is_live(&read))
		return namespace_missing(c, ns);
	return page_list(c, b, SPACE_RELATION, ns, KIND_TABLE, page, ret);
}

enum err
tables_find(struct call *c, const struct branch *b, struct ident ident,
    struct version *ret)
{
	struct key key = ident_key(ident);
	struct version read;

	TRY(branch_read(c, b, &key, 1, &read));
	if (!version_is_live(&read) || read.kind != KIND_TABLE)
		return table_missing(c, ident);
	*ret = read;
	return OK;
}

enum err
tables_load(struct call *c, const struct branch *b, struct ident ident,
    struct table *ret)
{
	struct version read;

	TRY(tables_find(c, b, ident, &read));
	ret->ident = ident;
	ret->object = read.object;
	ret->metadata_location = read.location;
	return table_file_read(c, read.location, &ret->metadata);
}

static enum err
try_drop(struct call *c, const struct branch *b, struct ident ident,
    enum verdict *ret)
{
	struct version read;

	TRY(tables_find(c, b, ident, &read));

	struct key key = ident_key(ident);
	struct expect unchanged = expect_unchanged(b, key, &read);
	struct version put = read;
	struct unit unit = { .message = table_message(c, "drop table", ident),
		.expects = &unchanged,
		.expect_count = 1,
		.puts = &put,
		.put_count = 1 };

	put.deleted = true;
	put.origin = (struct point){ 0 };
	return branch_apply(c, b, &unit, ret);
}

enum err
tables_drop(struct call *c, const struct branch *b, struct ident ident)
{
	enum verdict verdict = VERDICT_CONFLICT;

	for (int i = 0; i < BRANCH_TRIES && verdict == VERDICT_CONFLICT; i++)
		TRY(try_drop(c, b, ident, &verdict));
	return verdict == VERDICT_APPLIED ? OK : table_races_lost(c, ident);
}

/* The place that a rename wants: [0] source, [1] target, [2] its namespace. */
static enum err
read_rename(struct call *c, const struct branch *b, struct ident from,
    struct ident to, struct version read[3])
{
	const struct key keys[] = { ident_key(from), ident_key(to),
		path_key(to.ns) };

	TRY(branch_read(c, b, keys, 3, read));
	if (!version_is_live(&read[0]) || read[0].kind != KIND_TABLE)
		return table_missing(c, from);
	if (!version_is_live(&read[2]))
		return namespace_missing(c, to.ns);
	return table_name_free(c, to, &read[1]);
}

static enum err
try_rename(struct call *c, const struct branch *b, struct ident from,
    struct ident to, enum verdict *ret)
{
	struct version read[3];

	TRY(read_rename(c, b, from, to, read));

	struct key key_from = ident_key(from), key_to = ident_key(to);
	const struct expect expects[] = {
		expect_unchanged(b, key_from, &read[0]),
		expect_unchanged(b, key_to, &read[1]),
		expect_live(b, path_key(to.ns), &read[2]),
	};
	struct version puts[] = { read[0], read[0] };
	struct unit unit = { .message = table_message(c, "rename table", from),
		.expects = expects,
		.expect_count = 3,
		.puts = puts,
		.put_count = 2 };

	puts[0].deleted = true;
	puts[1].key = key_to;
	puts[0].origin = puts[1].origin = (struct point){ 0 };
	return branch_apply(c, b, &unit, ret);
}

enum err
tables_rename(
    struct call *c, const struct branch *b, struct ident from, struct ident to)
{
	enum verdict verdict = VERDICT_CONFLICT;

	for (int i = 0; i < BRANCH_TRIES && verdict == VERDICT_CONFLICT; i++)
		TRY(try_rename(c, b, from, to, &verdict));
	return verdict == VERDICT_APPLIED ? OK : table_races_lost(c, from);
}
