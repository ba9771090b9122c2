/* metadata.c - reads and writes members of table metadata. */
#include "iceberg/metadata.h"

#include "base/clock.h"
#include "iceberg/int_map.h"
#include "iceberg/member.h"

struct metadata
metadata_new(struct arena *a, int format_version, struct str uuid,
    struct str location, int64_t now_ms)
{
	static const char *const lists[] = { "schemas", "partition-specs",
		"sort-orders", "snapshots", "statistics",
		"partition-statistics", "snapshot-log", "metadata-log" };
	yyjson_mut_doc *doc = json_new(a);
	struct metadata m = {
		.arena = a, .doc = doc, .root = yyjson_mut_obj(doc)
	};

	yyjson_mut_doc_set_root(doc, m.root);
	metadata_put_number(&m, "format-version", format_version);
	member_put_string(doc, m.root, "table-uuid", uuid);
	member_put_string(doc, m.root, "location", location);
	metadata_put_number(&m, "last-updated-ms", now_ms);
	metadata_put_number(&m, "last-column-id", 0);
	metadata_put_number(&m, "last-partition-id", 999);
	member_put(doc, m.root, "properties", yyjson_mut_obj(doc));
	metadata_put_current_snapshot(&m, false, 0);
	member_put(doc, m.root, "refs", yyjson_mut_obj(doc));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		member_put(doc, m.root, lists[i], yyjson_mut_arr(doc));
	return m;
}

enum err
metadata_in_time(const struct metadata *m, struct error *e)
{
	if (m->deadline_us == 0 || clock_mono_us() < m->deadline_us)
		return OK;
	return fail(e, ERR_SLOW_DOWN,
	    "The changes could not be worked through in time");
}

struct str
metadata_text(const struct metadata *m)
{
	return json_mut_text(m->arena, m->root);
}

yyjson_mut_val *
metadata_list(const struct metadata *m, const char *name)
{
	return member_find(m->root, name);
}

int64_t
metadata_number(const struct metadata *m, const char *name, int64_t absent)
{
	yyjson_mut_val *v = member_find(m->root, name);

	return v != NULL ? member_number(v) : absent;
}

void
metadata_put_number(struct metadata *m, const char *name, int64_t n)
{
	member_put_number(m->doc, m->root, name, n);
}

int
metadata_format_version(const struct metadata *m)
{
	return (int)metadata_number(m, "format-version", 0);
}

struct str
metadata_uuid(const struct metadata *m)
{
	return json_mut_str(member_find(m->root, "table-uuid"));
}

struct str
metadata_location(const struct metadata *m)
{
	return json_mut_str(member_find(m->root, "location"));
}

int64_t
metadata_last_updated_ms(const struct metadata *m)
{
	return metadata_number(m, "last-updated-ms", 0);
}

struct str
metadata_property(const struct metadata *m, const char *name)
{
	return json_mut_str(
	    member_find(member_find(m->root, "properties"), name));
}

int64_t
metadata_property_number(
    const struct metadata *m, const char *name, int64_t absent)
{
	int64_t n = absent;

	(void)str_to_int(metadata_property(m, name), &n);
	return n;
}

bool
metadata_property_true(const struct metadata *m, const char *name)
{
	return str_eq_nocase(metadata_property(m, name), STR("true"));
}

bool
metadata_current_snapshot(const struct metadata *m, int64_t *ret)
{
	int64_t id = metadata_number(m, "current-snapshot-id", -1);

	if (id == -1)
		return false;
	*ret = id;
	return true;
}

void
metadata_put_current_snapshot(struct metadata *m, bool any, int64_t id)
{
	if (!any && metadata_format_version(m) >= 3)
		member_put(m->doc, m->root, "current-snapshot-id",
		    yyjson_mut_null(m->doc));
	else
		metadata_put_number(m, "current-snapshot-id", any ? id : -1);
}

yyjson_mut_val *
metadata_entry(
    const struct metadata *m, const char *list, const char *id_name, int64_t id)
{
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, list));
	yyjson_mut_val *entry;

	while ((entry = yyjson_mut_arr_iter_next(&it)) != NULL)
		if (member_number(member_find(entry, id_name)) == id)
			return entry;
	return NULL;
}

bool
metadata_ref(
    const struct metadata *m, struct str name, int64_t *ret, bool *ret_branch)
{
	yyjson_mut_val *ref = yyjson_mut_obj_getn(
	    member_find(m->root, "refs"), name.ptr, name.len);

	if (ref == NULL)
		return false;
	*ret = member_number(member_find(ref, "snapshot-id"));
	*ret_branch = str_eq_nocase(
	    json_mut_str(member_find(ref, "type")), STR("branch"));
	return true;
}

static void
keep_known(struct metadata *m, const char *list, const struct int_map *known)
{
	yyjson_mut_val *kept = yyjson_mut_arr(m->doc), *entry;
	yyjson_mut_arr_iter it =
	    yyjson_mut_arr_iter_with(metadata_list(m, list));

	/* the iterator has moved past `entry` before append relinks it */
	for (entry = yyjson_mut_arr_iter_next(&it); entry != NULL;) {
		yyjson_mut_val *next = yyjson_mut_arr_iter_next(&it);
		int64_t id = member_number(member_find(entry, "snapshot-id"));

		if (int_map_find(known, id) != NULL)
			yyjson_mut_arr_append(kept, entry);
		entry = next;
	}
	member_put(m->doc, m->root, list, kept);
}

void
metadata_refs_only(struct metadata *m)
{
	struct int_map known = { 0 };
	yyjson_mut_obj_iter it =
	    yyjson_mut_obj_iter_with(metadata_list(m, "refs"));
	yyjson_mut_val *key;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL) {
		yyjson_mut_val *id = member_find(key->next, "snapshot-id");

		*int_map_slot(&known, member_number(id), m->arena) = id;
	}
	keep_known(m, "snapshots", &known);
	keep_known(m, "statistics", &known);
	keep_known(m, "partition-statistics", &known);
}

static void
put_legacy_layout(struct metadata *m)
{
	yyjson_mut_val *schema = metadata_entry(m, "schemas", "schema-id",
	    metadata_number(m, "current-schema-id", -1));
	yyjson_mut_val *spec = metadata_entry(m, "partition-specs", "spec-id",
	    metadata_number(m, "default-spec-id", -1));

	if (schema != NULL)
		member_put(m->doc, m->root, "schema",
		    yyjson_mut_val_mut_copy(m->doc, schema));
	if (spec != NULL)
		member_put(m->doc, m->root, "partition-spec",
		    yyjson_mut_val_mut_copy(
			m->doc, member_find(spec, "fields")));
}

void
metadata_fit_version(struct metadata *m)
{
	int version = metadata_format_version(m);
	int64_t current = 0;

	if (version == 1) {
		put_legacy_layout(m);
	} else {
		yyjson_mut_obj_remove_key(m->root, "schema");
		yyjson_mut_obj_remove_key(m->root, "partition-spec");
		if (member_find(m->root, "last-sequence-number") == NULL)
			metadata_put_number(m, "last-sequence-number", 0);
	}
	if (version >= 3 && member_find(m->root, "next-row-id") == NULL)
		metadata_put_number(m, "next-row-id", 0);
	if (!metadata_current_snapshot(m, &current))
		metadata_put_current_snapshot(m, false, 0);
}
