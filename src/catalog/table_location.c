#include "catalog/table_location.h"

#include "base/buf.h"
#include "cache/immutable_cache.h"
#include "catalog/table_file.h"

static struct str
cached_name(struct arena *a, struct str file)
{
	struct buf name = buf_in(a);

	buf_add(&name, STR("location:"));
	buf_add(&name, file);
	return buf_str(&name);
}

static enum err
read_location(struct call *c, struct str file, struct str *ret)
{
	struct metadata metadata;
	struct str text;

	TRY(table_file_text(c, file, &text));

	enum err err = table_file_parse(c, text, &metadata);

	if (err != OK)
		return table_file_damaged(c, err, file);
	*ret = metadata_location(&metadata);
	return OK;
}

enum err
table_location(struct call *c, struct str file, struct str *ret)
{
	struct str name = cached_name(c->arena, file);
	struct cached found;

	TRY(immutable_cache_find(c, name, &found));
	if (found.value.ptr != NULL) {
		*ret = arena_copy(c->arena, found.value);
		immutable_cache_release(c, &found);
		return OK;
	}
	TRY(read_location(c, file, ret));
	immutable_cache_put(c, name, *ret, CACHE_FOREVER);
	return OK;
}
