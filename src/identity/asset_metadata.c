#include "identity/asset_metadata.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "cache/read_cache.h"
#include "calls/store_call.h"
#include "catalog/names.h"
#include "identity/rights.h"
#include "record/audit.h"
#include "record/control.h"

/* ---- tags as text */
static struct str
text_of_tags(struct arena *a, const struct str *tags, size_t count)
{
	struct buf b = buf_in(a);

	buf_add_char(&b, '[');
	for (size_t i = 0; i < count; i++) {
		buf_add(&b, i == 0 ? STR("") : STR(","));
		buf_add_json(&b, tags[i]);
	}
	buf_add_char(&b, ']');
	return buf_str(&b);
}

static void
add_tags(struct arena *a, yyjson_val *all, const struct str **ret_tags,
    size_t *ret_count)
{
	struct str *at = ARENA_NEW(a, struct str, yyjson_arr_size(all));
	yyjson_arr_iter iter = yyjson_arr_iter_with(all);
	yyjson_val *one;
	size_t n = 0;

	while ((one = yyjson_arr_iter_next(&iter)) != NULL)
		at[n++] = json_str(one);
	*ret_tags = at;
	*ret_count = n;
}

static enum err
parse_tags(struct call *c, struct str text, const struct str **ret_tags,
    size_t *ret_count)
{
	yyjson_val *all;

	*ret_count = 0;
	if (text.ptr == NULL)
		return OK;
	TRY(json_parse(c->arena, text, &all, c->error));
	add_tags(c->arena, all, ret_tags, ret_count);
	return OK;
}

/* ---- one */
static enum err
metadata_of_row(
    struct call *c, const struct value *row, struct asset_metadata *ret)
{
	*ret = (struct asset_metadata){
		.id = value_id_or_nil(row[ASSET_ID]),
		.object = value_id_or_nil(row[ASSET_OBJECT]),
		.catalog = value_id_or_nil(row[ASSET_CATALOG]),
		.ns = value_str_or_absent(row[ASSET_NAMESPACE]),
		.description = value_str_or_absent(row[ASSET_DESCRIPTION]),
		.properties = value_str_or_absent(row[ASSET_PROPERTIES]),
		.discoverable = value_int_or(row[ASSET_DISCOVERABLE], 0) != 0,
		.created_by = value_id_or_nil(row[ASSET_CREATED_BY]),
		.created_us = value_int_or(row[ASSET_CREATED_US], 0),
		.updated_by = value_id_or_nil(row[ASSET_UPDATED_BY]),
		.updated_us = value_int_or(row[ASSET_UPDATED_US], 0),
	};
	return parse_tags(c, value_str_or_absent(row[ASSET_TAGS]), &ret->tags,
	    &ret->tag_count);
}

enum err
asset_metadata_find(struct call *c, struct id tenant, struct id object,
    struct asset_metadata *ret)
{
	const struct value key[] = { value_id(tenant), value_id(object) };
	const struct value *keys[] = { key };
	struct rows rows;

	*ret = (struct asset_metadata){ 0 };
	TRY(store_get(c, ENTITY_ASSET_METADATA, keys, 1, &rows));
	return rows.row[0] != NULL ? metadata_of_row(c, rows.row[0], ret) : OK;
}

static enum err
check(const struct asset_metadata *m, struct error *e)
{
	struct error why = { 0 };

	if (m->description.len > ASSET_DESCRIPTION_MAX)
		return fail(e, ERR_BAD_REQUEST,
		    "/description: at most %d bytes", ASSET_DESCRIPTION_MAX);
	if (m->properties.len > ASSET_PROPERTIES_MAX)
		return fail(e, ERR_BAD_REQUEST, "/properties: at most %d bytes",
		    ASSET_PROPERTIES_MAX);
	if (m->tag_count > ASSET_TAGS_MAX)
		return fail(
		    e, ERR_BAD_REQUEST, "/tags: at most %d", ASSET_TAGS_MAX);
	for (size_t i = 0; i < m->tag_count; i++)
		if (name_check(m->tags[i], "Tag", &why) != OK)
			return fail(e, ERR_BAD_REQUEST, "/tags/%zu: %s", i,
			    why.message);
	return OK;
}

static enum err
has_room(struct call *c, struct id tenant)
{
	struct test where = { ASSET_TENANT, TEST_EQ, value_id(tenant) };
	struct scan scan = { .entity = ENTITY_ASSET_METADATA,
		.index = INDEX_KEY,
		.limit = 1,
		.where = &where,
		.where_count = 1 };
	int64_t count;

	TRY(store_count(c, &scan, &count));
	if (count < ASSETS_DESCRIBED_MAX)
		return OK;
	return fail(c->error, ERR_BAD_REQUEST,
	    "%d tables and views of the tenant have metadata, which is the "
	    "most: delete some",
	    ASSETS_DESCRIBED_MAX);
}

static struct str
id_text(struct arena *a, struct id id)
{
	char text[ID_TEXT];

	id_format(id, text);
	return arena_copy(a, str_from(text));
}

static void
put(struct batch *b, struct id tenant, const struct asset_metadata *m)
{
	struct value *row = batch_replace(b, ENTITY_ASSET_METADATA);

	row[ASSET_TENANT] = value_id(tenant);
	row[ASSET_OBJECT] = value_id(m->object);
	row[ASSET_ID] = value_id(m->id);
	row[ASSET_CATALOG] = value_id(m->catalog);
	row[ASSET_NAMESPACE] = value_text(m->ns);
	row[ASSET_DESCRIPTION] = value_text(m->description);
	row[ASSET_TAGS] =
	    value_text(text_of_tags(b->call->arena, m->tags, m->tag_count));
	row[ASSET_PROPERTIES] = value_text(m->properties);
	row[ASSET_DISCOVERABLE] = value_int(m->discoverable);
	row[ASSET_CREATED_BY] = value_id_or_null(m->created_by);
	row[ASSET_CREATED_US] = value_int(m->created_us);
	row[ASSET_UPDATED_BY] = value_id_or_null(m->updated_by);
	row[ASSET_UPDATED_US] = value_int(m->updated_us);
}

enum err
asset_metadata_set(
    struct call *c, const struct principal *by, struct asset_metadata *io)
{
	struct batch b = batch_of(c);
	struct asset_metadata before;
	enum verdict verdict;
	size_t failed;

	TRY(check(io, c->error));
	TRY(asset_metadata_find(c, by->acts_in, io->object, &before));
	io->updated_by = by->id;
	io->updated_us = clock_now_us();
	if (id_is_nil(before.id)) {
		TRY(has_room(c, by->acts_in));
		before.id = id_v7();
		before.created_by = io->updated_by;
		before.created_us = io->updated_us;
	}
	io->id = before.id;
	io->created_by = before.created_by;
	io->created_us = before.created_us;
	put(&b, by->acts_in, io);
	control_name_id(&b, CONTROL_RIGHTS, io->object);
	audit_add(&b, by->acts_in, io->id, id_text(c->arena, io->object));
	return control_apply(&b, by->acts_in, &verdict, &failed);
}

enum err
asset_metadata_delete(
    struct call *c, const struct principal *by, struct id object)
{
	const struct value key[] = { value_id(by->acts_in), value_id(object) };
	struct batch b = batch_of(c);
	struct asset_metadata found;
	enum verdict verdict;
	size_t failed;

	TRY(asset_metadata_find(c, by->acts_in, object, &found));
	if (id_is_nil(found.id))
		return fail(c->error, ERR_NOT_FOUND, "Metadata not found");
	batch_delete_row(&b, ENTITY_ASSET_METADATA, key);
	control_name_id(&b, CONTROL_RIGHTS, object);
	audit_add(&b, by->acts_in, found.id, id_text(c->arena, object));
	return control_apply(&b, by->acts_in, &verdict, &failed);
}

/* ---- all that have tags: an array of [catalog, object, namespace, tags] */
#define AT_ONCE 500

static void
add_tagged(struct buf *b, const struct value *row)
{
	char catalog[ID_TEXT], object[ID_TEXT];
	struct str tags = value_str_or_absent(row[ASSET_TAGS]);

	if (tags.len <= 2) /* "[]" */
		return;
	id_format(value_id_or_nil(row[ASSET_CATALOG]), catalog);
	id_format(value_id_or_nil(row[ASSET_OBJECT]), object);
	buf_printf(
	    b, "%s[\"%s\",\"%s\",", b->len > 1 ? "," : "", catalog, object);
	buf_add_json(b, value_str_or_absent(row[ASSET_NAMESPACE]));
	buf_add_char(b, ',');
	buf_add(b, tags);
	buf_add_char(b, ']');
}

/* Rows have descriptions and properties, too: they are dropped page by page. */
static enum err
read_tagged(
    struct call *c, struct arena *scratch, struct id tenant, struct buf *io)
{
	struct test where = { ASSET_TENANT, TEST_EQ, value_id(tenant) };
	struct scan scan = { .entity = ENTITY_ASSET_METADATA,
		.index = INDEX_KEY,
		.limit = AT_ONCE,
		.where = &where,
		.where_count = 1 };
	struct call part = *c;
	struct rows rows;

	part.arena = scratch;
	buf_add_char(io, '[');
	do {
		TRY(store_scan(&part, &scan, &rows));
		for (size_t i = 0; i < rows.count; i++)
			add_tagged(io, rows.row[i]);
		scan.after = rows.next.ptr != NULL
				 ? arena_copy(c->arena, rows.next)
				 : rows.next;
		TRY(arena_check(scratch, c->error));
		TRY(arena_check(c->arena, c->error));
		arena_reset(scratch);
	} while (scan.after.ptr != NULL);
	buf_add_char(io, ']');
	return OK;
}

static enum err
parse_tagged(struct call *c, struct str text, struct tagged_set *ret)
{
	yyjson_arr_iter iter;
	yyjson_val *all, *one;

	TRY(json_parse(c->arena, text, &all, c->error));
	iter = yyjson_arr_iter_with(all);
	*ret = (struct tagged_set){
		ARENA_NEW(c->arena, struct tagged, yyjson_arr_size(all)), 0
	};
	while ((one = yyjson_arr_iter_next(&iter)) != NULL) {
		struct tagged *t = &ret->at[ret->count];

		t->ns = json_str(yyjson_arr_get(one, 2));
		add_tags(
		    c->arena, yyjson_arr_get(one, 3), &t->tags, &t->tag_count);
		ret->count +=
		    id_parse(json_str(yyjson_arr_get(one, 0)), &t->catalog) &&
		    id_parse(json_str(yyjson_arr_get(one, 1)), &t->object);
	}
	return arena_check(c->arena, c->error);
}

enum err
tagged_of_tenant(struct call *c, struct id tenant, struct tagged_set *ret)
{
	struct str name = { (const char *)tenant.b, sizeof(tenant.b) };
	struct buf text = buf_in(c->arena);
	struct cached_text cached;

	read_cache_find_text(c, control_log(tenant), "tagged", name, &cached);
	if (cached.read.value.ptr != NULL)
		return parse_tagged(c, cached.read.value, ret);
	if (c->nowait)
		return usage_would_block(c, "There may be many tags.");

	struct arena *scratch = arena_new();

	arena_set_ceiling(scratch, arena_room(c->arena));

	enum err err = read_tagged(c, scratch, tenant, &text);

	arena_free(scratch);
	TRY(err);
	if (text.len <= RIGHTS_CACHED_MAX)
		read_cache_put(c, &cached.read, &cached.key, buf_str(&text));
	return parse_tagged(c, buf_str(&text), ret);
}
