#include "catalog/table_file.h"

#include <libdeflate.h>

#include "base/buf.h"
#include "base/json.h"
#include "cache/immutable_cache.h"
#include "calls/bulkheads.h"
#include "calls/usage.h"
#include "catalog/location_rows.h"
#include "iceberg/metadata_file.h"
#include "object/object.h"

/* The result of parsing a text takes about so many times its bytes; only to
 * look whether it can be parsed takes less. */
#define PARSED_MEMORY 6
#define CHECKED_MEMORY 4

enum err
location_guard(struct call *c, const struct branch *b, const char *what,
    struct str location)
{
	TRY(object_location_check(location, c->error));
	if (catalog_holds(&b->catalog, location))
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "%s is outside the catalog's place " STR_FMT ": " STR_FMT, what,
	    STR_ARG(b->catalog.location), STR_ARG(location));
}

static bool
is_gzip(struct str bytes)
{
	return bytes.len >= 18 && (unsigned char)bytes.ptr[0] == 0x1F &&
	       (unsigned char)bytes.ptr[1] == 0x8B;
}

/* The last four bytes of gzip are the size of what is inside (RFC 1952). */
static size_t
inflated_size(struct str gzip)
{
	const unsigned char *end = (const unsigned char *)gzip.ptr + gzip.len;

	return (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 |
	       (size_t)end[-1] << 24;
}

static size_t
most_of(const struct call *c)
{
	if (c->usage == NULL || c->usage->metadata_bytes == 0)
		return OBJECT_SIZE_MAX;
	return (size_t)c->usage->metadata_bytes;
}

static enum err
unpack(struct call *c, struct str location, struct str gzip, char *text,
    size_t size, size_t *ret)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();

	if (d == NULL)
		abort(); /* as the arena does */

	enum libdeflate_result result =
	    libdeflate_gzip_decompress(d, gzip.ptr, gzip.len, text, size, ret);

	libdeflate_free_decompressor(d);
	if (result != LIBDEFLATE_SUCCESS)
		return fail(c->error, ERR_VALIDATION,
		    "Metadata file is damaged gzip: " STR_FMT,
		    STR_ARG(location));
	return OK;
}

static enum err
inflate(struct call *c, struct str location, struct str gzip, struct str *ret)
{
	size_t size = inflated_size(gzip), got = 0;

	if (size > most_of(c))
		return fail(c->error, ERR_BAD_REQUEST,
		    "A metadata file that unpacks to %zu bytes is too large, "
		    "at most %zu are read: " STR_FMT,
		    size, most_of(c), STR_ARG(location));
	TRY(memory_enter(c, size));

	char *text = arena_try(c->arena, size + 1);

	if (text == NULL)
		return arena_check(c->arena, c->error);
	TRY(cpu_enter(c, size));

	enum err err = unpack(c, location, gzip, text, size, &got);

	cpu_leave(c, size);
	*ret = (struct str){ text, got };
	return err;
}

enum err
table_file_read(struct call *c, struct str location, struct str *ret)
{
	struct str bytes;

	TRY(object_read_most(c, location, most_of(c), &bytes));
	if (is_gzip(bytes))
		return inflate(c, location, bytes, ret);
	*ret = bytes;
	return OK;
}

static enum err
deflate(struct call *c, struct str text, struct str *ret)
{
	struct libdeflate_compressor *d = libdeflate_alloc_compressor(6);

	if (d == NULL)
		return fail(c->error, ERR_INTERNAL, "Out of memory");

	size_t room = libdeflate_gzip_compress_bound(d, text.len);
	char *bytes = arena_alloc(c->arena, 1, room);

	ret->ptr = bytes;
	ret->len = libdeflate_gzip_compress(d, text.ptr, text.len, bytes, room);
	libdeflate_free_compressor(d);
	return OK;
}

struct str
table_file_name(const struct call *c, const char *kind, struct str location)
{
	struct buf name = buf_in(c->arena);
	char tenant[ID_TEXT];

	buf_add(&name, str_from(kind));
	buf_add_char(&name, ':');
	if (object_is_remote(location)) {
		id_format(usage_tenant(c), tenant);
		buf_add(&name, str_from(tenant));
		buf_add_char(&name, ':');
	}
	buf_add(&name, location);
	return buf_str(&name);
}

struct str
table_file_fact(const struct call *c, struct str location)
{
	return table_file_name(c, "metadata", location);
}

static enum err
check_json(struct call *c, struct str text, struct str location)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct error why;
	yyjson_val *json = NULL;
	enum err err = json_parse(c->arena, text, &json, &why);
	bool is_object = yyjson_is_obj(json);

	arena_cut(c->arena, mark);
	if (err == ERR_MEMORY || err == ERR_UNAVAILABLE)
		return fail(c->error, err, "%s", why.message);
	if (err != OK)
		return fail(c->error, ERR_INTERNAL,
		    "Metadata file is damaged, %s: " STR_FMT, why.message,
		    STR_ARG(location));
	if (!is_object)
		return fail(c->error, ERR_INTERNAL,
		    "Metadata file is damaged, it is no JSON object: " STR_FMT,
		    STR_ARG(location));
	return OK;
}

enum err
table_file_check(struct call *c, struct str text, struct str location)
{
	TRY(memory_enter(c, text.len * CHECKED_MEMORY));
	TRY(cpu_enter(c, text.len));

	enum err err = check_json(c, text, location);

	cpu_leave(c, text.len);
	arena_unreserve(c->arena);
	return err;
}

/* Only whole files are cached: a load answers with the text as it is. */
static void
keep(struct call *c, struct str name, struct str text, struct str location)
{
	struct error ignored;
	struct call quiet = *c;

	quiet.error = &ignored;
	if (table_file_check(&quiet, text, location) == OK)
		immutable_cache_put(&quiet, name, text, CACHE_FOREVER);
}

enum err
table_file_text(struct call *c, struct str location, struct str *ret)
{
	struct str name = table_file_fact(c, location);
	struct cached found;
	struct cache_load load;

	TRY(immutable_cache_find_or_load(c, name, &found, &load));
	if (found.value.ptr != NULL) {
		*ret = found.pin != 0 ? arena_copy(c->arena, found.value)
				      : found.value;
		immutable_cache_release(c, &found);
		immutable_cache_loaded(c, &load);
		return OK;
	}

	enum err err = table_file_read(c, location, ret);

	if (err == OK)
		keep(c, name, *ret, location);
	immutable_cache_loaded(c, &load);
	return err;
}

/* ---- remote files, which requests that write find in the caches, too */
struct lent {
	bool is_lent;
	unsigned hits, misses;
};

static struct lent
lend_levels(const struct call *c)
{
	struct usage *u = c->usage;
	struct lent lent = { .is_lent = u != NULL && u->levels == NULL };

	if (lent.is_lent) {
		lent.hits = u->cache_hits;
		lent.misses = u->cache_misses;
		u->levels = u->file_levels;
	}
	return lent;
}

static void
take_levels_back(const struct call *c, const struct lent *lent)
{
	if (!lent->is_lent)
		return;
	c->usage->levels = NULL;
	c->usage->cache_hits = lent->hits;
	c->usage->cache_misses = lent->misses;
}

enum err
table_file_base(struct call *c, struct str location, struct str *ret)
{
	struct lent lent;
	enum err err;

	if (!object_is_remote(location))
		return table_file_read(c, location, ret);
	lent = lend_levels(c);
	err = table_file_text(c, location, ret);
	take_levels_back(c, &lent);
	return err;
}

void
table_file_keep(const struct call *c, struct str location, struct str text)
{
	struct error ignored;
	struct call quiet = *c;
	struct lent lent;

	if (!object_is_remote(location))
		return;
	quiet.error = &ignored;
	lent = lend_levels(c);
	immutable_cache_put(
	    &quiet, table_file_fact(c, location), text, CACHE_FOREVER);
	take_levels_back(c, &lent);
}

void
table_file_warm(struct call *c, struct str location)
{
	struct error ignored;
	struct call quiet = *c;
	struct str name = table_file_fact(c, location), text;
	struct cached found;

	quiet.error = &ignored;
	if (immutable_cache_find(&quiet, name, &found) != OK)
		return;
	if (found.value.ptr != NULL)
		immutable_cache_release(
		    &quiet, &found); /* every level has it now */
	else if (table_file_read(&quiet, location, &text) == OK)
		keep(&quiet, name, text, location);
}

enum err
table_file_parse(struct call *c, struct str text, struct metadata *ret)
{
	TRY(memory_enter(c, text.len * PARSED_MEMORY));
	return metadata_parse(c->arena, text, ret, c->error);
}

enum err
table_file_damaged(struct call *c, enum err err, struct str location)
{
	if (err == OK || err == ERR_MEMORY || err == ERR_WOULD_BLOCK ||
	    err == ERR_SLOW_DOWN || err == ERR_UNAVAILABLE)
		return err;
	return fail(c->error, ERR_INTERNAL, /* it is not the request's fault */
	    "Metadata file is damaged: " STR_FMT, STR_ARG(location));
}

enum err
table_file_write(struct call *c, const struct metadata *m, struct str base,
    struct str text, struct str *ret_location)
{
	char uuid[ID_TEXT];
	struct str location;

	TRY(arena_check(c->arena, c->error));
	if (text.len > most_of(c))
		return fail(c->error, ERR_BAD_REQUEST,
		    "The metadata would have %zu bytes; "
		    "limits.metadata_bytes allows %zu.",
		    text.len, most_of(c));
	id_format(id_v4(), uuid);
	TRY(metadata_file_next(m, base, str_from(uuid), &location, c->error));
	location = arena_copy(c->arena, location);
	if (metadata_file_is_gzip(location))
		TRY(deflate(c, text, &text));
	TRY(object_create(c, location, text));
	*ret_location = location;
	return OK;
}

void
table_file_discard(const struct call *c, struct str location)
{
	struct error ignored;
	struct call quiet = *c;

	/* what stays behind is found by the sweeper: nothing points to it */
	quiet.error = &ignored;
	(void)object_delete(&quiet, location);
}

/* The first is the table's location, the others are properties. */
static const char *const place_names[TABLE_PLACES] = { "Location",
	"write.metadata.path", "write.data.path", "write.object-storage.path",
	"write.folder-storage.path" };

struct table_places
table_places_of(const struct metadata *m)
{
	struct table_places places = { { metadata_location(m) } };

	for (size_t i = 1; i < TABLE_PLACES; i++) {
		places.at[i] = metadata_property(m, place_names[i]);
		while (str_ends_with(places.at[i], STR("/")))
			places.at[i].len--;
	}
	return places;
}

/* Files that a table puts into the place of another would be deleted with it,
 * and be read by whoever may read the other. */
static enum err
check_owner(struct call *c, const struct branch *b, const struct metadata *m,
    const char *name, struct str place)
{
	struct location_owner own = { .catalog = b->catalog.id };
	const struct value *row;

	(void)id_parse(metadata_uuid(m), &own.object);
	TRY(location_rows_meet_above(c, object_path(place), &own, &row));
	if (row == NULL)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "%s lies in the place of another table, or of one that was "
	    "dropped: choose another: " STR_FMT,
	    name, STR_ARG(place));
}

enum err
table_places_guard(struct call *c, const struct branch *b,
    const struct table_places *before, const struct metadata *m)
{
	struct table_places now = table_places_of(m);

	for (size_t i = 0; i < TABLE_PLACES; i++) {
		bool known = before != NULL && before->at[i].ptr != NULL &&
			     str_eq(before->at[i], now.at[i]);

		if (now.at[i].ptr == NULL || known)
			continue;
		TRY(location_guard(c, b, place_names[i], now.at[i]));
		if (i != 0) /* who has the first is location_owners.h's */
			TRY(check_owner(c, b, m, place_names[i], now.at[i]));
	}
	return OK;
}
