/*
 * fuzz_view.c - view metadata and commits to views from hostile bytes.
 *
 * The input is one JSON value: an object with a `request` (create), or with
 * `metadata`, `requirements` and `updates` (commit).
 * Whatever is accepted must be readable as the metadata of a view.
 */
#include <stdlib.h>

#include "iceberg/metadata_file.h"
#include "iceberg/view.h"
#include "tests/fuzz/pool_thread.h"

#define NOW_MS 1700000100000

static const struct table_seed seed = {
	.uuid = { "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d", 36 },
	.location = { "s3://lake/v", 11 },
	.now_ms = NOW_MS,
};

static void
must_be_readable(struct arena *a, const struct metadata *m)
{
	struct metadata again;
	struct error e;

	if (view_parse(a, metadata_text(m), &again, &e) != OK ||
	    !str_eq(view_uuid(&again), view_uuid(m)))
		abort();
}

static void
commit(struct arena *a, const yyjson_val *root, struct metadata *m)
{
	bool changed = false;
	struct error e;

	(void)!view_requirements_check(
	    a, json_member(root, STR("requirements")), m, &e);

	struct str before = metadata_text(m);

	if (view_updates_apply(m, json_member(root, STR("updates")), NOW_MS,
		&changed, &e) != OK)
		return;
	must_be_readable(a, m);
	if (!changed && !str_eq(before, metadata_text(m)))
		abort();
}

static int
try_input(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct arena *a = arena_new();
	yyjson_val *root = NULL;
	struct metadata m;
	struct error e;

	if (json_parse(a, text, &root, &e) == OK) {
		if (view_create(a, json_member(root, STR("request")), &seed, &m,
			&e) == OK) {
			must_be_readable(a, &m);
			commit(a, root, &m);
		}
		if (view_parse(a,
			json_text(a, json_member(root, STR("metadata"))), &m,
			&e) == OK)
			commit(a, root, &m);
	}
	arena_free(a);
	return 0;
}
