/* entries.c - a version is kept as a row; a key that shows nothing, too. */
#include "cache/entries.h"

#include "cache/kept.h"
#include "cache/row_code.h"
#include "plugin/store_call.h"
#include "record/value.h"

enum entry_field {
	ENTRY_AT_BRANCH,
	ENTRY_AT_SEQ,
	ENTRY_ORIGIN_BRANCH,
	ENTRY_ORIGIN_SEQ,
	ENTRY_KIND,
	ENTRY_DELETED,
	ENTRY_OBJECT,
	ENTRY_LOCATION,
	ENTRY_BODY,
	ENTRY_FIELDS
};

static struct str
pack(struct arena *a, const struct version *v)
{
	const struct value row[ENTRY_FIELDS] = {
		[ENTRY_AT_BRANCH] = value_int(v->at.branch),
		[ENTRY_AT_SEQ] = value_int(v->at.seq),
		[ENTRY_ORIGIN_BRANCH] = value_int(v->origin.branch),
		[ENTRY_ORIGIN_SEQ] = value_int(v->origin.seq),
		[ENTRY_KIND] = value_int(v->kind),
		[ENTRY_DELETED] = value_int(v->deleted),
		[ENTRY_OBJECT] = value_id(v->object),
		[ENTRY_LOCATION] = value_text(v->location),
		[ENTRY_BODY] = value_text(v->body),
	};

	return row_pack(a, row, ENTRY_FIELDS);
}

static bool
unpack(const struct key *key, struct str bytes, struct version *ret)
{
	struct value row[ENTRY_FIELDS] = { 0 };

	if (bytes.ptr == NULL || !row_unpack(bytes, row, ENTRY_FIELDS))
		return false;
	*ret = (struct version){
		.key = *key,
		.at = { row[ENTRY_AT_BRANCH].as.i, row[ENTRY_AT_SEQ].as.i },
		.origin = { row[ENTRY_ORIGIN_BRANCH].as.i,
		    row[ENTRY_ORIGIN_SEQ].as.i },
		.kind = (int)row[ENTRY_KIND].as.i,
		.deleted = row[ENTRY_DELETED].as.i != 0,
		.object = row[ENTRY_OBJECT].as.id,
		.location = value_str_or_absent(row[ENTRY_LOCATION]),
		.body = value_str_or_absent(row[ENTRY_BODY]),
	};
	return true;
}

/* The keys of which nothing is kept, in one call. */
static enum err
read_missing(struct call *c, struct chain chain, const struct key *keys,
    size_t count, const struct kept *kept, struct version *io)
{
	struct key *missing = ARENA_NEW(c->arena, struct key, count);
	struct version *read = ARENA_NEW(c->arena, struct version, count);
	size_t asked = 0, got = 0;

	for (size_t i = 0; i < count; i++)
		if (kept[i].value.ptr == NULL)
			missing[asked++] = keys[i];
	if (asked == 0)
		return OK;
	TRY(store_read(c, chain, missing, asked, read));
	for (size_t i = 0; i < count; i++) {
		if (kept[i].value.ptr != NULL)
			continue;
		io[i] = read[got++];
		kept_put(c, &kept[i], &keys[i], pack(c->arena, &io[i]));
	}
	return OK;
}

enum err
entries_read(struct call *c, int64_t log, struct chain chain,
    const struct key *keys, size_t count, struct version *ret)
{
	struct kept *kept = ARENA_NEW(c->arena, struct kept, count);
	struct version *found = ARENA_NEW(c->arena, struct version, count);

	for (size_t i = 0; i < count; i++) {
		kept_find(c, log, &keys[i], &kept[i]);
		if (!unpack(&keys[i], kept[i].value, &found[i]))
			kept[i].value.ptr = NULL;
	}
	TRY(read_missing(c, chain, keys, count, kept, found));
	if (count != 0)
		memcpy(ret, found, count * sizeof(*ret));
	return OK;
}
