/*
 * fuzz_plan.c - manifest lists and manifests from hostile bytes.
 *
 * The input takes the place of each file of a plan that is good otherwise
 * (tests/data/manifests), under a filter of its columns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "iceberg/scan_plan.h"
#include "tests/fuzz/pool_thread.h"

static const char table[] =
    "{\"format-version\":3,\"table-uuid\":"
    "\"0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d\",\"location\":\"file:/w\","
    "\"last-sequence-number\":3,\"next-row-id\":200,\"last-updated-ms\":1,"
    "\"last-column-id\":3,\"current-schema-id\":0,\"schemas\":[{\"type\":"
    "\"struct\",\"schema-id\":0,\"fields\":["
    "{\"id\":1,\"name\":\"id\",\"required\":false,\"type\":\"long\"},"
    "{\"id\":2,\"name\":\"kind\",\"required\":false,\"type\":\"string\"},"
    "{\"id\":3,\"name\":\"at\",\"required\":false,\"type\":\"timestamp\"}]}],"
    "\"default-spec-id\":0,\"last-partition-id\":1001,\"partition-specs\":["
    "{\"spec-id\":0,\"fields\":[{\"source-id\":2,\"field-id\":1000,\"name\":"
    "\"kind\",\"transform\":\"identity\"},{\"source-id\":3,\"field-id\":1001,"
    "\"name\":\"at_day\",\"transform\":\"day\"}]}],\"default-sort-order-id\":"
    "0,\"sort-orders\":[{\"order-id\":0,\"fields\":[]}],"
    "\"current-snapshot-id\":7,\"snapshots\":[{\"snapshot-id\":7,"
    "\"sequence-number\":3,\"timestamp-ms\":2,\"manifest-list\":"
    "\"file:/w/l\",\"summary\":{\"operation\":\"append\"}}]}";

static const char filter[] =
    "{\"type\":\"or\",\"left\":{\"type\":\"lt\",\"term\":\"id\",\"value\":7},"
    "\"right\":{\"type\":\"not-null\",\"term\":\"kind\"}}";

enum { LIST, DATA, DELETES, FILES };

static const char *const names[FILES] = { "tests/data/manifests/list-v3.avro",
	"tests/data/manifests/data-v3.avro",
	"tests/data/manifests/deletes-v3.avro" };

static const struct str *
known(void)
{
	static char bytes[FILES][8192];
	static struct str files[FILES];

	for (int i = 0; i < FILES && files[i].ptr == NULL; i++) {
		FILE *file = fopen(names[i], "r");

		if (file == NULL)
			abort();
		files[i].len = fread(bytes[i], 1, sizeof(bytes[i]), file);
		files[i].ptr = bytes[i];
		(void)fclose(file);
	}
	return files;
}

static struct scan_plan *
plan_of(struct arena *a, struct work_budget *budget, struct metadata *m,
    struct str list)
{
	static struct str stats[] = { { "id", 2 }, { "at", 2 } };
	struct scan_request request = { .snapshot_id = SNAPSHOT_NONE,
		.start_snapshot_id = SNAPSHOT_NONE,
		.end_snapshot_id = SNAPSHOT_NONE,
		.stats_fields = { stats, 2 } };
	struct scan_plan *p = NULL;
	yyjson_val *json = NULL;
	struct error e;

	if (json_parse(a, str_from(filter), &json, &e) != OK ||
	    metadata_parse(a, str_from(table), m, &e) != OK)
		abort();
	request.filter = json;
	if (scan_plan_new(m, &request, budget, &p, &e) != OK)
		abort();
	if (scan_plan_add_list(p, &scan_plan_snapshots(p)->at[0], list, &e) !=
	    OK)
		return NULL;
	return p;
}

/* What is accepted is JSON. */
static void
write_all(struct arena *a, const struct scan_plan *p, const struct str *files)
{
	struct scan_ranges parts = scan_plan_cut(p, 9);
	struct buf b = buf_in(a);
	yyjson_val *json;
	struct error e;

	if (parts.count == 0)
		return;

	struct scan_sources all = scan_plan_sources(p, parts.at[0]);

	for (size_t i = 0; i < all.count; i++)
		all.at[i].bytes = files[i == 0 ? DELETES : DATA];
	buf_add_char(&b, '{');
	if (scan_plan_write(p, all, &b, &e) != OK)
		return;
	buf_add_char(&b, '}');
	if (json_parse(a, buf_str(&b), &json, &e) != OK)
		abort();
}

static int
try_input(const uint8_t *data, size_t size)
{
	for (int i = 0; i < FILES; i++) {
		struct arena *a = arena_new();
		struct work_budget budget =
		    work_until(clock_mono_us() + CLOCK_SECOND);
		struct str files[FILES];
		struct scan_plan *p;
		struct metadata m;

		memcpy(files, known(), sizeof(files));
		files[i] = (struct str){ (const char *)data, size };
		p = plan_of(a, &budget, &m, files[LIST]);
		if (p != NULL)
			write_all(a, p, files);
		arena_free(a);
	}
	return 0;
}
