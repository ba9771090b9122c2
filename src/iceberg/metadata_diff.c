/*
 * metadata_diff.c - compares members as text: this server keeps their order, so
 * members that differ in order alone were written by another program.
 */
#include "iceberg/metadata_diff.h"

/* A word for each member, those of one word together. */
static const struct {
	const char *word, *member;
} members[] = {
	{ "schema", "schemas" },
	{ "schema", "current-schema-id" },
	{ "partition-spec", "partition-specs" },
	{ "partition-spec", "default-spec-id" },
	{ "sort-order", "sort-orders" },
	{ "sort-order", "default-sort-order-id" },
	{ "snapshots", "current-snapshot-id" },
	{ "snapshots", "snapshots" },
	{ "snapshots", "refs" },
	{ "version", "current-version-id" },
	{ "version", "versions" },
	{ "properties", "properties" },
	{ "location", "location" },
	{ "format-version", "format-version" },
	{ "statistics", "statistics" },
	{ "statistics", "partition-statistics" },
	{ "encryption-keys", "encryption-keys" },
};

static struct str
member_text(const struct metadata *m, const char *name)
{
	const yyjson_mut_val *v = yyjson_mut_obj_get(m->root, name);

	return v != NULL ? json_mut_text(m->arena, v) : (struct str){ 0 };
}

size_t
metadata_diff(const struct metadata *a, const struct metadata *b,
    struct str ret[METADATA_DIFF_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		struct str word = str_from(members[i].word);
		struct str one = member_text(a, members[i].member);
		struct str other = member_text(b, members[i].member);

		if (count != 0 && str_eq(ret[count - 1], word))
			continue;
		if ((one.ptr == NULL) != (other.ptr == NULL) ||
		    !str_eq(one, other))
			ret[count++] = word;
	}
	if (count == 0)
		ret[count++] = STR("metadata");
	return count;
}
