/* properties.c - merging maps by a sorted index, because a client chooses how
 * many properties there are. */
#include "iceberg/properties.h"

#include <stdlib.h>

#include "iceberg/member.h"

struct entry {
	struct str name;
	yyjson_mut_val *key; /* its value is key->next; NULL in an array */
};

struct index {
	struct entry *at; /* sorted by name */
	size_t count;
};

static int
by_name(const void *a, const void *b)
{
	return str_cmp(
	    ((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static struct index
sorted(struct index index)
{
	if (index.count > 1)
		qsort(index.at, index.count, sizeof(*index.at), by_name);
	return index;
}

static struct index
index_of_object(struct arena *a, yyjson_mut_val *object)
{
	struct index index = {
		ARENA_NEW(a, struct entry, yyjson_mut_obj_size(object)), 0
	};
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(object);
	yyjson_mut_val *key;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		index.at[index.count++] =
		    (struct entry){ json_mut_str(key), key };
	return sorted(index);
}

static struct index
index_of_array(struct arena *a, yyjson_mut_val *array)
{
	struct index index = {
		ARENA_NEW(a, struct entry, yyjson_mut_arr_size(array)), 0
	};
	yyjson_mut_arr_iter it = yyjson_mut_arr_iter_with(array);
	yyjson_mut_val *name;

	while ((name = yyjson_mut_arr_iter_next(&it)) != NULL)
		index.at[index.count++].name = json_mut_str(name);
	return sorted(index);
}

static const struct entry *
index_find(const struct index *index, struct str name)
{
	struct entry wanted = { .name = name };

	if (index->count == 0)
		return NULL;
	return bsearch(
	    &wanted, index->at, index->count, sizeof(*index->at), by_name);
}

bool
property_is_reserved(struct str name)
{
	static const char *const names[] = { "format-version", "uuid",
		"snapshot-count", "current-snapshot-id",
		"current-snapshot-summary", "current-snapshot-timestamp-ms",
		"current-schema", "default-partition-spec",
		"default-sort-order" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(name, str_from(names[i])))
			return true;
	return false;
}

bool
properties_set(struct metadata *m, yyjson_mut_val *updates)
{
	yyjson_mut_val *properties = metadata_list(m, "properties"), *key;
	struct index known = index_of_object(m->arena, properties);
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(updates);
	bool changed = false;

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL) {
		struct str name = json_mut_str(key);
		struct str value = json_mut_str(key->next);
		const struct entry *entry = index_find(&known, name);

		if (property_is_reserved(name))
			continue;
		if (entry == NULL) {
			yyjson_mut_obj_add(properties, json_of(m->doc, name),
			    json_of(m->doc, value));
			changed = true;
		} else if (!str_eq(json_mut_str(entry->key->next), value)) {
			yyjson_mut_set_strn(
			    entry->key->next, value.ptr, value.len);
			changed = true;
		}
	}
	return changed;
}

bool
properties_remove(struct metadata *m, yyjson_mut_val *names)
{
	yyjson_mut_val *properties = metadata_list(m, "properties"), *key;
	struct index removed = index_of_array(m->arena, names);
	yyjson_mut_val *kept = yyjson_mut_obj(m->doc);
	yyjson_mut_obj_iter it = yyjson_mut_obj_iter_with(properties);

	while ((key = yyjson_mut_obj_iter_next(&it)) != NULL)
		if (index_find(&removed, json_mut_str(key)) == NULL)
			yyjson_mut_obj_add(kept,
			    json_of(m->doc, json_mut_str(key)),
			    json_of(m->doc, json_mut_str(key->next)));
	if (yyjson_mut_obj_size(kept) == yyjson_mut_obj_size(properties))
		return false;
	member_put(m->doc, m->root, "properties", kept);
	return true;
}

enum err
properties_check(const struct metadata *m, struct error *e)
{
	static const char *const numbers[] = { "commit.retry.num-retries",
		"commit.retry.min-wait-ms", "commit.retry.max-wait-ms",
		"commit.retry.total-timeout-ms" };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct str value = metadata_property(m, numbers[i]);
		int64_t n = 0;

		if (value.ptr == NULL)
			continue;
		if (!str_to_int(value, &n) || n < 0)
			return fail(e, ERR_ILLEGAL_ARGUMENT,
			    "Table property %s must have non negative integer "
			    "value: " STR_FMT,
			    numbers[i], STR_ARG(value));
	}
	return OK;
}
