/* version_cache.c - a version is cached as a row, a key without one too. */
#include "cache/version_cache.h"

#include "base/buf.h"
#include "cache/immutable_cache.h"
#include "cache/read_cache.h"
#include "cache/row_code.h"
#include "calls/store_call.h"
#include "record/value.h"

enum version_field {
	VERSION_AT_BRANCH,
	VERSION_AT_SEQ,
	VERSION_ORIGIN_BRANCH,
	VERSION_ORIGIN_SEQ,
	VERSION_KIND,
	VERSION_DELETED,
	VERSION_OBJECT,
	VERSION_LOCATION,
	VERSION_BODY,
	VERSION_FIELDS
};

static struct str
pack(struct arena *a, const struct version *v)
{
	const struct value row[VERSION_FIELDS] = {
		[VERSION_AT_BRANCH] = value_int(v->at.branch),
		[VERSION_AT_SEQ] = value_int(v->at.seq),
		[VERSION_ORIGIN_BRANCH] = value_int(v->origin.branch),
		[VERSION_ORIGIN_SEQ] = value_int(v->origin.seq),
		[VERSION_KIND] = value_int(v->kind),
		[VERSION_DELETED] = value_int(v->deleted),
		[VERSION_OBJECT] = value_id(v->object),
		[VERSION_LOCATION] = value_text(v->location),
		[VERSION_BODY] = value_text(v->body),
	};

	return row_pack(a, row, VERSION_FIELDS);
}

static bool
unpack(const struct key *key, struct str bytes, struct version *ret)
{
	struct value row[VERSION_FIELDS] = { 0 };

	if (bytes.ptr == NULL || !row_unpack(bytes, row, VERSION_FIELDS))
		return false;
	*ret = (struct version){
		.key = *key,
		.at = { row[VERSION_AT_BRANCH].as.i, row[VERSION_AT_SEQ].as.i },
		.origin = { row[VERSION_ORIGIN_BRANCH].as.i,
		    row[VERSION_ORIGIN_SEQ].as.i },
		.kind = (int)row[VERSION_KIND].as.i,
		.deleted = row[VERSION_DELETED].as.i != 0,
		.object = row[VERSION_OBJECT].as.id,
		.location = value_str_or_absent(row[VERSION_LOCATION]),
		.body = value_str_or_absent(row[VERSION_BODY]),
	};
	return true;
}

/* Reads the keys that the cache missed, in one call. */
static enum err
read_missing(struct call *c, struct chain chain, const struct key *keys,
    size_t count, const struct cached_read *cached, struct version *io)
{
	struct key *missing = ARENA_NEW(c->arena, struct key, count);
	struct version *read = ARENA_NEW(c->arena, struct version, count);
	size_t asked = 0, got = 0;

	for (size_t i = 0; i < count; i++)
		if (cached[i].value.ptr == NULL)
			missing[asked++] = keys[i];
	if (asked == 0)
		return OK;
	TRY(store_read(c, chain, missing, asked, read));
	for (size_t i = 0; i < count; i++) {
		if (cached[i].value.ptr != NULL)
			continue;
		io[i] = read[got++];
		read_cache_put(c, &cached[i], &keys[i], pack(c->arena, &io[i]));
	}
	return OK;
}

enum err
version_cache_read(struct call *c, int64_t log, struct chain chain,
    const struct key *keys, size_t count, struct version *ret)
{
	struct cached_read *cached =
	    ARENA_NEW(c->arena, struct cached_read, count);
	struct version *found = ARENA_NEW(c->arena, struct version, count);

	for (size_t i = 0; i < count; i++) {
		read_cache_find(c, log, &keys[i], &cached[i]);
		if (!unpack(&keys[i], cached[i].value, &found[i]))
			cached[i].value.ptr = NULL;
	}
	TRY(read_missing(c, chain, keys, count, cached, found));
	if (count != 0)
		memcpy(ret, found, count * sizeof(*ret));
	return OK;
}

/* ---- chains that end at a fixed position */
/* No name holds NUL; a namespace may be empty, a name is not. */
static struct str
past_name(
    struct arena *a, struct point at, int64_t erased_us, const struct key *key)
{
	struct buf name = buf_in(a);

	buf_printf(&name, "version:%lld:%lld:%lld:%d:", (long long)at.branch,
	    (long long)at.seq, (long long)erased_us, (int)key->space);
	buf_add(&name, key->ns);
	buf_add_char(&name, '\0');
	buf_add(&name, key->name);
	return buf_str(&name);
}

static enum err
find_past(struct call *c, struct str name, const struct key *key,
    struct version *ret, bool *ret_found)
{
	struct cached found;
	struct str bytes;

	TRY(immutable_cache_find(c, name, &found));
	bytes = found.value;
	if (bytes.ptr != NULL && found.pin != 0)
		bytes = arena_copy(c->arena, bytes);
	immutable_cache_release(c, &found);
	*ret_found = unpack(key, bytes, ret);
	return OK;
}

enum err
version_cache_read_past(struct call *c, struct chain chain, int64_t erased_us,
    const struct key *keys, size_t count, struct version *ret)
{
	struct version *found = ARENA_NEW(c->arena, struct version, count);
	struct str *names = ARENA_NEW(c->arena, struct str, count);
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		bool is_known;

		names[i] =
		    past_name(c->arena, chain.link[0], erased_us, &keys[i]);
		TRY(find_past(c, names[i], &keys[i], &found[i], &is_known));
		known += is_known;
	}
	if (known != count) {
		TRY(store_read(c, chain, keys, count, found));
		for (size_t i = 0; i < count; i++)
			immutable_cache_put(c, names[i],
			    pack(c->arena, &found[i]), CACHE_FOREVER);
	}
	if (count != 0)
		memcpy(ret, found, count * sizeof(*ret));
	return OK;
}
