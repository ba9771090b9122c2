/*
 * manifest_fixture.h - the manifest lists and manifests that PyIceberg wrote
 * (tests/data/manifests), and reading of any.
 */
#ifndef PANGOLIN_MANIFEST_FIXTURE_H
#define PANGOLIN_MANIFEST_FIXTURE_H

#include "iceberg/manifest.h"
#include "tests/unit/metadata_fixture.h"
#include "tests/unit/work_fixture.h"

#define ALL_METRICS (MANIFEST_COUNTS | MANIFEST_BOUNDS | MANIFEST_SIZES)
#define ROWS_MAX 8

struct rows {
	struct manifest at[ROWS_MAX];
	size_t count;
};

static inline struct str
manifest_bytes(const char *name, int version)
{
	char path[64];

	(void)snprintf(
	    path, sizeof(path), "manifests/%s-v%d.avro", name, version);
	return data_text(path);
}

static inline struct rows
rows_of(struct str bytes)
{
	struct manifest_list list;
	struct rows rows = { 0 };
	bool more = true;

	if (manifest_list_open(arena, STR("file:/w/list"), bytes, plenty(),
		&list, &error) != OK)
		fail_msg("%s", error.message);
	for (; more; rows.count += more) {
		assert_true(rows.count < ROWS_MAX);
		if (manifest_list_next(&list, arena, &rows.at[rows.count],
			&more, &error) != OK)
			fail_msg("%s", error.message);
	}
	return rows;
}

static inline struct manifest_reader
entries_of(const struct manifest *m, struct str bytes)
{
	struct manifest_reader reader = { 0 };

	if (manifest_open(
		arena, m, bytes, ALL_METRICS, plenty(), &reader, &error) != OK)
		fail_msg("%s", error.message);
	return reader;
}

/* False behind the last; texts of the one before are gone. */
static inline bool
next_entry(struct manifest_reader *reader, struct manifest_entry *ret)
{
	bool more = false;

	if (manifest_next(reader, arena, ret, &more, &error) != OK)
		fail_msg("%s", error.message);
	return more;
}

#endif
