/*
 * fuzz_metadata.c - table metadata and commits from hostile bytes.
 *
 * The input is one JSON value: an object with a `request` (create), or with
 * `metadata`, `requirements` and `updates` (commit).
 * Whatever is accepted must be writable and acceptable again.
 */
#include <stdlib.h>

#include "iceberg/create_table.h"
#include "iceberg/metadata_check.h"
#include "iceberg/requirements.h"
#include "iceberg/updates.h"
#include "tests/fuzz/pool_thread.h"

static const struct str uuid = { "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d", 36 };
static const struct str location = { "s3://lake/t", 11 };

#define NOW_MS 1700000100000

static void
must_be_readable(struct arena *a, const struct metadata *m)
{
	struct metadata again;
	struct error e;

	if (metadata_parse(a, metadata_text(m), &again, &e) != OK ||
	    metadata_check(&again, &e) != OK)
		abort();
	metadata_refs_only(&again);
}

static void
create(struct arena *a, const yyjson_val *root)
{
	struct table_seed seed = {
		.uuid = uuid, .location = location, .now_ms = NOW_MS
	};
	struct metadata m;
	struct error e;

	if (create_table(a, json_member(root, STR("request")), &seed, true, &m,
		&e) == OK)
		must_be_readable(a, &m);
	if (create_from_updates(
		a, json_member(root, STR("updates")), &seed, &m, &e) == OK)
		must_be_readable(a, &m);
}

static void
commit(struct arena *a, const yyjson_val *root)
{
	struct update_context context = {
		.now_ms = NOW_MS, .base_file = STR("00001-x"), .uuid = uuid
	};
	struct update_result result;
	struct metadata m;
	struct str next;
	struct error e;

	if (metadata_parse(a, json_text(a, json_member(root, STR("metadata"))),
		&m, &e) != OK ||
	    metadata_check_all(&m, &e) != OK)
		return;
	(void)!requirements_check(
	    a, json_member(root, STR("requirements")), &m, &e);
	if (updates_apply(&m, json_member(root, STR("updates")), &context,
		&result, &e) != OK)
		return;
	must_be_readable(a, &m);
	(void)!metadata_file_next(&m, context.base_file, uuid, &next, &e);
}

static int
try_input(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	yyjson_val *root = NULL;
	struct error e;

	if (json_parse(
		a, (struct str){ (const char *)data, size }, &root, &e) == OK &&
	    yyjson_is_obj(root)) {
		create(a, root);
		if (json_member(root, STR("metadata")) != NULL)
			commit(a, root);
	}
	arena_free(a);
	return 0;
}
